// What npm installs: the packages of a lock file, no more and no less.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { run, say } from "./steps.mjs";

/** Installs what the lock file of a folder says, unless it is there: this file, too, which may be of an optional package. */
export async function installPackages(folder, what, file = folder) {
  if (areInstalled(folder) && existsSync(file)) return;
  say(`Installing ${what}`);
  // The packages' install scripts have nothing to do here, whichever .npmrc npm reads.
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["ci", "--prefix", folder, ...flags], {
    quiet: true,
    help: "npm must reach its registry; see the lines above. Then run the same command again.",
  });
}

/** Whether npm has installed what the lock file says, but for what is optional, and nothing else. */
function areInstalled(folder) {
  const record = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const installed = packages(record);
  const wanted = packages(join(folder, "package-lock.json"));
  const isAsWanted = ([path, { version, optional }]) =>
    path === "" || (installed[path]?.version ?? (optional && version)) === version;
  return Object.entries(wanted).every(isAsWanted) && Object.keys(installed).every((path) => path in wanted);
}
