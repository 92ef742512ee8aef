// `npm start`: the worker in local workerd, in front of the simulator, with a storefront page to
// chat from. No account, no key, no network beyond the package registries.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

import { build, cargo } from "./build.mjs";
import { setUp } from "./setup.mjs";
import { Failed, ROOT, main, say, whenOrphaned } from "./steps.mjs";
import { serveStorefront } from "./storefront.mjs";

const WORKER_PORT = 8787;
const PAGE_PORT = 8788;
/** How long a program may take to end. */
const PATIENCE_MS = 5_000;
/** Known to the simulator alone. */
const DEMO_KEY = `ak_concierge_${"0".repeat(48)}`;

/** What is to be ended, the newest first. */
const running = [];
let ending = false;

await main(async () => {
  await setUp();
  say("Compiling the simulator");
  await Promise.all([build(), cargo("build", "--package", "simulator")]);
  // More than once: Ctrl-C is sent to all that run in a terminal, and passed on by those above us, too.
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  whenOrphaned(end);

  const workerPort = await freePort(WORKER_PORT);
  const worker = `http://localhost:${workerPort}`;
  const page = await serveStorefront({ port: await freePort(PAGE_PORT, workerPort), worker });
  running.unshift(page);
  const simulator = await startSimulator(page.url);
  await startWorker(workerPort, simulator, page.url);
  announce(worker, simulator, page.url);
});

async function startSimulator(page) {
  say("Starting the simulator");
  const child = start("the simulator", "target/debug/simulator", [
    "--port=0",
    "--exit-with-stdin",
    `--key=${DEMO_KEY}:trial:${page}`,
    `--storefront=${page}`,
  ]);
  const line = await new Promise((resolve) =>
    createInterface({ input: child.stdout }).once("line", resolve),
  );
  return line.split(" ").at(-1);
}

async function startWorker(port, simulator, page) {
  say("Starting the worker under wrangler dev");
  const vars = {
    CONCIERGE_API_KEY: DEMO_KEY,
    CONCIERGE_BASE_URL: `${simulator}/v1`,
    ALLOWED_ORIGINS: page,
  };
  const child = start("the worker", "wrangler", [
    "dev",
    `--port=${port}`,
    "--inspector-port=0",
    "--show-interactive-dev-session=false",
    ...Object.entries(vars).map(([name, value]) => `--var=${name}:${value}`),
  ]);
  const { promise, resolve } = Promise.withResolvers();
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      if (line.includes("Ready on")) resolve();
      // The worker's own lines, as a merchant sees them in `wrangler tail`; wrangler frames some.
      const [own] = line.match(/\{"request_id".*\}/) ?? [];
      if (own) console.log(own);
    });
  }
  await promise;
}

/** Starts a program that runs until the end; should it end before, so does everything. */
function start(name, command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => (errors = (errors + data).slice(-4_000)));
  child.on("error", (error) => (errors += error.message));
  child.on("close", (code) => {
    if (ending) return;
    console.error(errors);
    console.error(`✗ ${name} ended with ${code}`);
    console.error("  What to do: see the lines above, then run npm start again.");
    process.exitCode = 1;
    end();
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

/** This port, or the next one that is free. */
async function freePort(first, taken) {
  for (let port = first; port < first + 100; port += 1) {
    if (port !== taken && (await isFree(port, "127.0.0.1")) && (await isFree(port, "::1"))) return port;
  }
  throw new Failed(`no port from ${first} on is free`, "end the programs that hold them.");
}

function isFree(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", ({ code }) => resolve(code !== "EADDRINUSE"));
    probe.listen({ port, host }, () => probe.close(() => resolve(true)));
  });
}

function announce(worker, simulator, page) {
  console.log(`
  The page       ${page}
  The worker     ${worker}
  The simulator  ${simulator}

  Try it:

  curl ${worker}/v1/concierge/chat -H 'Origin: ${page}' -H 'Content-Type: application/json' -d '{"prompt":"Birthday gift for my mom, around $250"}'

  Below is the worker's log, a line each request. Ctrl-C ends all of it.
`);
}
