// `npm test`: runs the lints, the native tests, the tests of the page's client library, and the edge tests of the bundle
// that would be deployed.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run as runTests } from "node:test";
import { spec } from "node:test/reporters";

import { build, cargo } from "./build.mjs";
import { bundle } from "./bundle.mjs";
import { lint } from "./lint.mjs";
import { setUp } from "./setup.mjs";
import { ROOT, main, say } from "./steps.mjs";

/** Most tests wait longer than they compute, so a file for each core runs at once. */
const FILES_AT_ONCE = availableParallelism() + 1;

await main(async () => {
  await setUp();
  await lint();
  const native = await nativeTests();
  say("Running the tests of the client library");
  const client = await testsIn(join(ROOT, "client", "tests"));
  const edge = await edgeTests();
  const passed = native.passed + client.passed + edge.passed;
  const failed = native.failed + client.failed + edge.failed;
  if (edge.skipped > 0) say(`${edge.skipped} skipped; the reasons are above`);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
});

/** Runs all Rust tests and counts the results. */
async function nativeTests() {
  say("Compiling and running the native tests");
  const child = spawn("cargo", ["test", "--quiet", "--locked", "--workspace", "--no-fail-fast"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (data) => {
    output += data;
    process.stdout.write(data);
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  const counts = { passed: 0, failed: 0 };
  for (const [, passed, failed] of output.matchAll(/^test result: .* (\d+) passed; (\d+) failed/gm)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
  }
  // If the tests did not compile, none was counted above.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Builds what the edge tests need, runs them and counts the results. */
async function edgeTests() {
  await cargo("build", "--package", "simulator");
  say("Building a bundle that can panic on request");
  await build({ features: "panic-probe", folder: "target/panic-probe" });
  await bundle();
  // The tests start the tools a hundred times, and each time Node would compile wrangler anew.
  process.env.NODE_COMPILE_CACHE ??= join(ROOT, "target", "node-cache");
  say("Running the edge tests in workerd");
  return testsIn(join(ROOT, "tests", "edge"));
}

/**
 * Runs the tests in a folder and counts the results.
 *
 * @param {string} folder
 */
async function testsIn(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
  const files = names.map((name) => join(folder, name));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const stream = runTests({ files, concurrency: FILES_AT_ONCE, timeout: 240_000 });
  stream.on("test:pass", ({ skip, details }) => {
    // Of a suite that is skipped, no test is reported.
    if (skip !== undefined) counts.skipped += 1;
    else if (details.type !== "suite") counts.passed += 1;
  });
  stream.on("test:fail", ({ details }) => {
    // A suite fails because of its tests, which are counted already, or because of its hooks.
    const error = /** @type {(Error & { failureType?: string }) | undefined} */ (details.error);
    if (details.type !== "suite" || error?.failureType === "hookFailed") counts.failed += 1;
  });
  const report = stream.compose(spec);
  report.pipe(process.stdout);
  await new Promise((resolve) => report.once("end", resolve));
  return counts;
}
