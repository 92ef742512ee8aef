// Installs exactly the packages in a lock file with npm.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { run, say } from "./steps.mjs";

/**
 * Installs the packages in a folder's lock file, unless they are there.
 *
 * @param {string} folder
 * @param {string} what
 * @param {string} [file] has to exist too; it may belong to an optional package
 */
export async function installPackages(folder, what, file = folder) {
  if (areInstalled(folder) && existsSync(file)) return;
  say(`Installing ${what}`);
  // No package here needs its install scripts. The flag holds whichever .npmrc npm reads.
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["ci", "--prefix", folder, ...flags], {
    quiet: true,
    help: "npm needs access to its registry. See the lines above, then run the same command again.",
  });
}

/**
 * Returns whether npm has installed the packages in the lock file and no others. Optional packages may be
 * missing.
 *
 * @param {string} folder
 */
function areInstalled(folder) {
  const record = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  /** @returns {Record<string, { version?: string, optional?: boolean }>} */
  const packages = (/** @type {string} */ file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const installed = packages(record);
  const wanted = packages(join(folder, "package-lock.json"));
  const isAsWanted = (/** @type {string} */ path) => {
    const { version, optional } = wanted[path];
    return path === "" || (installed[path]?.version ?? (optional && version)) === version;
  };
  return Object.keys(wanted).every(isAsWanted) && Object.keys(installed).every((path) => path in wanted);
}
