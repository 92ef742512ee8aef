// Plain workerd from npm, without Miniflare's own worker in front: what is measured is the peer.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import workerd from "workerd";

/** As in wrangler.toml. */
const COMPATIBILITY_DATE = "2026-10-01";
const COMPATIBILITY_FLAGS = ["enable_request_signal"];

/** Those that run: none outlives the bench, however it ends. */
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/**
 * Starts a process of its own for a peer and resolves once it listens.
 *
 * folder: where its storage goes; modules: [{ name, type, path }], the main one first; vars: its
 * texts; objects: the classes of its Durable Objects.
 */
export async function startWorkerd(folder, { modules, vars, objects }) {
  const root = mkdtempSync(join(folder, "workerd-"));
  mkdirSync(join(root, "objects"));
  for (const { name, path } of modules) writeFileSync(join(root, name), readFileSync(path));
  const config = join(root, "config.capnp");
  writeFileSync(config, capnp(modules, vars, objects, join(root, "objects")));
  const started = performance.now();
  const child = spawn(workerd.default, ["serve", "--control-fd=3", config], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let errors = "";
  child.stderr?.on("data", (data) => (errors += data));
  const port = await new Promise((resolve, reject) => {
    child.stdio[3]?.on("data", (data) => resolve(JSON.parse(String(data).split("\n")[0]).port));
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code}:\n${errors}`)));
  });
  return new Workerd(child, root, port, started, () => errors);
}

class Workerd {
  #child;
  #folder;

  constructor(child, root, port, started, errors) {
    this.#child = child;
    this.#folder = root;
    this.port = port;
    this.started = started;
    /** What it has written to stderr. */
    this.errors = errors;
  }

  /** CPU time of the process so far, in µs, that of all its threads: user and system. */
  cpu() {
    const threads = `/proc/${this.#child.pid}/task`;
    // The first number is what the thread has run, in nanoseconds.
    const times = readdirSync(threads).map((id) =>
      Number(readFileSync(`${threads}/${id}/schedstat`, "utf8").split(" ")[0]),
    );
    return times.reduce((sum, time) => sum + time, 0) / 1_000;
  }

  async stop() {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What the machine's CPUs have done so far, in ticks: all of it, and what a host kept from them. */
export function machineTicks() {
  const [first] = readFileSync("/proc/stat", "utf8").split("\n");
  const ticks = first.trim().split(/\s+/).slice(1, 9).map(Number);
  return { all: ticks.reduce((a, b) => a + b, 0), stolen: ticks[7] };
}

function capnp(modules, vars, classes, storage) {
  const text = JSON.stringify;
  const list = (items) => `[${items.join(", ")}]`;
  const bindings = Object.entries(vars).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  for (const name of classes)
    bindings.push(`(name = ${text(name.toUpperCase())}, durableObjectNamespace = ${text(name)})`);
  const namespaces = classes.map((name) => `(className = ${text(name)}, uniqueKey = ${text(name)}, enableSql = true)`);
  const objects = `
    durableObjectNamespaces = ${list(namespaces)},
    durableObjectStorage = (localDisk = "objects"),`;
  const embedded = modules.map(({ name, type }) => `(name = ${text(name)}, ${type} = embed ${text(name)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .peer),
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "objects", disk = (path = ${text(storage)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const peer :Workerd.Worker = (
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  compatibilityFlags = ${list(COMPATIBILITY_FLAGS.map((flag) => text(flag)))},
  modules = ${list(embedded)},
  bindings = ${list(bindings)},${classes.length > 0 ? objects : ""}
);
`;
}
