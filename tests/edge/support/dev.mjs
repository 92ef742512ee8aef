// `wrangler dev` as a developer starts it, in a process group of its own, so that it can be ended
// politely or killed at once.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { ROOT } from "./world.mjs";

/** Starts it with these settings, its storage in this folder, in a project: this one or another folder. */
export async function startDev(vars, folder, { cwd = ROOT, env = process.env } = {}) {
  const child = spawn(
    "wrangler",
    [
      "dev",
      "--port=0",
      "--inspector-port=0",
      "--show-interactive-dev-session=false",
      `--persist-to=${folder}`,
      ...Object.entries(vars).map(([name, value]) => `--var=${name}:${value}`),
    ],
    { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  return new Dev(child, await ready(child));
}

function ready(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (line) => {
      output += `${line}\n`;
      const [, url] = line.match(/Ready on (http:\/\/\S+)/) ?? [];
      if (url) resolve(new URL(url));
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`wrangler dev ended with ${code}:\n${output}`)));
  });
}

class Dev {
  #child;

  constructor(child, url) {
    this.#child = child;
    this.url = url;
  }

  /** Ends it as Ctrl-C does. */
  stop() {
    return this.#end("SIGINT");
  }

  /** Kills it with all its processes, as a crash does. */
  kill() {
    return this.#end("SIGKILL");
  }

  async #end(signal) {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    process.kill(-this.#child.pid, signal);
    await ended;
  }
}
