// Sets up a machine that has Rust, npm and Node; what is there already stays.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { checkNode, pathTo, useNewNode } from "./node.mjs";
import { installPackages } from "./packages.mjs";
import { setUpRust } from "./rust.mjs";
import { ROOT, runInstead } from "./steps.mjs";

/** Sets all of it up. */
export async function setUp() {
  await setUpNode();
  // Where the scripts look for what cargo has built, whatever the machine is set to.
  process.env.CARGO_TARGET_DIR = join(ROOT, "target");
  delete process.env.CARGO_BUILD_TARGET;
  await setUpRust();
}

/** All but Rust. What is started from here on runs under this script's Node, and finds the packages' commands. */
export async function setUpNode() {
  checkNode();
  // By the npm and the Node of the machine, which fit each other.
  await installPackages(ROOT, "the npm packages (wrangler, wasm-opt), about half a minute");
  // The Node that this was started with may have been among packages of before.
  if (!existsSync(process.execPath)) await runInstead("node", process.argv.slice(1));
  await useNewNode();
  process.env.PATH = pathTo(process.execPath, join(ROOT, "node_modules", ".bin") + delimiter + process.env.PATH);
  // Nothing but the registries is asked for anything.
  process.env.WRANGLER_SEND_METRICS = "false";
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  process.env.WRANGLER_LOG_PATH ??= join(ROOT, ".wrangler", "logs");
}
