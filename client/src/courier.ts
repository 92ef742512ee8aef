// Carries requests to the worker, and sends one again where that cannot be a second turn.

import { ConciergeError } from "./error.ts";
import type { ConciergeOptions } from "./options.ts";
import { type Remedy, remedyFor } from "./remedies.ts";
import { type Listeners, readReply } from "./reply.ts";
import { PASS, type Shelf } from "./shelf.ts";
import { pause, within } from "./waiting.ts";

/** How long one request may take. It is longer than the worker's longest deadline, 60 s. */
const PATIENCE_MS = 65_000;
/** A retry waits this long, and up to twice as long: not all pages may come back at once. */
const RETRY_MS = 500;

/** What is sent, beside its path. */
export interface Parcel extends Listeners {
  /** The body of a POST. Without one, it is a GET. */
  body?: object;
  /** Whether it says nothing about who asks. */
  anonymous?: boolean;
  /** Whether the answer may come by events. */
  live?: boolean;
  signal?: AbortSignal;
}

export interface Courier {
  /**
   * Returns the answer to a request under `/v1/`.
   *
   * Rejects with a `ConciergeError`, or with what one of the page's listeners throws.
   */
  send<T>(path: string, parcel?: Parcel): Promise<T>;
}

/** `onLimited` is called each second of a wait, with the seconds that are left. */
export function hireCourier(
  { url, token: ask, fetch = globalThis.fetch }: ConciergeOptions,
  shelf: Shelf,
  onLimited: (seconds: number) => void,
): Courier {
  const { origin } = new URL(url);

  async function getToken() {
    shelf.token ||= await ask?.().catch(fail("no_token"));
    return shelf.token;
  }

  async function attempt(path: string, { body, anonymous, live, ...listeners }: Parcel, signal: AbortSignal) {
    const headers: Record<string, string> = {};
    if (body) headers["Content-Type"] = "application/json";
    if (live) headers.Accept = "text/event-stream";
    if (!anonymous) {
      const bearer = await getToken();
      if (bearer) headers.Authorization = `Bearer ${bearer}`;
      const pass = shelf.get(PASS);
      if (pass) headers["Shopper-Pass"] = pass;
    }
    const init = { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), signal };
    const response = await fetch(`${origin}/v1/${path}`, init).catch(fail("unreachable"));
    // Any answer may bring a pass, a refusal too.
    const pass = response.headers.get("Shopper-Pass");
    if (pass) shelf.set(PASS, pass);
    return readReply(response, listeners, signal);
  }

  /** Does what has to be done before a request is sent again. Rejects with its error if that cannot be done. */
  async function prepare(remedy: Remedy, error: ConciergeError, signal?: AbortSignal) {
    const ms = (error.retryAfter ?? 0) * 1_000;
    if (remedy === "retry") return pause(ms + RETRY_MS * (1 + Math.random()), signal);
    if (remedy === "wait") return countDown(Date.now() + ms, signal);
    shelf.token = "";
    // Without a token, the shopper would be an anonymous one all at once.
    if (!(await within(PATIENCE_MS, signal, getToken))) throw error;
  }

  /** Waits until this time, and says each second how many are left. */
  async function countDown(end: number, signal?: AbortSignal) {
    // By the clock, because a browser slows down the timers of a page that nobody sees.
    for (let left = end - Date.now(); left > 0; left = end - Date.now()) {
      onLimited(Math.ceil(left / 1_000));
      await pause(Math.min(left, 1_000), signal);
    }
    onLimited(0);
  }

  return {
    async send<T>(path: string, parcel: Parcel = {}) {
      const tried = new Set<Remedy>();
      for (;;) {
        try {
          return (await within(PATIENCE_MS, parcel.signal, (signal) => attempt(path, parcel, signal))) as T;
        } catch (error) {
          if (!(error instanceof ConciergeError)) throw error;
          const remedy = remedyFor(error, !parcel.body);
          if (!remedy || tried.has(remedy)) throw error;
          tried.add(remedy);
          await prepare(remedy, error, parcel.signal);
        }
      }
    },
  };
}

/** Returns what turns any failure into one of this code. */
function fail(code: string) {
  return (cause: unknown): never => {
    throw new ConciergeError(code, { cause });
  };
}
