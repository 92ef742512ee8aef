// `npm start`: runs the worker in local workerd, in front of the simulator, with a shop where you can chat. It needs no
// account, no key and no network beyond the package registries. `npm start -- --assistant NAME` begins with another
// assistant than the default one.

import { serveStorefront } from "../storefront/server/server.mjs";
import { build, cargo } from "./build.mjs";
import { readName } from "./demo.mjs";
import { freePort } from "./ports.mjs";
import { setUp } from "./setup.mjs";
import { Stage } from "./stage.mjs";
import { main, say, whenOrphaned } from "./steps.mjs";
import { buildWidget } from "./widget.mjs";

const WORKER_PORT = 8787;
const PAGE_PORT = 8788;

/**
 * What has to be stopped, newest first.
 *
 * @type {{ close: () => Promise<void> }[]}
 */
const running = [];
let ending = false;

await main(async () => {
  const name = readName(process.argv.slice(2));
  await setUp();
  say("Compiling the simulator");
  await Promise.all([buildWidget(), build(), cargo("build", "--package", "simulator")]);
  // A signal may arrive twice: the terminal sends Ctrl-C to every process, and parents pass it on.
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  whenOrphaned(end);

  const workerPort = await freePort(WORKER_PORT);
  const worker = `http://localhost:${workerPort}`;
  const port = await freePort(PAGE_PORT, workerPort);
  const stage = new Stage({ name, page: `http://localhost:${port}`, workerPort, onFailure: fail });
  const shop = await serveStorefront({ port, worker, stage });
  running.unshift(shop, stage);
  await stage.open();
  announce(worker, shop.url, stage);
});

function fail() {
  process.exitCode = 1;
  void end();
}

async function end() {
  if (ending) return;
  ending = true;
  await Promise.all(running.map((one) => one.close()));
  process.exit();
}

/**
 * @param {string} worker
 * @param {string} shop
 * @param {Stage} stage
 */
function announce(worker, shop, { name, simulator }) {
  console.log(`
  The assistant  ${name}
  The shop       ${shop}
  The worker     ${worker}
  The simulator  ${simulator}

  To try it, open the shop, where F2 opens the developer panel. Or run:

  curl ${worker}/v1/concierge/chat -H 'Origin: ${shop}' -H 'Content-Type: application/json' -d '{"prompt":"Birthday gift for my mom, around $250"}'

  The worker's log follows, one line per request. Press Ctrl-C to stop everything.
`);
}
