// The processes that make the load and the one that answers it, as the bench drives them.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Starts the upstream; `port` is where it listens. */
export async function startUpstream() {
  const child = fork(path("upstream.mjs"));
  const { port } = await said(child);
  return { port, stop: () => child.disconnect() };
}

/** Processes that share one load: each has shoppers on networks of its own. */
export class Load {
  #children;

  constructor(processes) {
    this.#children = Array.from({ length: processes }, () => fork(path("load.mjs")));
  }

  /** New browsers: so many networks from the first one on, `each` shoppers on every one. */
  async open(networks, each, first = 0) {
    const share = networks / this.#children.length;
    const opened = this.#children.map((child, i) => {
      const from = first + i * share;
      return job(child, { kind: "open", from, to: from + share, each });
    });
    await Promise.all(opened);
  }

  /** One chat of each shopper. */
  seed(port, concurrency) {
    return this.#all({ kind: "seed", port }, { concurrency });
  }

  /** All shoppers in turn, back to back. */
  chats(port, concurrency, ms) {
    return this.#all({ kind: "closed", port, ms }, { concurrency });
  }

  /** All shoppers in turn, at a fixed rate. */
  paced(port, rate, ms) {
    return this.#all({ kind: "paced", port, ms }, { rate });
  }

  /** One shopper alone, back to back: for so long, or so many. */
  async flood(port, concurrency, end) {
    return new Outcome([await job(this.#children[0], { kind: "closed", port, concurrency, alone: true, ...end })]);
  }

  stop() {
    for (const child of this.#children) child.disconnect();
  }

  async #all(order, shared) {
    const shares = Object.entries(shared).map(([name, value]) => [name, value / this.#children.length]);
    const share = Object.fromEntries(shares);
    return new Outcome(await Promise.all(this.#children.map((child) => job(child, { ...order, ...share }))));
  }
}

/** What became of a job. */
class Outcome {
  constructor(parts) {
    this.times = parts.flatMap(({ times }) => times);
    this.statuses = {};
    for (const { statuses } of parts) {
      for (const [status, count] of Object.entries(statuses)) {
        this.statuses[status] = (this.statuses[status] ?? 0) + count;
      }
    }
  }

  get count() {
    return this.times.length;
  }

  /** Fails where not every answer had this status: then something else was measured. */
  expect(status) {
    if (this.statuses[status] === this.count) return this;
    throw new Error(`expected ${status} alone, got ${JSON.stringify(this.statuses)}`);
  }
}

async function job(child, order) {
  const answer = said(child);
  child.send(order);
  const { done, failed } = await answer;
  if (failed) throw new Error(`the load failed: ${failed}`);
  return done;
}

function said(child) {
  return new Promise((resolve, reject) => {
    const gone = (code) => reject(new Error(`a process of the bench ended with ${code}`));
    child.once("exit", gone);
    child.once("message", (message) => {
      child.off("exit", gone);
      resolve(message);
    });
  });
}
