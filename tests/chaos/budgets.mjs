// What the limiters have counted: no budget is exceeded, no network is refused before its own is
// full, and every shopper is charged for what the log says, neither more nor less.

import {
  GONE,
  beginsAnew,
  countInNetwork,
  countedRequests,
  isAdmitted,
  isCharged,
  isUnsure,
  isUnsureOfMore,
} from "./accounts.mjs";

/** A process that is killed forgets the second that was not written, and what was decided in it. */
const FORGOTTEN_MS = 2_500;

/** Whether the limiter may have forgotten what it decided for the chat, from this time on. */
function isForgettable({ startedAt, life }, lives, from = startedAt) {
  const { killedAt, underLoad } = lives[life];
  return underLoad && from > killedAt - FORGOTTEN_MS;
}

/** Whether a limiter has counted the chat, or may have, as far as its page knows. */
function mayBeAdmitted({ line, end }) {
  return line ? isAdmitted(line) : end === "left";
}

/** Whose the chats are that limiters may have forgotten: {shopper, limiter} of each. */
function forgettableChats({ all, claimed }, lives) {
  // Who leaves sees no request id; the page's other chats tell who it was.
  const known = new Map(claimed.filter(({ line }) => line?.shopper).map(({ page, line }) => [page, line]));
  const chats = all.filter((chat) => isForgettable(chat, lives) && mayBeAdmitted(chat));
  return chats.map(({ page, line }) => line ?? known.get(page) ?? {});
}

/** How many requests of an admitted chat its network may have forgotten. */
function forgettableRequests(chat, lives) {
  const { killedAt, underLoad } = lives[chat.life];
  const counted = countedRequests(chat.records);
  // In place of a conversation that is gone, the first request that the engine has is one more already.
  const retries = beginsAnew(chat.line) ? counted : counted.slice(1);
  const late = retries.filter(({ at }) => underLoad && at > killedAt - FORGOTTEN_MS);
  return late.length + (isForgettable(chat, lives) ? 1 : 0);
}

const sum = (list, count) => list.reduce((total, one) => total + count(one), 0);

/** No shopper and no number of newcomers is above its cap, but for what was forgotten. */
export function budgetsHold({ all, claimed, lines }, { lives }, caps, say) {
  const forgettable = forgettableChats({ all, claimed }, lives);
  const forgotten = (test) => forgettable.filter(test).length;
  const admitted = lines.filter(isAdmitted);
  for (const [shopper, own] of Map.groupBy(admitted, (line) => line.shopper)) {
    const charged = own.filter(isCharged).length;
    const allowed = caps.shopper + forgotten((who) => who.shopper === shopper);
    if (charged > allowed) say(`the shopper ${shopper} has had ${charged} chats of ${allowed}`);
  }
  for (const [limiter, own] of Map.groupBy(admitted, (line) => line.limiter)) {
    const more = forgotten((who) => who.limiter === limiter);
    const newcomers = new Set(own.map(({ shopper }) => shopper)).size;
    if (newcomers > caps.newcomer + more)
      say(`the network ${limiter} has had ${newcomers} newcomers of ${caps.newcomer} + ${more}`);
  }
}

/**
 * No network has had more requests than its budget, neither by the log nor by what the simulators
 * recorded, and none was refused before they were as many. Of how many of these the log has exactly
 * as many comes back.
 */
export function networksAreRight({ all, claimed, lines, unclaimed }, { lives, probes, addressOf }, caps, say) {
  const counts = { exact: 0, bounded: 0 };
  const limiters = new Map(
    claimed.filter(({ line }) => line?.limiter).map((chat) => [addressOf(chat.page), chat.line.limiter]),
  );
  const byLimiter = Map.groupBy(lines, ({ limiter }) => limiter);
  const unread = Map.groupBy(unclaimed.flat(), ({ limiter }) => limiter);
  const isRefused = (line) => line?.outcome === "rate_limited" && line.budget === "network";
  const fullAtLast = new Set(probes.filter(({ line }) => isRefused(line)).map(({ line }) => line.limiter));
  for (const [address, chats] of Map.groupBy(all, (chat) => addressOf(chat.page))) {
    const forgotten = (test) => sum(chats.filter(test), (chat) => forgettableRequests(chat, lives));
    const had = sum(chats, ({ records }) => countedRequests(records).length);
    const most = caps.network + forgotten(({ records }) => countedRequests(records).length > 0);
    if (had > most) say(`the network ${address} has reached the engine ${had} times of ${most}`);
    const limiter = limiters.get(address);
    const own = byLimiter.get(limiter) ?? [];
    const logged = sum(own, countInNetwork);
    const mostLogged = caps.network + forgotten(mayBeAdmitted);
    if (logged > mostLogged) say(`the network ${address} has had ${logged} requests of ${mostLogged}`);
    if (!own.some(isRefused)) continue;
    // What was refunded later was counted then.
    const back = fullAtLast.has(limiter) ? 0 : own.filter((line) => line.refunded).length;
    // A refund that was not written yet is forgotten with the process, and the chat is counted again.
    const backs = chats.filter(({ line }) => line?.refunded);
    const again = fullAtLast.has(limiter) ? backs.filter((chat) => isForgettable(chat, lives, chat.endedAt)).length : 0;
    // Of whom the log says nothing, the most is assumed.
    const unknown = chats.filter((chat) => !chat.line && chat.end !== "left");
    const left = chats.filter(({ end }) => end === "left").length - (unread.get(limiter) ?? []).length;
    // A retry that was counted for a conversation that is gone, and whose shopper left before it was sent.
    const goneOnes = sum(own, (line) => (line.attempts?.at(-1)?.ended === GONE ? 1 : 0));
    const more =
      back +
      again +
      own.filter((line) => isUnsure(line) || isUnsureOfMore(line)).length +
      sum(unknown, ({ records }) => Math.max(1, records.length)) +
      Math.max(0, left) +
      goneOnes;
    if (logged + more < caps.network)
      say(`the network ${address} was refused after ${logged} to ${logged + more} requests of ${caps.network}`);
    counts[logged === caps.network ? "exact" : "bounded"] += 1;
  }
  return counts;
}

/** What a shopper's last answer says is left is what the log has left it. The counts come back. */
export function chargesAreRight({ all, claimed, lines }, { lives, probes }, caps, say) {
  const counts = { exact: 0, bounded: 0 };
  const byShopper = Map.groupBy(lines, (line) => line.shopper);
  const byPage = Map.groupBy(all, (chat) => chat.page);
  const forgottenOf = Map.groupBy(forgettableChats({ all, claimed }, lives), (who) => who.shopper);
  for (const probe of probes) {
    if (!probe.line || probe.remaining === undefined) {
      say(`page ${probe.page} was not told what is left: ${probe.status}`);
      continue;
    }
    const { shopper } = probe.line;
    const own = byShopper.get(shopper) ?? [];
    const charged = own.filter(isCharged).length;
    const chats = byPage.get(probe.page) ?? [];
    const forgettable = forgottenOf.get(shopper) ?? [];
    const unsure =
      own.filter(isUnsure).length +
      chats.filter(({ end, line }) => end === "killed" || (end !== "left" && !line)).length;
    const used = caps.shopper - probe.remaining;
    const least = Math.max(0, charged - forgettable.length);
    const most = charged + unsure + forgettable.length;
    if (used < Math.min(least, caps.shopper) || used > most) {
      say(`page ${probe.page} (${shopper}) is charged ${used}, by the log ${least} to ${most}`);
    }
    counts[least === most ? "exact" : "bounded"] += 1;
  }
  return counts;
}
