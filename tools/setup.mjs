// `npm run setup`: asks what the worker has to know, writes wrangler.toml, and deploys.

// It is first: what comes after it may need a newer Node.
import "./node.mjs";

import { styleText } from "node:util";

import { Failed } from "./failed.mjs";
import { Interrupted } from "./setup/terminal.mjs";
import { HELP, readUsage } from "./setup/usage.mjs";
import { Wizard } from "./setup/wizard.mjs";
import { BadUsage } from "./usage.mjs";

/** The exit code of a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** @type {Wizard | undefined} */
let wizard;
process.on("SIGINT", stop);
try {
  const usage = readUsage(process.argv.slice(2));
  if (usage === "help") {
    console.log(HELP);
  } else {
    wizard = new Wizard(usage);
    process.exitCode = await wizard.run();
  }
} catch (error) {
  if (error instanceof Interrupted) stop();
  const isExpected = error instanceof BadUsage || error instanceof Failed;
  if (isExpected) console.error(`\n${styleText("red", "✗", { stream: process.stderr })} ${error.message}`);
  tellDone();
  if (!isExpected) throw error;
  process.exitCode = error instanceof BadUsage ? 2 : 1;
} finally {
  await wizard?.close();
}

/** @returns {never} */
function stop() {
  console.error("\nStopped.");
  tellDone();
  process.exit(INTERRUPTED);
}

/** Says what stands and what may stand, so that nobody has to guess. */
function tellDone() {
  const { done = [], doing = "" } = wizard ?? {};
  const stands = [];
  if (done.length > 0) stands.push(`Done so far: ${done.join("; ")}.`);
  if (doing) stands.push(`Not finished, but it may have happened: ${doing}.`);
  console.error(stands.length > 0 ? [...stands, "Run it again to go on."].join(" ") : "Nothing was changed.");
  wizard?.tellToken();
}
