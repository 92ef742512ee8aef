// Which refusals are worth another request. None of them may make a question a second turn.

import type { ConciergeError } from "./error.ts";

/** The longest wait that is waited out, in seconds. */
const LONGEST_WAIT = 20;

/** What helps: another token, to wait until a budget allows it, or to ask again soon. */
export type Remedy = "renew" | "wait" | "retry";

/** Returns what helps against a refusal, or undefined if nothing does. A GET may be sent again in more cases. */
export function remedyFor({ code, status = 0, retryAfter = 0 }: ConciergeError, isGet: boolean): Remedy | undefined {
  if (code === "invalid_shopper_token") return "renew";
  if (retryAfter > LONGEST_WAIT) return undefined;
  if (status === 429) return retryAfter > 0 ? "wait" : undefined;
  // With these, the worker has sent nothing to the assistant: its limiter did not answer, or its circuit breaker is open.
  const isUntaken = code === "limiter_unavailable" || (status === 502 && code !== "unreadable" && retryAfter > 0);
  return isUntaken || (isGet && status >= 502 && status <= 504) ? "retry" : undefined;
}
