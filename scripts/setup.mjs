// Sets up a machine that has Rust, npm and Node. It changes nothing that is already installed.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { checkNode, pathTo, useNewNode } from "./node.mjs";
import { installPackages } from "./packages.mjs";
import { setUpRust } from "./rust.mjs";
import { ROOT, runInstead } from "./steps.mjs";

/** Sets up Node, the npm packages and Rust. */
export async function setUp() {
  await setUpNode();
  // The scripts look for cargo's output here, so override the machine's own setting.
  process.env.CARGO_TARGET_DIR = join(ROOT, "target");
  delete process.env.CARGO_BUILD_TARGET;
  await setUpRust();
}

/** Sets up everything but Rust. Programs started afterwards use this script's Node and find the packages' commands. */
export async function setUpNode() {
  checkNode();
  // This uses the machine's own npm and Node, because they match each other.
  await installPackages(ROOT, "the npm packages, such as wrangler and wasm-opt (about half a minute)");
  // The installation may have removed the Node that runs this script.
  if (!existsSync(process.execPath)) await runInstead("node", process.argv.slice(1));
  await useNewNode();
  process.env.PATH = pathTo(process.execPath, join(ROOT, "node_modules", ".bin") + delimiter + process.env.PATH);
  // Contact no server but the package registries.
  process.env.WRANGLER_SEND_METRICS = "false";
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  process.env.WRANGLER_LOG_PATH ??= join(ROOT, ".wrangler", "logs");
}
