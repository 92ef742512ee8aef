// What an outage of the engine costs while shoppers go on chatting, and how soon it is over.

import { isCharged, isCircuitOpen } from "./accounts.mjs";

/** The most requests upstream for each chat. */
const MOST_REQUESTS_A_CHAT = 1.2;
/** How soon there is an answer again. */
const BACK_WITHIN_MS = 5_000;
/** How soon everybody knows that there is none. */
const REFUSED_WITHIN_MS = 2_000;
/** The smallest hour that the contract knows, a trial key's, and how much of it an outage may take. */
const SMALLEST_HOUR = 500;
const MOST_OF_THE_HOUR = SMALLEST_HOUR / 10;
/** The longest wait that a refusal may name while the circuit is open, in seconds: for who has just had turns at looking. */
const LONGEST_WAIT = 24;

/**
 * Figures of one outage: `chats` are those that shoppers sent while it lasted, `requests` those that
 * the simulators recorded in the same time, whoever's chats they were for.
 */
export function measure({ fault, from, until }, { all }, { records }) {
  const during = (at) => at >= from && at < until;
  const chats = all.filter(({ startedAt }) => during(startedAt));
  const requests = records.filter(({ at }) => during(at)).length;
  const waits = chats.map(({ startedAt, endedAt }) => endedAt - startedAt).sort((a, b) => a - b);
  const answers = all.filter(
    ({ end, startedAt, endedAt }) => end === "answered" && startedAt >= from && endedAt >= until,
  );
  return {
    fault,
    ms: until - from,
    chats,
    requests,
    requestsAChat: requests / chats.length,
    usualWait: waits[waits.length >> 1],
    longestWait: waits.at(-1),
    leftAlone: chats.filter(({ line }) => line && isCircuitOpen(line)),
    notSent: chats.filter(({ records }) => records.length === 0),
    backAfter: Math.min(...answers.map(({ endedAt }) => endedAt)) - until,
    until,
  };
}

/** It is bounded in every way that shoppers and the store notice. */
export function outageIsBounded(outage, say) {
  const { chats, requests, requestsAChat, longestWait, leftAlone, notSent, backAfter, until } = outage;
  if (!(requestsAChat <= MOST_REQUESTS_A_CHAT)) say(`${requests} requests upstream for ${chats.length} chats`);
  if (requests > MOST_OF_THE_HOUR) say(`${requests} requests of the store's hour, more than ${MOST_OF_THE_HOUR}`);
  if (!(backAfter <= BACK_WITHIN_MS)) say(`the first answer came ${backAfter} ms after the engine did`);
  if (longestWait > REFUSED_WITHIN_MS) say(`a chat took ${longestWait} ms to be refused`);
  for (const { n, end, code, status, endedAt, readable } of chats) {
    const isEarly = end === "answered" && endedAt >= until;
    if (end !== "refused" && !isEarly) say(`chat ${n} ended as ${end} ${status}`);
    if (!readable) say(`chat ${n}: the page cannot read ${status} ${code}`);
  }
  for (const { n, retryAfter } of leftAlone) {
    if (!(retryAfter >= 1 && retryAfter <= LONGEST_WAIT)) say(`chat ${n} is told to wait ${retryAfter} s`);
  }
  for (const chat of notSent) if (isChargedOrUnknown(chat)) say(`chat ${chat.n} was never sent, and is charged`);
}

function isChargedOrUnknown({ line }) {
  return !line || isCharged(line);
}

/** What the summary says of it. */
export function outageRows(outage) {
  const { fault, ms, chats, requests, requestsAChat, usualWait, longestWait, notSent, backAfter } = outage;
  const shoppers = new Set(chats.map(({ page }) => page)).size;
  const networks = new Set(chats.map(({ line }) => line?.limiter)).size;
  const charged = notSent.filter(isChargedOrUnknown).length;
  const refunded = notSent.filter(({ line }) => line?.refunded).length;
  return [
    [
      "An outage of the engine",
      `${(ms / 1_000).toFixed(1)} s of ${fault}: ${chats.length} chats of ${shoppers} shoppers on ${networks} networks`,
    ],
    [
      "Requests that the simulators counted in that time, divided by the chats that shoppers sent in it",
      `${requests} / ${chats.length} = ${requestsAChat.toFixed(2)} (at most ${MOST_REQUESTS_A_CHAT})`,
    ],
    ["Of a trial key's hour these are", `${requests} of ${SMALLEST_HOUR} (at most ${MOST_OF_THE_HOUR})`],
    [
      "Each of these chats had its answer within",
      `${usualWait} ms in the median, ${longestWait} ms at the longest (at most ${REFUSED_WITHIN_MS})`,
    ],
    [
      "Of these chats, never sent",
      `${notSent.length}: ${notSent.length - refunded - charged} not counted, ${refunded} refunded, ${charged} charged`,
    ],
    [
      "From the engine's return to the first good answer",
      `${(backAfter / 1_000).toFixed(1)} s (at most ${BACK_WITHIN_MS / 1_000})`,
    ],
  ];
}
