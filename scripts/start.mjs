// `npm start`: runs the worker in local workerd, in front of the simulator, with a storefront page
// where you can chat. It needs no account, no key and no network beyond the package registries.
// `npm start -- --assistant NAME` takes another assistant than the default one.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

import { build, cargo } from "./build.mjs";
import { readDemo } from "./demo.mjs";
import { setUp } from "./setup.mjs";
import { Failed, ROOT, main, say, whenOrphaned } from "./steps.mjs";
import { serveStorefront } from "./storefront.mjs";
import { buildWidget } from "./widget.mjs";

const WORKER_PORT = 8787;
const PAGE_PORT = 8788;
/** How long a program may take to exit before it is killed. */
const PATIENCE_MS = 5_000;

/** @import { Demo } from "./demo.mjs" */

/**
 * What has to be stopped, newest first.
 *
 * @type {{ close: () => Promise<void> }[]}
 */
const running = [];
let ending = false;

await main(async () => {
  const demoFor = readDemo(process.argv.slice(2));
  await setUp();
  say("Compiling the simulator");
  await Promise.all([buildWidget(), build(), cargo("build", "--package", "simulator")]);
  // A signal may arrive twice: the terminal sends Ctrl-C to every process, and parents pass it on.
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  whenOrphaned(end);

  const workerPort = await freePort(WORKER_PORT);
  const worker = `http://localhost:${workerPort}`;
  const page = await serveStorefront({ port: await freePort(PAGE_PORT, workerPort), worker });
  running.unshift(page);
  const demo = demoFor(page.url);
  const simulator = await startSimulator(page.url, demo);
  await startWorker(workerPort, simulator, page.url, demo);
  announce(worker, simulator, page.url, demo);
});

/**
 * Starts the simulator and returns its address.
 *
 * @param {string} page
 * @param {Demo} demo
 * @returns {Promise<string>}
 */
async function startSimulator(page, { name, flags }) {
  say(`Starting the simulator of ${name}`);
  const child = start("the simulator", "target/debug/simulator", [
    "--port=0",
    "--exit-with-stdin",
    `--storefront=${page}`,
    ...flags,
  ]);
  const line = await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  return line.slice(line.lastIndexOf(" ") + 1);
}

/**
 * @param {number} port
 * @param {string} simulator
 * @param {string} page
 * @param {Demo} demo
 */
async function startWorker(port, simulator, page, demo) {
  say("Starting the worker under wrangler dev");
  const vars = {
    CONCIERGE_BASE_URL: simulator + demo.path,
    ALLOWED_ORIGINS: page,
    ...demo.vars,
  };
  const child = start("the worker", "wrangler", [
    "dev",
    `--port=${port}`,
    "--inspector-port=0",
    "--show-interactive-dev-session=false",
    ...Object.entries(vars).map(([name, value]) => `--var=${name}:${value}`),
  ]);
  /** @type {PromiseWithResolvers<void>} */
  const { promise, resolve } = Promise.withResolvers();
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      if (line.includes("Ready on")) resolve();
      // Print the worker's own lines, as in `wrangler tail`. wrangler adds a frame to some of them.
      const [own] = line.match(/\{"request_id".*\}/) ?? [];
      if (own) console.log(own);
    });
  }
  await promise;
}

/**
 * Starts a program that keeps running. If it exits by itself, everything is stopped.
 *
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 */
function start(name, command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => (errors = (errors + data).slice(-4_000)));
  child.on("error", (error) => (errors += error.message));
  child.on("close", (code) => {
    if (ending) return;
    console.error(errors);
    console.error(`✗ ${name} exited with ${code}`);
    console.error("  What to do: Read the lines above, then run npm start again.");
    process.exitCode = 1;
    void end();
  });
  running.unshift({
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("close", resolve);
        child.kill("SIGTERM");
        setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS).unref();
      }),
  });
  return child;
}

async function end() {
  if (ending) return;
  ending = true;
  await Promise.all(running.map((one) => one.close()));
  process.exit();
}

/**
 * Returns this port, or the next one that is free.
 *
 * @param {number} first
 * @param {number} [taken]
 */
async function freePort(first, taken) {
  for (let port = first; port < first + 100; port += 1) {
    if (port !== taken && (await isFree(port, "127.0.0.1")) && (await isFree(port, "::1"))) return port;
  }
  throw new Failed(`No port from ${first} to ${first + 99} is free`, "Stop a program that uses one of these ports.");
}

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>}
 */
function isFree(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (/** @type {NodeJS.ErrnoException} */ { code }) => resolve(code !== "EADDRINUSE"));
    probe.listen({ port, host }, () => probe.close(() => resolve(true)));
  });
}

/**
 * @param {string} worker
 * @param {string} simulator
 * @param {string} page
 * @param {Demo} demo
 */
function announce(worker, simulator, page, { name }) {
  console.log(`
  The assistant  ${name}
  The page       ${page}
  The worker     ${worker}
  The simulator  ${simulator}

  To try it, run:

  curl ${worker}/v1/concierge/chat -H 'Origin: ${page}' -H 'Content-Type: application/json' -d '{"prompt":"Birthday gift for my mom, around $250"}'

  The worker's log follows, one line per request. Press Ctrl-C to stop everything.
`);
}
