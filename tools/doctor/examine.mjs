// The whole examination, in the order in which things depend on each other.

import { readConfig, readDevVars } from "../folder.mjs";
import { isLocal } from "../usage.mjs";
import { lookAtAdmin } from "./admin.mjs";
import { lookAtAssistant } from "./assistant.mjs";
import { lookAtCertificate } from "./certificate.mjs";
import { lookForSecrets } from "./secrets.mjs";
import { lookAtForeigners, lookFromOrigin } from "./origins.mjs";
import { lookAtClock, lookAtRoundTrip, lookAtSettings, reach } from "./reach.mjs";
import { Unreachable, Visitor } from "./visitor.mjs";
import { lookAtWidget } from "./widget.mjs";
import { lookAtWorkersDev } from "./workers-dev.mjs";
import { skipped, wrong } from "./finding.mjs";

/**
 * @import { Config } from "../folder.mjs"
 * @import { Finding } from "./finding.mjs"
 * @import { Usage } from "./usage.mjs"
 * @import { Answer } from "./visitor.mjs"
 */

/**
 * @param {Usage} usage
 * @returns {Promise<Finding[]>}
 */
export async function examine(usage) {
  const visitor = new Visitor(usage.url.origin);
  const { health, finding } = await reach(visitor);
  if (health === undefined) return [finding];
  const findings = [finding];
  try {
    for await (const more of lookAtAll(visitor, health, usage)) findings.push(...[more].flat());
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    findings.push(
      wrong("reachable", `It stopped answering: ${error.message}.`, "Ask again, and look at the worker's log."),
    );
  }
  return lookForSecrets(visitor, findings);
}

/**
 * @param {Visitor} visitor
 * @param {Answer} health
 * @param {Usage} usage
 * @returns {AsyncGenerator<Finding | Finding[]>}
 */
async function* lookAtAll(visitor, health, { url, origins: named, spend, workersDev }) {
  const config = readConfig();
  const entries = entriesOf(url, config);
  const origins = named.length > 0 ? named : originsOf(entries);
  yield lookAtCertificate(url);
  yield lookAtSettings(health);
  for (const origin of origins) yield lookFromOrigin(visitor, origin);
  if (origins.length === 0) yield skipped("origin", "No origin is known here. Name one with --origin.");
  yield lookAtForeigners(visitor, entries);
  yield lookAtWidget(visitor);
  yield lookAtAssistant(visitor, { health, origin: origins[0], spend, config });
  yield lookAtAdmin(visitor, health);
  yield lookAtWorkersDev(url, workersDev, config.name);
  yield lookAtClock(health);
  yield lookAtRoundTrip(visitor);
}

/**
 * Returns the entries of ALLOWED_ORIGINS. `wrangler dev` takes those of .dev.vars first.
 *
 * @param {URL} url
 * @param {Config} config
 */
function entriesOf(url, config) {
  const list = (isLocal(url) && readDevVars().ALLOWED_ORIGINS) || config.vars.ALLOWED_ORIGINS || "";
  return list.split(",").flatMap((entry) => entry.trim() || []);
}

/**
 * Returns a page's origin for each entry, as a browser sends it. The worker reads entries in the same way. It reports one
 * that is no origin among its settings.
 *
 * @param {string[]} entries
 */
function originsOf(entries) {
  // A page of a pattern stands for all of them.
  const urls = entries.map((entry) => URL.parse(entry.replace("*", "any-name")));
  return [...new Set(urls.flatMap((url) => (url && url.origin !== "null" ? url.origin : [])))];
}
