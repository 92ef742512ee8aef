// `npm run soak`: the worker under what wears it out: limiters evicted and woken, shoppers who leave,
// panics, and a hundred thousand chats; whatever lives then must go again. A few minutes.
//
//   --seed N     another run than the usual one
//   --chats N    instead of 100000; everything else in proportion
//   --as-built   takes dist/, target/panic-probe/ and target/debug/simulator as they are

import { parseArgs } from "node:util";

import { build, cargo } from "../../scripts/build.mjs";
import { bundle } from "../../scripts/bundle.mjs";
import { setUp } from "../../scripts/setup.mjs";
import { Failed, main, say } from "../../scripts/steps.mjs";

/** The first is the warm-up of the others. */
const REPETITIONS = 5;
/** A run that takes longer hangs. */
const LONGEST_MS = 20 * 60_000;

const { values: flags } = parseArgs({
  options: {
    seed: { type: "string", default: "20261125" },
    chats: { type: "string", default: "100000" },
    "as-built": { type: "boolean", default: false },
  },
});

await main(async () => {
  await setUp();
  if (!flags["as-built"]) {
    say("Compiling the simulator, and a bundle that can be made to panic");
    await cargo("build", "--package", "simulator");
    await build({ features: "panic-probe", folder: "target/panic-probe" });
    await bundle();
  }
  // Only now are the packages sure to be there.
  const { ACTS } = await import("./acts.mjs");
  const { Random } = await import("../chaos/random.mjs");
  const { repeat } = await import("./repetitions.mjs");
  const { row, table } = await import("./report.mjs");

  const limit = setTimeout(() => {
    console.error(`\n✗ the run was not over after ${LONGEST_MS / 60_000} minutes`);
    process.exit(1);
  }, LONGEST_MS);
  const began = Date.now();
  const [seed, chats] = [number("seed"), number("chats")];
  say(`Seed ${seed}: the same run comes with --seed=${seed} --chats=${chats}`);
  const rows = [];
  const failures = [];
  for (const { act, perChat } of ACTS) {
    say(`${act.NAME}, in ${REPETITIONS} repetitions`);
    const count = Math.ceil((chats * perChat) / REPETITIONS);
    const result = await repeat(act, { repetitions: REPETITIONS, count, random: new Random(seed), progress: say });
    rows.push(row(act, result));
    failures.push(...result.broken.map((what) => `${act.NAME}: ${what}`));
  }
  clearTimeout(limit);
  console.log(`\n${table(rows)}\n`);
  say(`${((Date.now() - began) / 1_000).toFixed(0)} s`);
  for (const what of failures) console.log(`✗ ${what}`);
  if (failures.length > 0) process.exitCode = 1;
  else console.log("✓ the wasm memory, the limiters and the requests came back to where they were");
});

function number(flag) {
  const value = Number(flags[flag]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Failed(`--${flag} is no whole number above 0`, `leave it out, or give one: --${flag}=1000`);
}
