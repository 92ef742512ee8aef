// `npm run build`: writes what `wrangler deploy` would upload to dist/, and prints its size.

import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { setUp } from "./setup.mjs";
import { ROOT, isProgram, main, run, say } from "./steps.mjs";

if (isProgram(import.meta.url)) {
  await main(async () => {
    await setUp();
    await bundle();
  });
}

/** Bundles the worker as `wrangler deploy` does. wrangler runs the build itself. */
export async function bundle() {
  say("Bundling the upload");
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  await run("wrangler", ["deploy", "--dry-run", "--outdir", "dist"], {
    quiet: true,
    help: "Fix the errors above. They come from the compiler or from wrangler.",
  });
  for (const [what, suffix] of [
    ["wasm", ".wasm"],
    ["JavaScript", ".js"],
  ]) {
    const [raw, packed] = size(suffix);
    say(`dist: ${what} ${kilobytes(raw)} KB, gzip ${kilobytes(packed)} KB`);
  }
}

/**
 * Returns the bytes of the files in dist/ with this suffix, raw and packed.
 *
 * @param {string} suffix
 */
function size(suffix) {
  const files = readdirSync(join(ROOT, "dist")).filter((name) => name.endsWith(suffix));
  const bytes = files.map((name) => readFileSync(join(ROOT, "dist", name)));
  const sum = (/** @type {number[]} */ sizes) => sizes.reduce((a, b) => a + b, 0);
  return [sum(bytes.map((b) => b.length)), sum(bytes.map((b) => gzipSync(b, { level: 9 }).length))];
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return (bytes / 1_000).toFixed(1);
}
