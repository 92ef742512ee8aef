// Whether the worker answers, what it says of its settings, its clock, and the way to it.

import { WRANGLER } from "../folder.mjs";
import { right, skipped, warning, wrong } from "./finding.mjs";
import { Unreachable } from "./visitor.mjs";

/**
 * @import { Finding } from "./finding.mjs"
 * @import { Answer, Visitor } from "./visitor.mjs"
 */

const HEALTH = "/healthz";
/** A token of a shopper, and Shopify's signature, allow so much at least. */
const CLOCK_MS = 30_000;

/** What a browser would not connect to, by how the name of the error begins. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER))/;

/** @type {Record<string, [what: string, todo: string]>} */
const UNREACHABLE = {
  ENOTFOUND: ["The name is not known.", "Is it spelled right? A new domain takes some minutes after the deployment."],
  ECONNREFUSED: ["Nothing listens there.", "Is the port right, and is `wrangler dev` running?"],
};

/**
 * @param {Visitor} visitor
 * @returns {Promise<{ finding: Finding, health?: Answer }>}
 */
export async function reach(visitor) {
  try {
    const health = await visitor.ask(HEALTH);
    if (isWorker(health)) return { finding: right("reachable", "The worker answers."), health };
    return {
      finding: wrong("reachable", `Something else answers there (status ${health.status}).`, elsewhere(health)),
    };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { finding: unreachable(error) };
  }
}

/**
 * Each answer of the worker has an id, and that of its health is JSON.
 *
 * @param {Answer} health
 */
export function isWorker({ headers, json }) {
  return headers.has("x-request-id") && (json?.status === "ok" || typeof json?.error === "string");
}

/** @param {Answer} health */
function elsewhere({ status }) {
  if (status >= 520) return `Cloudflare cannot run the worker. Look at its log: ${WRANGLER} tail`;
  return "Is this the worker's address? A route or another DNS record may lead elsewhere: look at both in the dashboard.";
}

/** @param {Unreachable} error */
function unreachable({ code, message }) {
  if (CERTIFICATE.test(code)) {
    const todo =
      "A new domain gets its certificate within some minutes. After that, look at it in Cloudflare's dashboard.";
    return wrong("certificate", `A browser refuses it: ${message}.`, todo);
  }
  const [what, todo] = UNREACHABLE[code] ?? [
    `There is no answer: ${message}.`,
    "Is this machine online? Try it again.",
  ];
  return wrong("reachable", what, todo);
}

/**
 * @param {Answer} health
 * @returns {Finding[]}
 */
export function lookAtSettings({ json }) {
  if (json.status === "ok") return [right("settings", "Each has the right form."), ...lookAtLimits(json)];
  const todo = `Correct it in wrangler.toml and deploy again. A secret is set with: ${WRANGLER} secret put NAME`;
  return mistakes(json.message).map((mistake) => wrong("settings", `${mistake}.`, todo));
}

/**
 * Somebody may be trying them out on purpose, so it is no fault. Once it is forgotten, the shop has no limits.
 *
 * @param {{ limits?: string }} health
 */
function lookAtLimits({ limits }) {
  if (limits !== "dry_run") return [];
  const todo = "Remove LIMITS_DRY_RUN and deploy again.";
  return [warning("limits", "They are only tried out, and refuse nobody.", todo)];
}

/**
 * Takes the message about wrong settings apart. Each mistake begins with the setting's name.
 *
 * @param {unknown} message
 */
export function mistakes(message) {
  return String(message)
    .replace(/^The proxy is not set up\. /, "")
    .replace(/\.$/, "")
    .split(/; (?=[A-Z][A-Z_]+ )/);
}

/** @param {Answer} health */
export function lookAtClock({ headers, ms, at }) {
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return skipped("clock", "The answer has no date.");
  // The date has whole seconds, and was written on the way.
  const off = Math.abs(at - ms / 2 - (date + 500));
  if (off <= CLOCK_MS) return right("clock", "This machine and the worker agree on the time.");
  return warning(
    "clock",
    `This machine and the worker are ${Math.round(off / 1_000)} s apart.`,
    "Set this machine's clock. A server whose clock is off signs tokens and queries that the worker refuses.",
  );
}

/** @param {Visitor} visitor */
export async function lookAtRoundTrip(visitor) {
  const times = [];
  for (let turn = 0; turn < 3; turn++) times.push((await visitor.ask(HEALTH)).ms);
  return right("network", `A round trip from here takes ${Math.min(...times)} ms.`);
}
