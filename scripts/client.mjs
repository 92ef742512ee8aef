// `npm run client`: builds the page's client library into client/dist/, and prints its size.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { setUpNode } from "./setup.mjs";
import { Failed, ROOT, isProgram, main, run, say } from "./steps.mjs";

const SOURCE = "client/src/concierge-client.ts";
const BUILT = "client/dist/concierge-client.js";
/** The most bytes that a page may have to load for the library, with gzip. */
const BUDGET = 2_500;

if (isProgram(import.meta.url)) {
  await main(async () => {
    await setUpNode();
    await buildClient();
  });
}

/** Checks the types of the library, and builds it. Fails if it is too large. */
export async function buildClient() {
  say("Building the page's client library");
  rmSync(join(ROOT, "client", "dist"), { recursive: true, force: true });
  const flags = ["--bundle", "--minify", "--format=esm", "--target=es2022", `--outfile=${BUILT}`];
  await Promise.all([
    run("esbuild", [SOURCE, ...flags], { quiet: true, help: "Fix what the lines above report." }),
    run("tsc", ["--project", "client"], { quiet: true, help: "Fix the types that the lines above report." }),
  ]);
  const packed = gzipSync(readFileSync(join(ROOT, BUILT)), { level: 9 }).length;
  if (packed > BUDGET) throw new Failed(`The client library has ${packed} bytes with gzip`, `${BUDGET} are allowed.`);
  say(`client/dist: gzip ${(packed / 1_000).toFixed(2)} KB`);
}
