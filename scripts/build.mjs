// Builds what wrangler uploads: build/shim.js, the modules it imports, the wasm, and the files that the worker serves.
// This script is the build command in wrangler.toml, so `wrangler dev` and `wrangler deploy` run it.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { buildAssets } from "./assets.mjs";
import { setUp } from "./setup.mjs";
import { ROOT, isProgram, main, run, say } from "./steps.mjs";

const WASM_TARGET = "wasm32-unknown-unknown";
const COMPILED = `target/${WASM_TARGET}/release/concierge_proxy.wasm`;
const SCRIPTS = ["shim", "instance", "half", "objects", "streams"].map((name) => `${name}.js`);

// Only the features that rustc and wasm-bindgen emit. So wasm-opt cannot write an instruction that an
// older workerd does not support.
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
    await buildAssets();
    await build();
  });
}

/** Builds the worker with these features of the crate into a folder. */
export async function build({ features = "", folder = "build" } = {}) {
  const out = join(ROOT, folder);
  say("Compiling the worker to wasm (a few minutes without a cache)");
  const compile = ["--release", "--lib", "--target", WASM_TARGET];
  await cargo("build", "--features", features, ...compile, "--config", sameEverywhere());
  await cargo("build", "--package", "bindgen");

  const stamp = join(out, ".made-from");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;

  say("Generating the JavaScript bindings and optimizing the wasm");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await run("target/debug/bindgen", [COMPILED, out]);
  const wasm = join(out, "index_bg.wasm");
  const enabled = WASM_FEATURES.map((name) => `--enable-${name}`);
  await run("wasm-opt", ["-O3", "--converge", ...enabled, wasm, "--output", wasm], {
    help: "Delete node_modules and run the same command again.",
  });
  for (const name of SCRIPTS) copyFileSync(join(ROOT, "src/edge", name), join(out, name));
  writeFileSync(stamp, wanted);
}

/**
 * Runs cargo with the versions in the lock file.
 *
 * @param {string[]} args
 */
export function cargo(...args) {
  return run("cargo", [...args, "--locked", "--quiet"], {
    help: "Fix the compiler errors above. The first build also needs access to crates.io.",
  });
}

/**
 * Returns the setting that keeps this machine's folders out of the wasm. The places of panics are in it, so
 * the same commit would otherwise have other bytes for another user.
 */
function sameEverywhere() {
  const crates = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const renamed = [`--remap-path-prefix=${crates}=/cargo`, `--remap-path-prefix=${ROOT}=/concierge-proxy/`];
  return `target.${WASM_TARGET}.rustflags=${JSON.stringify(renamed)}`;
}

/** Returns a hash of everything that goes into the folder. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const file of [COMPILED, ...SCRIPTS.map((name) => `src/edge/${name}`), "scripts/build.mjs"]) {
    hash.update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex");
}
