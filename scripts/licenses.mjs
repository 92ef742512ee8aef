// Checks the licences of the crates that the worker's wasm is built with. `npm run lint` calls it.

import { readMetadata } from "./metadata.mjs";
import { Failed, say } from "./steps.mjs";

/** Permissive licences, by their SPDX identifiers. They ask for a notice at most. */
const ACCEPTED = new Set(["0BSD", "Apache-2.0", "BSD-3-Clause", "BSL-1.0", "MIT", "Unicode-3.0", "Unlicense", "Zlib"]);

/** Throws if a crate has a licence that is not accepted. */
export async function checkLicenses() {
  say("Checking the licences of the crates");
  const { packages } = await readMetadata();
  const refused = packages
    .filter(({ license }) => !isAccepted(license ?? ""))
    .map(({ name, license }) => `${name} (${license ?? "none"})`);
  if (refused.length === 0) return;
  const help = "Use another crate, or accept the licence in scripts/licenses.mjs.";
  throw new Failed(`These crates have a licence that is not accepted: ${refused.join(", ")}`, help);
}

/**
 * An SPDX expression with AND needs all its licences accepted, any other one of them.
 *
 * @param {string} expression
 */
function isAccepted(expression) {
  const licenses = expression
    .replace(/[()]/g, "")
    .replace(/ WITH [\w-]+/g, "")
    .split(/\/| AND | OR /);
  const accepted = (/** @type {string} */ license) => ACCEPTED.has(license.trim());
  return / AND /.test(expression) ? licenses.every(accepted) : licenses.some(accepted);
}
