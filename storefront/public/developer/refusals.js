// Every refusal that a page can cause, each with a button that causes it.

import { button, make, section, telling } from "./dom.js";
import { keep, recall } from "./store.js";

const CHAT = "/v1/concierge/chat";
const JSON_TYPE = { "Content-Type": "application/json" };
/** Where the widget keeps the shopper's pass. */
const PASS = "concierge-pass";
/** So many questions exceed the most generous limit that the demo has. */
const MOST_QUESTIONS = 120;

/**
 * A request that the worker refuses. The body is a chat's, unless the path is another one.
 *
 * @typedef {object} Refused
 * @property {string} name what is wrong with it
 * @property {string} [method]
 * @property {string} [path]
 * @property {string} [body]
 * @property {Record<string, string>} [headers]
 */

/** @type {Refused[]} */
const REFUSED = [
  { name: "no prompt", body: chat({ prompt: "" }) },
  { name: "a prompt of 2,001 characters", body: chat({ prompt: "a".repeat(2_001) }) },
  { name: "a body of 9 KB", body: chat({ prompt: "A gift", context: { note: "a".repeat(9_000) } }) },
  { name: "broken JSON", body: '{"prompt": "A gift' },
  { name: "a list", body: '["A gift"]' },
  { name: "a number as session_id", body: chat({ prompt: "A gift", session_id: 42 }) },
  { name: "a text as context", body: chat({ prompt: "A gift", context: "birthday" }) },
  { name: "text/plain", body: "A gift", headers: { "Content-Type": "text/plain" } },
  {
    name: "a token that is none",
    body: chat({ prompt: "A gift" }),
    headers: { ...JSON_TYPE, Authorization: "Bearer none" },
  },
  { name: "GET of the chat", method: "GET" },
  { name: "an unknown path", method: "GET", path: "/v1/concierge/nowhere" },
  { name: "a stranger's history", method: "GET", path: "/v1/concierge/history?session_id=a-strangers" },
  { name: "a stranger's products", method: "GET", path: "/v1/concierge/products?page=a-strangers" },
  {
    name: "a sign-up without consent",
    path: "/v1/concierge/signup",
    body: chat({ session_id: "a-strangers", email: "ada@example.com" }),
  },
];

/**
 * @param {string} worker
 * @param {(words: string) => void} tell
 */
export function refusalsSection(worker, tell) {
  const buttons = REFUSED.map((refused) =>
    button(
      refused.name,
      telling(tell, async () => tell(`${refused.name}: ${await cause(worker, refused)}`)),
    ),
  );
  const limited = button(
    "questions until a budget is used up",
    telling(tell, async () => tell(await exceed(worker, tell))),
  );
  return section(
    "Refusals",
    make("p", { className: "minor", textContent: "The page sends the worker:" }),
    make("div", { className: "buttons" }, ...buttons, limited),
  );
}

/**
 * Sends the request, and tells how it was answered.
 *
 * @param {string} worker
 * @param {Refused} refused
 */
async function cause(worker, { method = "POST", path = CHAT, body, headers = JSON_TYPE }) {
  const sent = body === undefined ? {} : headers;
  return words(await fetch(worker + path, { method, headers: { ...sent, ...ownPass() }, body }));
}

/**
 * Asks until a budget is used up.
 *
 * @param {string} worker
 * @param {(words: string) => void} tell
 */
async function exceed(worker, tell) {
  for (let number = 1; number <= MOST_QUESTIONS; number += 1) {
    const body = chat({ prompt: `A gift for a friend, number ${number}` });
    const response = await fetch(worker + CHAT, { method: "POST", headers: { ...JSON_TYPE, ...ownPass() }, body });
    keepPass(response);
    if (response.status === 429) return `After ${number - 1} answers: ${await words(response)}`;
    tell(`Question ${number}: ${response.status}`);
    if (!response.ok) break;
  }
  return "No budget was used up.";
}

/** @param {Response} response */
async function words(response) {
  const { error, message } = /** @type {{ error?: string, message?: string }} */ (await response.json());
  return error ? `${response.status} ${error}. ${message}` : `${response.status}`;
}

/** @param {object} fields */
function chat(fields) {
  return JSON.stringify(fields);
}

/** @returns {Record<string, string>} */
function ownPass() {
  const pass = recall(PASS);
  return pass ? { "Shopper-Pass": pass } : {};
}

/**
 * A first question brings the shopper's pass, which the widget goes on with.
 *
 * @param {Response} response
 */
function keepPass(response) {
  const pass = response.headers.get("Shopper-Pass");
  if (pass) keep(PASS, pass);
}
