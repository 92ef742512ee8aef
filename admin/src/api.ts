// Asks the worker. An answer is what it said, or what is wrong.

import { readText } from "./usage.ts";

export type Trouble =
  | { kind: "wrong_token" }
  | { kind: "no_token_set" }
  | { kind: "not_found" }
  | { kind: "wait"; seconds: number }
  | { kind: "unreachable" }
  | { kind: "refused"; code: string; message: string };

export type Answer = { kind: "ok"; body: unknown } | Trouble;

/** After this many milliseconds, no answer is expected any more. */
const PATIENCE = 20_000;
/** The wait in seconds where none is named. */
const WAIT = 60;

/** Asks for a path, or posts something to it. */
export async function ask(token: string, path: string, post?: object): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method: post ? "POST" : "GET",
      headers: { Authorization: `Bearer ${token}`, ...(post && { "Content-Type": "application/json" }) },
      body: post && JSON.stringify(post),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body === null ? { kind: "refused", code: "", message: "" } : { kind: "ok", body };
    return trouble(response, readText(body, "error"), readText(body, "message"));
  } catch {
    return { kind: "unreachable" };
  }
}

function trouble({ status, headers }: Response, code: string, message: string): Trouble {
  if (status === 401) return { kind: "wrong_token" };
  if (status === 404) return { kind: code === "request_not_found" ? "not_found" : "no_token_set" };
  if (status !== 429) return { kind: "refused", code, message };
  const seconds = Number(headers.get("Retry-After"));
  return { kind: "wait", seconds: seconds >= 1 && seconds <= 3_600 ? Math.ceil(seconds) : WAIT };
}
