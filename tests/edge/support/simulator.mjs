// The simulator as a test drives it: started on a free port, its faults and its record at hand.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The characters that the record keeps of a prompt. */
const PROMPT_KEPT = 60;

const BINARY = fileURLToPath(new URL("../../../target/debug/simulator", import.meta.url));

/**
 * Starts a simulator of the Sales Associate API that knows these keys.
 *
 * @param {string[]} keys each `KEY:TIER[:ORIGINS]`
 * @param {string[]} args further arguments
 */
export function startSimulator(keys, ...args) {
  return simulate((url) => `${url}/v1`, [...keys.flatMap((key) => ["--key", key]), ...args]);
}

/**
 * Starts a simulator with these flags.
 *
 * @param {(url: string) => string} baseUrl what CONCIERGE_BASE_URL is set to
 * @param {string[]} flags
 */
export async function simulate(baseUrl, flags) {
  const child = spawn(BINARY, ["--port", "0", "--faults", "--exit-with-stdin", ...flags], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const url = (await firstLine(child)).replace("simulator listening on ", "");
  return new Simulator(child, url, baseUrl(url));
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the simulator ended with ${code}`)));
  });
}

class Simulator {
  #child;

  constructor(child, url, baseUrl) {
    this.#child = child;
    this.url = url;
    /** What CONCIERGE_BASE_URL is set to. */
    this.baseUrl = baseUrl;
  }

  /**
   * Returns every request that arrived since the last reset, in order.
   *
   * @returns {Promise<any>}
   */
  async requests() {
    return (await fetch(`${this.url}/_simulator/requests`)).json();
  }

  /** The chats with this prompt, whatever the assistant calls it. The record keeps its beginning. */
  async requestsWith(prompt) {
    const requests = await this.requests();
    return requests.filter((request) => request.prompt === prompt.slice(0, PROMPT_KEPT));
  }

  /**
   * Returns what the assistants remember, by their names: chats, clicks, sign-ups.
   *
   * @returns {Promise<any>}
   */
  async state() {
    return (await fetch(`${this.url}/_simulator/state`)).json();
  }

  /** Has an assistant read its contract in another way: {ASSISTANT: {SWITCH: VALUE}}. */
  async switches(changes) {
    await this.#control("PUT", "switches", changes);
  }

  /**
   * Returns a short entry for each chat on record, in order.
   *
   * @returns {Promise<any>}
   */
  async chats() {
    return (await fetch(`${this.url}/_simulator/chats`)).json();
  }

  /**
   * Returns how many chats there were, are open, and were answered whole.
   *
   * @returns {Promise<any>}
   */
  async count() {
    return (await fetch(`${this.url}/_simulator/count`)).json();
  }

  /**
   * Has every request from now on meet this fault, or those that these words select.
   *
   * @param {string} fault
   * @param {{ times?: number, text?: string, endpoint?: string }} [which] `text` is a shopper's whole message
   */
  async fault(fault, which = {}) {
    await this.#control("PUT", "fault", { fault, ...which });
  }

  /** Ends the fault for all. */
  async noFault() {
    await this.#control("DELETE", "fault");
  }

  async limits(key, caps) {
    await this.#control("POST", "limits", { key, ...caps });
  }

  async reset() {
    await this.#control("POST", "reset");
  }

  /** Has it stand still, as a machine under a long pause does. */
  pause() {
    this.#child.kill("SIGSTOP");
  }

  resume() {
    this.#child.kill("SIGCONT");
  }

  /** Ends it, as a machine that goes down does. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  async #control(method, path, body) {
    const response = await fetch(`${this.url}/_simulator/${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
}
