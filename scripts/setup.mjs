// Sets up a machine that has Rust, Node 20 or newer and npm; what is there already stays.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { setUpRust } from "./rust.mjs";
import { Failed, ROOT, run, say, whenOrphaned } from "./steps.mjs";

/** What wrangler wants. */
const NODE_MAJOR = 22;
const BIN = join(ROOT, "node_modules", ".bin");

/** Sets all of it up. Where Node is too old, the script goes on under the one that npm installs. */
export async function setUp() {
  await installPackages();
  await useNewNode();
  process.env.PATH = BIN + delimiter + process.env.PATH;
  // Nothing but the registries is asked for anything.
  process.env.WRANGLER_SEND_METRICS = "false";
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  // Where the scripts look for what cargo has built, whatever the machine is set to.
  process.env.CARGO_TARGET_DIR = join(ROOT, "target");
  delete process.env.CARGO_BUILD_TARGET;
  process.env.WRANGLER_LOG_PATH ??= join(ROOT, ".wrangler", "logs");
  await setUpRust();
}

async function installPackages() {
  if (areInstalled()) return;
  say("Installing the npm packages (wrangler, wasm-opt), about half a minute");
  await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    quiet: true,
    help: "npm must reach its registry; see the lines above. Then run the same command again.",
  });
}

/** Whether npm has installed what the lock file says, but for what is optional. */
function areInstalled() {
  const record = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const installed = packages(record);
  return Object.entries(packages(join(ROOT, "package-lock.json"))).every(
    ([path, { version, optional }]) =>
      path === "" || (installed[path]?.version ?? (optional && version)) === version,
  );
}

async function useNewNode() {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return;
  const node = join(BIN, "node");
  if (!existsSync(node)) {
    throw new Failed(
      `Node ${process.versions.node} is too old for wrangler`,
      `install Node ${NODE_MAJOR} or newer (https://nodejs.org) and run the same command again.`,
    );
  }
  say("This Node is too old for wrangler; going on under the one from npm");
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  whenOrphaned(() => child.kill("SIGTERM"));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  process.exit(code ?? 1);
}
