// What was seen, joined: each chat with its log line and with the requests that the simulators
// recorded for it.

/** The statuses that stand for an upstream that could not be reached. */
const NO_CONNECTION = [521, 522, 523, 525, 526, 530];
/** What a shopper may be refused with before the engine has had the chat. */
const AT_THE_DOOR = [...NO_CONNECTION, 401, 429];

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
  return isAdmitted(line) && !line.given_back;
}

/** Whether a limiter may have counted it without anybody's knowledge. */
export function isUnsure(line) {
  return line.limiter_ms === undefined && line.outcome === "shopper_left" || line.outcome === "limiter_unavailable";
}

export function isNoConnection({ status }) {
  return NO_CONNECTION.includes(status);
}

/** Whether the engine has had a chat, by what the simulators recorded. */
export function engineHad(records) {
  return records.some(({ status }) => !AT_THE_DOOR.includes(status));
}

/** Requests that a list of attempts stands for: {sure, left, unconnected}. */
export function countAttempts(attempts) {
  const count = (test) => attempts.filter(test).length;
  const unconnected = count(({ ended }) => ended === "no_connection");
  const left = count(({ ended }) => ended === "shopper_left");
  return { sure: attempts.length - unconnected - left, left, unconnected };
}
