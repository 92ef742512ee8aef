// What the limiters have counted: no budget is exceeded, and every shopper is charged for what the
// log says, neither more nor less.

import { engineHad, isAdmitted, isCharged, isUnsure } from "./accounts.mjs";

/** A process that is killed forgets the second that was not written, and what was decided in it. */
const FORGOTTEN_MS = 2_500;

/** Whether the limiter may have forgotten what it decided for the chat. */
function isForgettable({ startedAt, life }, lives) {
  const { killedAt, underLoad } = lives[life];
  return underLoad && startedAt > killedAt - FORGOTTEN_MS;
}

/** No shopper, no network and no number of newcomers is above its cap, but for what was forgotten. */
export function budgetsHold({ claimed, all, lines }, { lives, addressOf }, caps, say) {
  const forgettable = claimed.filter((chat) => chat.line && isForgettable(chat, lives) && isAdmitted(chat.line));
  const forgotten = (test) => forgettable.filter(test).length;
  const admitted = lines.filter(isAdmitted);
  for (const [shopper, own] of Map.groupBy(admitted, (line) => line.shopper)) {
    const charged = own.filter(isCharged).length;
    const allowed = caps.shopper + forgotten(({ line }) => line.shopper === shopper);
    if (charged > allowed) say(`the shopper ${shopper} has had ${charged} chats of ${allowed}`);
  }
  for (const [home, own] of Map.groupBy(admitted, (line) => line.home)) {
    const more = forgotten(({ line }) => line.home === home);
    const charged = own.filter(isCharged).length;
    const newcomers = new Set(own.map(({ shopper }) => shopper)).size;
    if (charged > caps.network + more) say(`the network ${home} has had ${charged} chats of ${caps.network} + ${more}`);
    if (newcomers > caps.newcomer + more) say(`the network ${home} has had ${newcomers} newcomers of ${caps.newcomer} + ${more}`);
  }
  // The same without the log: what the simulators have had from a network.
  for (const [address, own] of Map.groupBy(all, (chat) => addressOf(chat.page))) {
    const had = own.filter(({ records }) => engineHad(records)).length;
    const more = own.filter((chat) => isForgettable(chat, lives)).length;
    if (had > caps.network + more) say(`the network ${address} has reached the engine ${had} times of ${caps.network} + ${more}`);
  }
}

/** What a shopper's last answer says is left is what the log has left it. The counts come back. */
export function chargesAreRight({ all, lines }, { lives, probes }, caps, say) {
  const counts = { exact: 0, bounded: 0 };
  const byShopper = Map.groupBy(lines, (line) => line.shopper);
  const byPage = Map.groupBy(all, (chat) => chat.page);
  for (const probe of probes) {
    if (!probe.line || probe.remaining === undefined) {
      say(`page ${probe.page} was not told what is left: ${probe.status}`);
      continue;
    }
    const { shopper } = probe.line;
    const own = byShopper.get(shopper);
    const charged = own.filter(isCharged).length;
    const chats = byPage.get(probe.page);
    const forgettable = chats.filter((chat) => chat.line?.shopper === shopper && isForgettable(chat, lives) && isAdmitted(chat.line));
    const unsure = own.filter(isUnsure).length + chats.filter(({ end, line }) => end === "killed" || (end !== "left" && !line)).length;
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
