// Chooses the Node that everything runs under. If the system's Node is new enough for wrangler, it is
// used. Otherwise npm installs the version that scripts/node/ pins. That Node stays in its own folder and
// out of node_modules/.bin, because npm puts that folder first on the PATH.

import { execFileSync } from "node:child_process";
import { existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { installPackages } from "./packages.mjs";
import { Failed, ROOT, runInstead, say } from "./steps.mjs";

/** The oldest major version of Node that wrangler supports. */
export const OLDEST_MAJOR = 22;
const FOLDER = join(ROOT, "scripts", "node");
/** The platforms that scripts/node/ has a Node for. */
const FETCHED = ["linux-arm64", "linux-x64"];

/**
 * Returns which Node a script uses that was started under this one: `own`, `fetched` or `none`.
 *
 * @param {{ version: string, platform: string, arch: string }} process
 * @returns {"own" | "fetched" | "none"}
 */
export function whichNode({ version, platform, arch }) {
  if (Number(version.match(/^v(\d+)\./)?.[1]) >= OLDEST_MAJOR) return "own";
  return FETCHED.includes(`${platform}-${arch}`) ? "fetched" : "none";
}

/** Fails if no usable Node is available. It runs before anything is installed. */
export function checkNode() {
  if (whichNode(process) === "none") throw tooOld();
}

/** Returns only under a Node that is new enough. If this one is too old, restarts the script under another. */
export async function useNewNode() {
  if (whichNode(process) === "own") return;
  const node = join(FOLDER, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  await installPackages(FOLDER, "a newer Node for this project only, next to your own (200 MB)", node);
  // npm skips an optional package that it cannot install.
  if (!existsSync(node)) throw tooOld(", and npm could not download a newer one from its registry");
  let version;
  try {
    version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  } catch {
    // For example, on a system with an old glibc or with none.
    throw tooOld(", and the newer one that npm installed does not run on this system");
  }
  say(`Node ${process.version} is too old for wrangler. Continuing with ${version} from scripts/node`);
  await runInstead(node, process.argv.slice(1));
}

function tooOld(more = "") {
  return new Failed(
    `Node ${process.version} is too old for wrangler${more}`,
    `Install Node ${OLDEST_MAJOR} or newer (https://nodejs.org) and run the same command again.`,
  );
}

/**
 * Returns a PATH on which `node` is this one. Its folders keep their order, because cargo may be in the same
 * folder as a Node.
 *
 * @param {string} node
 * @param {string} path
 */
export function pathTo(node, path) {
  const first = path
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  if (first !== undefined && realpathSync(first) === realpathSync(node)) return path;
  return dirname(node) + delimiter + path;
}
