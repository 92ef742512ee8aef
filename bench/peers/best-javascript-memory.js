// What an isolate remembers of refusals, bounded in number and in time.

const MOST = 1_024;
const LONGEST = 5_000;
const refusals = new Map();

const nameOf = ({ limiter, shopper, newcomer }) => `${limiter} ${newcomer ? "new" : shopper}`;

/** The refusal that still holds, its waits made shorter by the time gone by. */
export function recall(who, now) {
  const known = refusals.get(nameOf(who));
  if (known === undefined || now >= known.until) return undefined;
  const gone = Math.floor((now - known.asked) / 1_000);
  const { full, remaining, reset } = known.verdict;
  return { full: { ...full, retryAfter: full.retryAfter - gone }, remaining, reset: Math.max(0, reset - gone) };
}

export function note(who, verdict, asked) {
  if (!verdict.full) return;
  const [oldest] = refusals.keys();
  if (refusals.size >= MOST) refusals.delete(oldest);
  // The wait was rounded up, so that the last second of it is not sure.
  const until = asked + Math.min(LONGEST, (verdict.full.retryAfter - 1) * 1_000);
  refusals.set(nameOf(who), { verdict, asked, until });
}
