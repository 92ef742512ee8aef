// Asks the concierge one question and returns one answer. It stores two things for the shopper: the
// pass, which survives the tab, and the id of the conversation, which ends with the tab.

/** @typedef {[area: "localStorage" | "sessionStorage", name: string]} Place */

/** @type {Place} */
const PASS = ["localStorage", "concierge-pass"];
/** @type {Place} */
const SESSION = ["sessionStorage", "concierge-session"];
const PATIENCE_MS = 65_000;

/**
 * What a question led to. It has a `quota` if the answer states one.
 *
 * @typedef {{ limit: string, remaining: string | null, window: string | null }} Quota
 * @typedef {{ kind: "answer", reply: any }} Answer `reply` is as in the published contract
 * @typedef {{ kind: "wait", seconds: number }} Wait `seconds` until the next question is allowed
 * @typedef {{ kind: "error", code?: string, requestId?: string }} Trouble `code` is "unreachable" without an answer
 * @typedef {(Answer | Wait | Trouble) & { quota?: Quota }} Outcome
 */

/**
 * Asks a question. Never throws.
 *
 * @param {string} url
 * @param {string} prompt
 * @returns {Promise<Outcome>}
 */
export async function ask(url, prompt) {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json" };
  const pass = recall(PASS);
  if (pass) headers["Shopper-Pass"] = pass;
  const question = {
    prompt,
    session_id: recall(SESSION),
    context: { page_url: location.origin + location.pathname },
  };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  /** @type {Response | undefined} */
  let response;
  /** @type {any} */
  let body;
  try {
    response = await fetch(url, { method: "POST", headers, body: JSON.stringify(question), signal });
    // Any answer may carry a pass, including a refusal.
    const newPass = response.headers.get("Shopper-Pass");
    if (newPass !== null) keep(PASS, newPass);
    body = await response.json();
  } catch {
    if (!response) return { kind: "error", code: "unreachable" };
  }
  const { headers: told } = response;
  const limit = told.get("X-RateLimit-Limit");
  const quota = limit
    ? { limit, remaining: told.get("X-RateLimit-Remaining"), window: told.get("X-RateLimit-Window") }
    : undefined;
  if (response.status === 429) {
    return { kind: "wait", seconds: Number(told.get("Retry-After")) || 60, quota };
  }
  if (response.ok && body) {
    if (body.session_id) keep(SESSION, body.session_id);
    return { kind: "answer", reply: body, quota };
  }
  return { kind: "error", code: body?.error, requestId: body?.request_id ?? told.get("X-Request-Id"), quota };
}

/**
 * Returns the name of the assistant that answers, or null if the worker does not say.
 *
 * @param {string} url the same as for questions
 * @returns {Promise<string | null>}
 */
export async function whoAnswers(url) {
  try {
    const response = await fetch(new URL("capabilities", url), { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { assistant } = /** @type {any} */ (await response.json());
    return response.ok && typeof assistant === "string" ? assistant : null;
  } catch {
    return null;
  }
}

export const inConversation = () => Boolean(recall(SESSION));
export const forgetConversation = () => keep(SESSION, null);

// If the browser forbids storage, these values last as long as the page.
/** @type {Map<string, string | null>} */
const memory = new Map();

/** @param {Place} place */
const recall = ([area, name]) => attempt(() => window[area].getItem(name)) || memory.get(name) || undefined;

/**
 * @param {Place} place
 * @param {string | null} value
 */
function keep([area, name], value) {
  memory.set(name, value);
  attempt(() => (value ? window[area].setItem(name, value) : window[area].removeItem(name)));
}

/**
 * @template T
 * @param {() => T} action
 */
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}
