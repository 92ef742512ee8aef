// Whether /admin is on, where the merchant sees what the worker does, and whether its page is all there.

import { WRANGLER } from "../folder.mjs";
import { right, skipped, wrong } from "./finding.mjs";

/**
 * @import { Finding } from "./finding.mjs"
 * @import { Answer, Visitor } from "./visitor.mjs"
 */

const CHECK = "admin";
const PAGE = "/admin";

/** What the page loads, and how it names it. */
const PARTS = /** @type {const} */ ([
  ["script", /<script\b[^>]*\bsrc="(\/[^"]+)"/],
  ["style sheet", /<link\b[^>]*\brel="stylesheet"[^>]*\bhref="(\/[^"]+)"/],
]);
/** No other site can put the page into a frame (CSP level 3, section 6.4.2). */
const UNFRAMED = /(^|[;,])\s*frame-ancestors\s+'none'\s*([;,]|$)/i;

const DEPLOY = "Deploy the whole folder again, with its assets.";

/**
 * Asks for the figures without a token. That costs nothing.
 *
 * @param {Visitor} visitor
 * @param {Answer} health
 * @returns {Promise<Finding>}
 */
export async function lookAtAdmin(visitor, health) {
  if (health.status !== 200) return skipped(CHECK, "Correct the settings first.");
  const { status, json } = await visitor.ask("/admin/usage");
  // Whatever else asks for a password answers 401, too.
  if (status === 401 && json?.error === "invalid_admin_token") return lookAtPage(visitor);
  if (status === 404) {
    const todo = `To see there what the worker does, set a token of 32 characters or more: ${WRANGLER} secret put ADMIN_TOKEN`;
    return { ...right(CHECK, "/admin is off."), todo };
  }
  const todo =
    status === 200
      ? "Take the token out of what stands before the worker: it lets everybody see the figures, and lift blocks."
      : remedyOf(status);
  return wrong(CHECK, `Without a token, /admin/usage is answered by ${status}.`, todo);
}

/**
 * Asks for the page and for what it loads.
 *
 * @param {Visitor} visitor
 * @returns {Promise<Finding>}
 */
async function lookAtPage(visitor) {
  const { status, headers, text } = await visitor.ask(PAGE);
  if (status !== 200) return wrong(CHECK, `The page has the status ${status}.`, remedyOf(status));
  if (!/^text\/html\b/.test(headers.get("content-type") ?? "")) {
    return wrong(CHECK, "The page is not served as HTML.", DEPLOY);
  }
  if (!UNFRAMED.test(headers.get("content-security-policy") ?? "")) {
    const todo = `${DEPLOY} If it stays so, a rule of the zone changes the page's Content-Security-Policy.`;
    return wrong(CHECK, "Another site can put the page into a frame, and have its buttons pressed.", todo);
  }
  for (const [part, name] of PARTS) {
    const [, path] = text.match(name) ?? [];
    if (path === undefined) return wrong(CHECK, `The page names no ${part}.`, DEPLOY);
    const answer = await visitor.ask(path);
    if (answer.status !== 200) {
      return wrong(CHECK, `The page's ${part} has the status ${answer.status}.`, remedyOf(answer.status));
    }
  }
  return right(CHECK, "/admin is on, and asks for its token.");
}

/** @param {number} status */
function remedyOf(status) {
  if (status === 401)
    return "Take the basic authentication away from in front of the worker: the page sends its token in the same header.";
  if (status === 404) return DEPLOY;
  return `Look at the zone's rules and routes, and at the worker's log: ${WRANGLER} tail`;
}
