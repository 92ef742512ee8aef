// What a response says: the contract's JSON, at once or by events, or a refusal.

import { attempt } from "./attempt.ts";
import { ConciergeError } from "./error.ts";
import { eventsIn } from "./events.ts";

/** Who hears of an answer before it is whole. */
export interface Listeners {
  onDelta?: (text: string) => void;
  onStatus?: (state: string) => void;
}

/** The fields that are read here, each in the answer, the event or the refusal that has it. */
type Told = Record<"text" | "state" | "error" | "message" | "tier", string>;

/**
 * Returns the JSON of an answer. Nothing is heard after the signal.
 *
 * Rejects with the refusal, with the error that ended the events, or with `unreadable` if there is neither.
 */
export async function readReply(response: Response, { onDelta, onStatus }: Listeners, signal: AbortSignal) {
  const { ok, status, headers, body } = response;
  let told: Told | undefined;
  if (body && headers.get("Content-Type")?.startsWith("text/event-stream")) {
    for await (const [name, data] of eventsIn(body)) {
      if (signal.aborted) break;
      told = attempt(() => JSON.parse(data));
      if (name === "error") break;
      if (!told) continue;
      if (name === "delta") onDelta?.(told.text);
      if (name === "status") onStatus?.(told.state);
      if (name === "answer") return told;
    }
  } else {
    told = await response.json().catch(() => undefined);
    if (ok && told) return told;
  }
  const details = {
    status,
    requestId: headers.get("X-Request-Id") ?? undefined,
    retryAfter: Number(headers.get("Retry-After")) || undefined,
    tier: told?.tier,
  };
  throw new ConciergeError(told?.error ?? "unreadable", details, told?.message);
}
