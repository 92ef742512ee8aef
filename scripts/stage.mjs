// What `npm start` runs behind the shop: the simulator of an assistant, and the worker before it. Another assistant takes
// another pair of them, at the worker's same address.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

import { NAMES, demoOf } from "./demo.mjs";
import { Failed, ROOT, say } from "./steps.mjs";

/** How long a program may take to exit before it is killed. */
const PATIENCE_MS = 5_000;

/** @import { ChildProcessWithoutNullStreams } from "node:child_process" */
/** @import { Demo } from "./demo.mjs" */

/** The failure of a worker whose port another program took before it. Whoever gave the port may give the next one. */
export class PortTaken extends Failed {
  /** @param {number} port */
  constructor(port) {
    super(`Another program has taken port ${port}`, "Run the same command again.");
    this.port = port;
  }
}

export class Stage {
  names = NAMES;
  isReady = false;
  /** The simulator's address. */
  simulator = "";
  /** What opens the worker's /admin. It stays the same when the assistant is exchanged. */
  adminToken = randomBytes(24).toString("base64url");
  #demo;
  #page;
  #origins;
  #workerPort;
  #onFailure;
  /**
   * The programs that run, newest first.
   *
   * @type {ChildProcessWithoutNullStreams[]}
   */
  #programs = [];
  #isEnding = false;

  /**
   * @param {object} options
   * @param {string} options.name the first assistant
   * @param {string} options.page the shop's address
   * @param {string[]} [options.origins] whose pages may ask, too
   * @param {number} options.workerPort
   * @param {() => void} options.onFailure called when a program ends by itself
   */
  constructor({ name, page, origins, workerPort, onFailure }) {
    this.#demo = demoOf(name, page, origins);
    this.#page = page;
    this.#origins = origins;
    this.#workerPort = workerPort;
    this.#onFailure = onFailure;
  }

  get name() {
    return this.#demo.name;
  }

  get endpoint() {
    return this.#demo.endpoint;
  }

  /** Fails with `PortTaken` if the worker's port is not free any more. */
  async open() {
    this.simulator = await this.#startSimulator();
    await this.#startWorker();
    this.isReady = true;
  }

  /**
   * Takes another assistant. Its keys are new, so nobody has used anything of its limits.
   *
   * @param {string} name
   */
  async switchTo(name) {
    this.isReady = false;
    await this.#stop();
    if (this.#isEnding) return;
    this.#demo = demoOf(name, this.#page, this.#origins);
    try {
      await this.open();
    } catch (error) {
      // The pages that are open know the worker by its port, so it cannot move any more.
      console.error(`✗ ${/** @type {Error} */ (error).message}`);
      this.#onFailure();
      throw error;
    }
    say(`${name} answers now`);
  }

  async close() {
    this.#isEnding = true;
    await this.#stop();
  }

  /** @returns {Promise<string>} its address */
  async #startSimulator() {
    const { name, flags } = this.#demo;
    say(`Starting the simulator of ${name}`);
    const child = this.#start("the simulator", "target/debug/simulator", [
      "--port=0",
      "--faults",
      "--exit-with-stdin",
      ...flags,
    ]);
    const line = await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
    return line.slice(line.lastIndexOf(" ") + 1);
  }

  async #startWorker() {
    say("Starting the worker under wrangler dev");
    const vars = {
      CONCIERGE_BASE_URL: this.simulator + this.#demo.path,
      ADMIN_TOKEN: this.adminToken,
      ...this.#demo.vars,
    };
    const child = this.#start("the worker", "wrangler", [
      "dev",
      `--port=${this.#workerPort}`,
      "--inspector-port=0",
      "--show-interactive-dev-session=false",
      ...Object.entries(vars).map(([name, value]) => `--var=${name}:${value}`),
    ]);
    /** @type {PromiseWithResolvers<void>} */
    const { promise, resolve, reject } = Promise.withResolvers();
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on("line", (line) => {
        if (line.includes("Ready on")) resolve();
        if (line.includes("Address already in use")) {
          this.#programs = this.#programs.filter((program) => program !== child);
          reject(new PortTaken(this.#workerPort));
        }
        // Print the worker's own lines, as in `wrangler tail`. wrangler adds a frame to some of them.
        const [own] = line.match(/\{"request_id".*\}/) ?? [];
        if (own) console.log(own);
      });
    }
    await promise;
  }

  /**
   * Starts a program that keeps running.
   *
   * @param {string} name
   * @param {string} command
   * @param {string[]} args
   */
  #start(name, command, args) {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"] });
    this.#programs.unshift(child);
    let errors = "";
    child.stderr.on("data", (data) => (errors = (errors + data).slice(-4_000)));
    child.on("error", (error) => (errors += error.message));
    child.on("close", (code) => {
      // One that was stopped is not in the list any more.
      if (this.#isEnding || !this.#programs.includes(child)) return;
      console.error(errors);
      console.error(`✗ ${name} exited with ${code}`);
      console.error("  What to do: Read the lines above, then run npm start again.");
      this.#onFailure();
    });
    if (this.#isEnding) child.kill();
    return child;
  }

  /** Ends all programs, and waits until they are gone. */
  async #stop() {
    const programs = this.#programs;
    this.#programs = [];
    await Promise.all(programs.map(stopped));
  }
}

/**
 * @param {ChildProcessWithoutNullStreams} child
 * @returns {Promise<void>}
 */
function stopped(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("close", () => resolve());
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS).unref();
  });
}
