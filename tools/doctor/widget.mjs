// The chat for pages, as the worker's origin serves it.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { ASSETS } from "../folder.mjs";
import { right, skipped, warning, wrong } from "./finding.mjs";

/**
 * @import { Finding } from "./finding.mjs"
 * @import { Answer, Visitor } from "./visitor.mjs"
 */

const ENTRY = "concierge.js";
/** What a file names: others beside it. */
const NAMED = /["'`](?:\.\/)?([\w-]+\.js)["'`]/g;
const HASHED = /-[A-Z0-9]{8}\.js$/;
/** More files than there are languages and parts. */
const MOST = 60;
const SOON_S = 3_600;
const LONG_S = 86_400;

const DEPLOY = "Deploy the whole folder again, with its assets.";

/**
 * @param {Visitor} visitor
 * @returns {Promise<Finding[]>}
 */
export async function lookAtWidget(visitor) {
  const entry = await visitor.ask(`/${ENTRY}`);
  const faults = faultsOf(ENTRY, entry);
  const names = new Set(namesIn(entry));
  for (const name of names) {
    if (names.size > MOST) break;
    const answer = await visitor.ask(`/${name}`);
    faults.push(...faultsOf(name, answer));
    for (const further of namesIn(answer)) names.add(further);
  }
  if (faults.length > 0) return [wrong("widget", `${faults.join("; ")}.`, DEPLOY)];
  return [right("widget", `/${ENTRY} and the ${names.size} files that it loads are served.`), lookAtVersion(entry)];
}

/** @param {Answer} answer */
function namesIn({ status, text }) {
  return status === 200 ? [...text.matchAll(NAMED)].map(([, name]) => name).filter((name) => name !== ENTRY) : [];
}

/**
 * @param {string} name
 * @param {Answer} answer
 */
function faultsOf(name, { status, headers }) {
  if (status !== 200) return [`/${name} has the status ${status}`];
  const faults = [];
  const header = (/** @type {string} */ key) => headers.get(key) ?? "";
  if (!/^(text|application)\/javascript\b/.test(header("content-type")))
    faults.push(`/${name} is not served as a script`);
  if (header("access-control-allow-origin") !== "*") faults.push(`another site may not load /${name}`);
  const policy = header("cross-origin-resource-policy");
  if (policy !== "cross-origin") faults.push(`an isolated page may not load /${name}`);
  const age = Number(header("cache-control").match(/max-age=(\d+)/)?.[1] ?? 0);
  if (HASHED.test(name) && age < LONG_S) faults.push(`browsers load /${name} again and again`);
  if (!HASHED.test(name) && age > SOON_S) faults.push(`browsers keep an old /${name} for ${age} s`);
  return faults;
}

/**
 * The names of the files change with what is in them.
 *
 * @param {Answer} entry
 */
function lookAtVersion({ text }) {
  const file = join(ASSETS, ENTRY);
  if (!existsSync(file)) return skipped("version", "This folder has no built widget to compare with.");
  if (readFileSync(file, "utf8") === text) {
    return right("version", "The widget is that of this folder. So the worker probably is, too.");
  }
  const todo = "Deploy from this folder, or look from the folder that was deployed.";
  return warning("version", "The widget is not that of this folder, so the worker is another version.", todo);
}
