// `npm start`: runs the worker in local workerd, in front of the simulator, with a shop where you can chat. It needs no
// account, no key and no network beyond the package registries. `npm start -- --assistant NAME` begins with another
// assistant than the default one. `--origin ORIGIN` lets your own page in, too.

import { readOptions, usage } from "./demo.mjs";
import { setUp } from "./setup.mjs";
import { buildShop, openShop } from "./shop.mjs";
import { PortTaken } from "./stage.mjs";
import { main, say, whenOrphaned } from "./steps.mjs";

/** The worker's port, or the first one that is free after it. */
const FIRST_PORT = 8787;

/** @import { Stage } from "./stage.mjs" */

/**
 * What has to be stopped.
 *
 * @type {Awaited<ReturnType<typeof openShop>> | undefined}
 */
let running;
let ending = false;

await main(async () => {
  const { isHelp, ...options } = readOptions(process.argv.slice(2));
  if (isHelp) return console.log(usage());
  await setUp();
  await buildShop();
  // A signal may arrive twice: the terminal sends Ctrl-C to every process, and parents pass it on.
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  whenOrphaned(end);

  const { worker, url, stage } = await open(options, FIRST_PORT);
  announce(worker, url, options.origins, stage);
});

/**
 * Opens the shop and what is behind it. The port was free when it was looked at. If another program takes it before the
 * worker does, it is passed over.
 *
 * @param {{ name: string, origins: string[] }} options
 * @param {number} firstPort
 */
async function open(options, firstPort) {
  running = await openShop({ ...options, firstPort, onFailure: fail });
  try {
    await running.stage.open();
    return running;
  } catch (error) {
    if (!(error instanceof PortTaken)) throw error;
    say(`${error.message}. Taking the next one`);
    await running.close();
    return open(options, error.port + 1);
  }
}

function fail() {
  process.exitCode = 1;
  void end();
}

async function end() {
  if (ending) return;
  ending = true;
  await running?.close();
  process.exit();
}

/**
 * @param {string} worker
 * @param {string} shop
 * @param {string[]} origins
 * @param {Stage} stage
 */
function announce(worker, shop, origins, { name, simulator, adminToken }) {
  console.log(`
  The assistant  ${name}
  The shop       ${shop}
  The worker     ${worker}
  The simulator  ${simulator}
  What it does   ${worker}/admin, with the token ${adminToken}${origins.length > 0 ? `\n  Also let in    ${origins.join(", ")}` : ""}

  To try it, open the shop, where F2 opens the developer panel. Or run:

  curl ${worker}/v1/concierge/chat -H 'Origin: ${shop}' -H 'Content-Type: application/json' -d '{"prompt":"Birthday gift for my mom, around $250"}'

  The worker's log follows, one line per request. Press Ctrl-C to stop everything.
`);
}
