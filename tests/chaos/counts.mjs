// What the merchant is shown at the end of a run: each chat counted once, but for what may be lost with a process.

import { mayBeUnlogged } from "./checks.mjs";

/** An isolate gathers counts for five seconds, and an object writes them within another. */
const GATHERED_MS = 6_500;

/**
 * The counts are those of the log. A process that is killed loses those of its last seconds, and no more. Lines that are
 * lost with it may be counted.
 */
export function countsAreThoseOfTheLog({ claimed, unclaimed, lines, all }, { lives, usage }, say) {
  const late = claimed.filter((chat) => chat.line && isLate(chat, lives)).map(({ line }) => line);
  // Nobody has seen when these ended.
  const unseen = unclaimed.flatMap((some, life) => (lives[life].killedAt === undefined ? [] : some));
  const lost = [...late, ...unseen];
  const unlogged = all.filter((chat) => !chat.line && mayBeUnlogged(chat, lives)).length;
  const compare = (what, counted, amount, most) => {
    const [logged, less] = [sum(lines, amount), sum(lost, amount)];
    if (counted < logged - less || counted > logged + unlogged * most)
      say(`${what}: ${counted} counted, ${logged} logged, of which ${less} may be lost, and ${unlogged} not logged`);
  };
  const { chats, refunded, upstream } = usage;
  compare("chats", chats.total, () => 1, 1);
  compare("chats refunded", refunded, (line) => Number(line.refunded ?? false), 1);
  compare("requests to the assistant", upstream.requests, ({ attempts = [] }) => attempts.length, Infinity);
  const outcomes = new Set([...Object.keys(chats.by_outcome), ...lines.map(({ outcome }) => outcome)]);
  for (const outcome of outcomes)
    compare(`chats with ${outcome}`, chats.by_outcome[outcome] ?? 0, (line) => Number(line.outcome === outcome), 1);
  return { counted: chats.total, logged: lines.length, lost: lost.length };
}

/** Whether a chat ended so late that its process was killed before it had to deliver what it counted. */
function isLate({ life, endedAt }, lives) {
  const { killedAt } = lives[life];
  return killedAt !== undefined && endedAt > killedAt - GATHERED_MS;
}

function sum(lines, amount) {
  return lines.reduce((total, line) => total + amount(line), 0);
}
