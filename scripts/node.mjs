// Which Node everything runs under. The system's, where it is new enough for wrangler; only where it is
// not, the one that scripts/node/ pins is fetched. It stays in that folder, out of node_modules/.bin,
// which npm puts on the PATH before all else.

import { execFileSync } from "node:child_process";
import { existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { installPackages } from "./packages.mjs";
import { Failed, ROOT, runInstead, say } from "./steps.mjs";

/** What wrangler wants. */
export const OLDEST_MAJOR = 22;
const FOLDER = join(ROOT, "scripts", "node");
/** The machines that scripts/node/ has a Node for. */
const FETCHED = ["linux-arm64", "linux-x64"];

/** Which Node a script that was started under this one runs under: `own`, `fetched` or `none`. */
export function whichNode({ version, platform, arch }) {
  if (Number(version.match(/^v(\d+)\./)[1]) >= OLDEST_MAJOR) return "own";
  return FETCHED.includes(`${platform}-${arch}`) ? "fetched" : "none";
}

/** Fails where there is no Node to run under, before anything is installed. */
export function checkNode() {
  if (whichNode(process) === "none") throw tooOld();
}

/** Returns under a Node that is new enough. Where this one is not, the script starts again under another. */
export async function useNewNode() {
  if (whichNode(process) === "own") return;
  const node = join(FOLDER, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  await installPackages(FOLDER, "a newer Node beside yours, for this project alone (200 MB)", node);
  // npm does without an optional package that it cannot get.
  if (!existsSync(node)) throw tooOld(", and npm could not get a newer one from its registry");
  let version;
  try {
    version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  } catch {
    // Such as a system without glibc, or with an old one.
    throw tooOld(", and the newer one that npm brought does not run on this system");
  }
  say(`Node ${process.version} is too old for wrangler: going on under ${version} of scripts/node`);
  await runInstead(node, process.argv.slice(1));
}

function tooOld(more = "") {
  return new Failed(
    `Node ${process.version} is too old for wrangler${more}`,
    `install Node ${OLDEST_MAJOR} or newer (https://nodejs.org) and run the same command again.`,
  );
}

/** A PATH on which `node` is this one. The folders on it keep their order: cargo may stand beside a Node. */
export function pathTo(node, path) {
  const first = path
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  if (first !== undefined && realpathSync(first) === realpathSync(node)) return path;
  return dirname(node) + delimiter + path;
}
