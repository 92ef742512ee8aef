// `npm run chaos`: thousands of chats while simulators flip through their faults and processes are
// killed and started again; then everything that was seen has to agree. A few minutes.
//
//   --seed N           another run than the usual one; what is planned depends on it alone
//   --chats N          instead of 6000
//   --assistant NAME   homie, rewardsbot, omniops or omniops-as-built instead of sales-associate
//   --as-built         takes dist/ and target/debug/simulator as they are

import { parseArgs } from "node:util";

import { cargo } from "../../scripts/build.mjs";
import { bundle } from "../../scripts/bundle.mjs";
import { setUp } from "../../scripts/setup.mjs";
import { Failed, main, say } from "../../scripts/steps.mjs";

/** The most of what does not hold that is told of each rule. */
const MOST_TOLD = 20;

const { values: flags } = parseArgs({
  options: {
    seed: { type: "string", default: "20261122" },
    chats: { type: "string", default: "6000" },
    assistant: { type: "string", default: "sales-associate" },
    "as-built": { type: "boolean", default: false },
  },
});

await main(async () => {
  await setUp();
  if (!flags["as-built"]) {
    say("Compiling the simulator");
    await cargo("build", "--package", "simulator");
    await bundle();
  }
  // Only now are the packages sure to be there.
  const { CONTRACTS } = await import("./contracts.mjs");
  const { CAPS, planRun } = await import("./plan.mjs");
  const { play } = await import("./acts.mjs");
  const { judge, table } = await import("./report.mjs");

  const began = Date.now();
  const { assistant } = flags;
  const contract = CONTRACTS[assistant];
  if (!contract) {
    throw new Failed(
      `--assistant ${assistant} is none that is known`,
      `name one of ${Object.keys(CONTRACTS).join(", ")}`,
    );
  }
  const plan = planRun(number("seed"), number("chats"), contract);
  say(
    `Seed ${plan.seed}: the same plan comes with --seed=${plan.seed} --chats=${flags.chats} --assistant=${assistant}`,
  );
  const seen = await play(plan, CAPS, contract, say);
  const { failures, rows } = judge(seen, plan, CAPS, contract);
  const took = `${((Date.now() - began) / 1_000).toFixed(0)} s`;
  console.log(`\n${table([["Assistant", assistant], ...rows, ["Time", took]])}\n`);
  for (const { name, said } of failures) {
    console.log(`${said.length === 0 ? "✓" : "✗"} ${name}`);
    for (const what of said.slice(0, MOST_TOLD)) console.log(`    ${what}`);
    if (said.length > MOST_TOLD) console.log(`    and ${said.length - MOST_TOLD} more`);
  }
  if (failures.some(({ said }) => said.length > 0)) process.exitCode = 1;
});

function number(flag) {
  const value = Number(flags[flag]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Failed(`--${flag} is no whole number above 0`, `leave it out, or give one: --${flag}=1000`);
}
