// Builds what wrangler uploads: build/shim.js, the modules it imports, and the wasm. wrangler.toml
// names this script as the build command, so that `wrangler dev` and `wrangler deploy` run it.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { setUp } from "./setup.mjs";
import { ROOT, isProgram, main, run, say } from "./steps.mjs";

const COMPILED = "target/wasm32-unknown-unknown/release/concierge_proxy.wasm";
const SCRIPTS = ["shim", "instance", "steps", "clock", "relay", "limiter", "panics", "settings"].map((name) => `${name}.js`);

// What rustc and wasm-bindgen emit, and no more, so that wasm-opt can write nothing that an older
// workerd does not know.
const WASM_FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
];

if (isProgram(import.meta.url)) {
  await main(async () => {
    await setUp();
    await build();
  });
}

/** Builds into a folder, with these features of the crate. */
export async function build({ features = "", folder = "build" } = {}) {
  const out = join(ROOT, folder);
  say("Compiling the worker to wasm (a minute when nothing is cached)");
  const compile = ["--release", "--lib", "--target", "wasm32-unknown-unknown"];
  await cargo("build", "--features", features, ...compile);
  await cargo("build", "--package", "bindgen");

  const stamp = join(out, ".made-from");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;

  say("Binding and shrinking the wasm");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await run("target/debug/bindgen", [COMPILED, out]);
  const wasm = join(out, "index_bg.wasm");
  const enabled = WASM_FEATURES.map((name) => `--enable-${name}`);
  await run("wasm-opt", ["-O3", "--converge", ...enabled, wasm, "--output", wasm], {
    help: "delete node_modules and run the same command again.",
  });
  for (const name of SCRIPTS) copyFileSync(join(ROOT, "src/edge", name), join(out, name));
  writeFileSync(stamp, wanted);
}

/** Runs cargo with the versions of the lock file. */
export function cargo(...args) {
  return run("cargo", [...args, "--locked", "--quiet"], {
    help: "cargo must reach crates.io the first time; a compiler error stands above.",
  });
}

/** Changes with everything that goes into the folder. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const file of [COMPILED, ...SCRIPTS.map((name) => `src/edge/${name}`), "scripts/build.mjs"]) {
    hash.update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex");
}
