// What a page of an origin can do, and what a page of anybody else's cannot.

import { WRANGLER } from "../folder.mjs";
import { right, skipped, warning, wrong } from "./finding.mjs";
import { isOpenToAll } from "./patterns.mjs";
import { CHAT } from "./visitor.mjs";

/**
 * @import { Finding } from "./finding.mjs"
 * @import { Answer, Visitor } from "./visitor.mjs"
 */

/** What pages send, and what they read (docs/api.md). */
const SENT = ["content-type", "shopper-pass", "authorization"];
const EXPOSED = [
  "x-request-id",
  "allow",
  "retry-after",
  "shopper-pass",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-window",
  "x-ratelimit-tier",
  "x-ratelimit-dry-run",
  "ratelimit",
  "ratelimit-policy",
  "server-timing",
];
/** Nobody can have this name (RFC 2606), and no pattern can match it: a `*` has two labels after it. */
const FOREIGN = "https://foreign-page.example";

const CHANGED =
  "Something between the browser and the worker changes the headers. Look at the zone's rules and transforms.";

/**
 * @param {Visitor} visitor
 * @param {string} origin
 * @returns {Promise<Finding[]>}
 */
export async function lookFromOrigin(visitor, origin) {
  const preflight = await preflightFrom(visitor, origin);
  if (preflight.status === 403) {
    const todo = `If it is your shop, add ${origin} to ALLOWED_ORIGINS in wrangler.toml and deploy again.`;
    return [wrong("origin", `${origin} is refused.`, todo)];
  }
  const faults = faultsOfPreflight(preflight, origin);
  if (faults.length > 0) return [wrong("origin", `A browser stops chats of ${origin}: ${faults.join(", ")}.`, CHANGED)];
  return [right("origin", `${origin} may call.`), ...(await readRefusal(visitor, origin))];
}

/**
 * Has a chat refused that costs nothing, since its prompt is empty.
 *
 * @param {Visitor} visitor
 * @param {string} origin
 * @returns {Promise<Finding[]>}
 */
async function readRefusal(visitor, origin) {
  const answer = await visitor.chat(origin, "");
  if (answer.headers.get("access-control-allow-origin") !== origin) {
    return [wrong("errors", `A page of ${origin} cannot read why it is refused.`, CHANGED)];
  }
  const missing = EXPOSED.filter((name) => !listed(answer.headers, "access-control-expose-headers").includes(name));
  if (missing.length > 0) return [wrong("errors", `A page of ${origin} cannot read ${missing.join(", ")}.`, CHANGED)];
  if (answer.json?.error === "misconfigured_proxy") return [skipped("errors", "Correct the settings first.")];
  if (answer.status === 400 && answer.json?.error === "missing_prompt" && answer.json?.request_id) {
    return [right("errors", `A page of ${origin} can read why it is refused.`)];
  }
  const todo = `Read the worker's log: ${WRANGLER} tail`;
  return [wrong("errors", `An empty chat is answered by ${answer.status} ${answer.json?.error ?? ""}.`, todo)];
}

/**
 * @param {Visitor} visitor
 * @param {string[]} entries those of ALLOWED_ORIGINS
 * @returns {Promise<Finding[]>}
 */
export async function lookAtForeigners(visitor, entries) {
  const preflight = await preflightFrom(visitor, FOREIGN);
  const chat = await visitor.chat(FOREIGN, "");
  const nameless = await visitor.chat(null, "");
  const readable = [preflight, chat].some(({ headers }) => headers.has("access-control-allow-origin"));
  const isLetIn = [chat, nameless].some(({ status, json }) => status !== 403 && json?.error !== "misconfigured_proxy");
  if (readable) return [wrong("strangers", "A page of another origin can read the answers.", CHANGED)];
  if (preflight.status !== 403 || isLetIn) {
    const todo = "Something before the worker answers in its place. Look at the zone's rules and routes.";
    return [wrong("strangers", "A page of another origin is not refused.", todo)];
  }
  const open = entries.filter(isOpenToAll);
  if (open.length > 0) return open.map(warnOfPattern);
  return [right("strangers", "A page of another origin is refused, and so is a program without one.")];
}

/** @param {string} entry */
function warnOfPattern(entry) {
  const todo = "In ALLOWED_ORIGINS, name your own origins instead, and deploy again.";
  return warning("strangers", `${entry} lets in everybody who registers a name there.`, todo);
}

/**
 * @param {Visitor} visitor
 * @param {string} origin
 */
function preflightFrom(visitor, origin) {
  return visitor.ask(CHAT, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,shopper-pass",
    },
  });
}

/**
 * Returns what a browser would object to (Fetch standard, CORS protocol).
 *
 * @param {Answer} preflight
 * @param {string} origin
 */
function faultsOfPreflight({ status, headers }, origin) {
  const faults = [];
  if (status < 200 || status > 299) faults.push(`the preflight has the status ${status}`);
  if (headers.get("access-control-allow-origin") !== origin) faults.push("Access-Control-Allow-Origin is another");
  if (!listed(headers, "access-control-allow-methods").includes("post")) faults.push("POST is not allowed");
  const allowed = listed(headers, "access-control-allow-headers");
  for (const name of SENT) if (!allowed.includes(name)) faults.push(`the header ${name} is not allowed`);
  return faults;
}

/**
 * @param {Headers} headers
 * @param {string} name
 */
function listed(headers, name) {
  return (headers.get(name) ?? "").split(",").map((part) => part.trim().toLowerCase());
}
