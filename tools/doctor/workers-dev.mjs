// Whether the worker answers at its workers.dev address, too.

import { BadUsage, readAddress } from "../usage.mjs";
import { right, skipped, warning } from "./finding.mjs";
import { isWorker } from "./reach.mjs";
import { Unreachable, Visitor } from "./visitor.mjs";

/** @import { Answer } from "./visitor.mjs" */

const CHECK = "workers.dev";

/**
 * Only a 404 that is not the worker's speaks for a closed door. Silence and other errors also come from a mistyped
 * host, and from an open worker in trouble.
 *
 * @param {URL} url where the worker is looked at
 * @param {string | undefined} workersDev
 * @param {string} name the worker's
 */
export async function lookAtWorkersDev(url, workersDev, name) {
  if (url.hostname.endsWith(".workers.dev")) return right(CHECK, "This is the only address that was asked for.");
  if (workersDev === undefined) return skipped(CHECK, "Name your account's subdomain with --workers-dev to see.");
  const door = addressOf(workersDev, name);
  try {
    return judge(door.host, await new Visitor(door.origin).ask("/healthz"));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return skipped(CHECK, `${door.host} did not answer: ${error.message}. Is it the right host?`);
  }
}

/**
 * @param {string} host
 * @param {Answer} health
 */
function judge(host, health) {
  if (isWorker(health)) {
    const todo =
      "Set workers_dev = false in wrangler.toml and deploy again, if rules of your domain's zone guard the worker.";
    return warning(CHECK, `${host} is open beside your own domain.`, todo);
  }
  if (health.status === 404) return right(CHECK, `${host} answered 404, so the worker is not there.`);
  return skipped(CHECK, `${host} answered ${health.status}, and not as the worker does. Is it the right host?`);
}

/**
 * Completes a subdomain, such as `acme` or `acme.workers.dev`, to the worker's address.
 *
 * @param {string} text
 * @param {string} name
 */
function addressOf(text, name) {
  const [, subdomain] = text.match(/^([a-z\d-]+)(?:\.workers\.dev)?$/i) ?? [];
  if (subdomain && !/^localhost$/i.test(subdomain)) return new URL(`https://${name}.${subdomain}.workers.dev`);
  const url = readAddress(text, "--workers-dev");
  if (url.pathname !== "/") throw new BadUsage("--workers-dev takes a host without a path.");
  return url;
}
