// What was seen, joined: each chat with its log line and with the requests that the simulators
// recorded for it.

/** The statuses that stand for an upstream that could not be reached. */
const NO_CONNECTION = [521, 522, 523, 525, 526, 530];
/** What a shopper may be refused with before the engine has had the chat. */
const AT_THE_DOOR = [...NO_CONNECTION, 401, 429];

/** How attempts end that nobody upstream has counted. */
const NOT_COUNTED = ["no_connection", "gateway_throttled", "key_refused", "store_limited"];

const OWN_BUDGETS = ["shopper", "newcomer", "network"];

/**
 * The accounts of a run. Every chat gets its `line` (none where it left, or where its process was
 * killed) and its `records`; `unclaimed` are the lines whose request id no page has seen, by life.
 */
export function account({ chats, probes, lives, records }) {
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
  return { all, claimed: [...claimed.values()], unclaimed, lines: lives.flatMap(({ lines }) => lines) };
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

/** What a chat counts in its network's budget: itself, and each request after one that may have been counted. */
export function countInNetwork(line) {
  if (!isCharged(line)) return 0;
  const { attempts = [] } = line;
  const first = attempts.findIndex(isCounted);
  return first < 0 ? 1 : attempts.length - first;
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
  return records.some(isHad);
}

function isHad({ status }) {
  return !AT_THE_DOOR.includes(status);
}

/** The requests of a chat that its network's budget holds, by what the simulators recorded. */
export function countedRequests(records) {
  const inOrder = records.toSorted((a, b) => a.at - b.at);
  const first = inOrder.findIndex(isHad);
  return first < 0 ? [] : inOrder.slice(first);
}

/** Requests that a list of attempts stands for: {sure, left, unconnected}. */
export function countAttempts(attempts) {
  const count = (test) => attempts.filter(test).length;
  const unconnected = count(({ ended }) => ended === "no_connection");
  const left = count(({ ended }) => ended === "shopper_left");
  return { sure: attempts.length - unconnected - left, left, unconnected };
}
