// What was seen, joined: each chat with its log line and with the requests that the simulators
// recorded for it.

/** How an attempt ends that has created the conversation, which the message follows. */
const CONTINUED = "continued";
/** How an attempt ends whose conversation the upstream does not know any more. */
export const GONE = "conversation_gone";

/** The statuses that stand for an upstream that could not be reached. */
const NO_CONNECTION = [521, 522, 523, 525, 526, 530];
/** How attempts end that nobody upstream has counted, or that have only created a conversation. */
const NOT_COUNTED = ["no_connection", "gateway_throttled", "key_refused", "store_limited", CONTINUED];

const OWN_BUDGETS = ["shopper", "newcomer", "network"];

/**
 * The accounts of a run. Every chat gets its `line` (none where it left, or where its process was
 * killed) and its `records`; `unclaimed` are the lines whose request id no page has seen, by life.
 */
export function account({ chats, probes, lives, records, others }, contract) {
  for (const record of records) record.isHad = !isNoConnection(record) && !contract.isAtTheDoor(record);
  const all = [...chats, ...probes];
  const byPrompt = Map.groupBy(records, ({ prompt }) => prompt);
  const claimed = new Map(all.filter(({ requestId }) => requestId).map((chat) => [chat.requestId, chat]));
  for (const chat of all) {
    chat.records = byPrompt.get(chat.prompt) ?? [];
    chat.lines = [];
  }
  const unclaimed = lives.map(() => []);
  lives.forEach(({ lines }, life) => {
    for (const line of lines) {
      const chat = claimed.get(line.request_id);
      if (chat) chat.lines.push(line);
      else unclaimed[life].push(line);
    }
  });
  for (const chat of all) [chat.line] = chat.lines;
  const creations = others.filter(({ endpoint }) => endpoint === contract.creation);
  const listenings = others.filter(({ endpoint }) => endpoint === contract.listening);
  const lines = lives.flatMap((life) => life.lines);
  return { all, claimed: [...claimed.values()], unclaimed, lines, creations, listenings };
}

/** Whether a limiter has let the chat through. */
export function isAdmitted({ limiter_ms: ms, outcome, budget }) {
  if (ms === undefined || outcome === "limiter_unavailable") return false;
  return !(outcome === "rate_limited" && OWN_BUDGETS.includes(budget));
}

/** Whether it counts against its shopper in the end. */
export function isCharged(line) {
  return isAdmitted(line) && !line.refunded;
}

/** Whether a limiter may have counted it without anybody's knowledge. */
export function isUnsure(line) {
  return (line.limiter_ms === undefined && line.outcome === "shopper_left") || line.outcome === "limiter_unavailable";
}

/**
 * What a chat counts in its network's budget: itself, and each attempt after one that may have been counted. The message
 * that follows the creation of its conversation is no further attempt.
 */
export function countInNetwork(line) {
  return (isCharged(line) ? 1 : 0) + furtherInNetwork(line);
}

/** What it counts beside itself, which no refund gives back. */
export function furtherInNetwork({ attempts = [] }) {
  const first = attempts.findIndex(isCounted);
  const further = (_, place) => place > first && attempts[place - 1].ended !== CONTINUED;
  return first < 0 ? 0 : attempts.filter(further).length;
}

/** Whether a chat has begun a conversation in place of one that was gone. */
export function beginsAnew(line) {
  return Boolean(line?.attempts?.some(({ ended }) => ended === GONE));
}

function isCounted({ ended }) {
  return !NOT_COUNTED.includes(ended);
}

/** Whether a limiter may have counted another attempt that was never sent. */
export function isUnsureOfMore({ outcome, detail = "", attempts = [] }) {
  if (!attempts.some(isCounted)) return false;
  const last = attempts.at(-1).ended;
  if (outcome === "shopper_left") return ![outcome, "answered"].includes(last);
  const storeIsShut = outcome === "rate_limited" && last !== "store_limited";
  return storeIsShut || isCircuitOpen({ detail }) || detail.startsWith("limiter:");
}

/** Whether the chat ended because the circuit was open. */
export function isCircuitOpen({ detail }) {
  return detail === "upstream: circuit open";
}

export function isNoConnection({ status }) {
  return NO_CONNECTION.includes(status);
}

/** Whether the engine has had a chat, by what the simulators recorded. */
export function engineHad(records) {
  return records.some(({ isHad }) => isHad);
}

/**
 * The requests of a chat that its network's budget holds, by what the simulators recorded. Those that only create a
 * conversation are none: they ask the engine for nothing, and the record does not tell whose they are.
 */
export function countedRequests(records) {
  const inOrder = records.toSorted((a, b) => a.at - b.at);
  const first = inOrder.findIndex(({ isHad }) => isHad);
  return first < 0 ? [] : inOrder.slice(first);
}

/**
 * The attempts of a log line that carried the message, and those that were to create its conversation before. An
 * attempt is logged by its end alone, but these tell: a conversation that was created takes the message next, and one
 * that is gone is created anew. Without either, `begins` says which it was, and if it is undefined, that is not known.
 */
export function byKind(attempts, begins) {
  const telling = attempts.find(({ ended }) => ended === CONTINUED || ended === GONE);
  /** @type {Record<string, { url: string, key: string, ended: string }[]>} */
  const kinds = { messages: [], creations: [], either: [] };
  const kindOf = (ended) => (ended === CONTINUED ? "creations" : "messages");
  let kind = telling ? kindOf(telling.ended) : (begins ?? "either");
  for (const attempt of attempts) {
    kinds[kind].push(attempt);
    if (attempt.ended === CONTINUED) kind = "messages";
    if (attempt.ended === "conversation_gone") kind = "creations";
  }
  return kinds;
}

/** Requests that a list of attempts stands for: {sure, left, unconnected}. So many more may be of it, or not. */
export function countAttempts(attempts, either = []) {
  const count = (test) => attempts.filter(test).length;
  const unconnected = count(({ ended }) => ended === "no_connection");
  const left = count(({ ended }) => ended === "shopper_left");
  return { sure: attempts.length - unconnected - left, left: left + either.length, unconnected };
}
