// Asks the concierge one question and returns one answer. It stores two things for the shopper: the
// pass, which survives the tab, and the id of the conversation, which ends with the tab.

const PASS = ["localStorage", "concierge-pass"];
const SESSION = ["sessionStorage", "concierge-session"];
const PATIENCE_MS = 60_000;

/**
 * Asks a question. Never throws. The result has a `kind`, and a `quota` if the answer states one:
 *   "answer": `reply`, as in the published contract
 *   "wait":   `seconds` until the next question is allowed
 *   "error":  `code` ("unreachable" if there was no answer) and `requestId`
 */
export async function ask(url, prompt) {
  const headers = { "Content-Type": "application/json" };
  const pass = recall(PASS);
  if (pass) headers["Shopper-Pass"] = pass;
  const question = {
    prompt,
    session_id: recall(SESSION),
    context: { page_url: location.origin + location.pathname },
  };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  let response, body;
  try {
    response = await fetch(url, { method: "POST", headers, body: JSON.stringify(question), signal });
    // Any answer may carry a pass, including a refusal.
    if (response.headers.has("Shopper-Pass")) keep(PASS, response.headers.get("Shopper-Pass"));
    body = await response.json();
  } catch {
    if (!response) return { kind: "error", code: "unreachable" };
  }
  const header = (name) => response.headers.get(name);
  const quota = header("X-RateLimit-Limit") && {
    limit: header("X-RateLimit-Limit"),
    remaining: header("X-RateLimit-Remaining"),
    window: header("X-RateLimit-Window"),
  };
  if (response.status === 429) {
    return { kind: "wait", seconds: Number(header("Retry-After")) || 60, quota };
  }
  if (response.ok && body) {
    if (body.session_id) keep(SESSION, body.session_id);
    return { kind: "answer", reply: body, quota };
  }
  return { kind: "error", code: body?.error, requestId: body?.request_id ?? header("X-Request-Id"), quota };
}

export const inConversation = () => Boolean(recall(SESSION));
export const forgetConversation = () => keep(SESSION, null);

// If the browser forbids storage, these values last as long as the page.
const memory = new Map();

const recall = ([area, name]) => attempt(() => window[area].getItem(name)) || memory.get(name) || undefined;
function keep([area, name], value) {
  memory.set(name, value);
  attempt(() => (value ? window[area].setItem(name, value) : window[area].removeItem(name)));
}
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}
