// What is measured by the clock: every peer runs in a workerd of its own, all at once, and they
// take turns in short slices, so that whatever else the machine does falls on all of them. Each
// kind of slice has rounds of its own, or the objects of a peer would be evicted between its turns.

import { Load } from "./load-children.mjs";
import { FLOOD_STARTS_AFTER, LIMITS, settings } from "./peers.mjs";
import { percentile } from "./statistics.mjs";
import { machineTicks, startWorkerd } from "./workerd.mjs";

const NETWORKS = 64;
const SHOPPERS_EACH = 8;
/** The flood comes from a network of its own. */
const FLOOD_NETWORK = NETWORKS;
const CONCURRENCY = 32;
/** Chats a second where latency is measured: far below what any peer can take. */
const RATE = 200;
const COLD_STARTS = 9;
/** Between slices, for a machine whose host rations its CPU. */
const REST_MS = 150;

/** How long each slice takes, in milliseconds. */
export const FULL = { warmUp: 3_000, chats: 400, paced: 1_000, flood: 300 };
export const QUICK = { warmUp: 1_000, chats: 400, paced: 300, flood: 200 };

/** Milliseconds from the start of each peer's process to its first answered chat: { name: [ms] }. */
export async function coldStarts(peers, upstream, folder) {
  const load = new Load(1);
  const found = Object.fromEntries(peers.map(({ name }) => [name, []]));
  try {
    await load.open(1, 1);
    for (let i = 0; i < COLD_STARTS; i += 1) {
      for (const peer of peers) {
        const workerd = await start(peer, upstream, folder);
        try {
          (await load.flood(workerd.port, 1, { count: 1 })).expect(200);
          found[peer.name].push(performance.now() - workerd.started);
        } finally {
          await workerd.stop();
        }
        await rest();
      }
    }
  } finally {
    load.stop();
  }
  return found;
}

/** The upstream alone, under the load under which the peers are measured. */
export class Alone {
  #port;
  #load = new Load(2);

  constructor({ port }) {
    this.#port = port;
  }

  async chats({ chats: ms }) {
    await this.#load.open(NETWORKS, SHOPPERS_EACH);
    const { count } = (await this.#load.chats(this.#port, CONCURRENCY, ms)).expect(200);
    return { requestsPerSecond: (count / ms) * 1_000 };
  }

  async paced({ paced: ms }) {
    return latency((await this.#load.paced(this.#port, RATE, ms)).expect(200));
  }

  stop() {
    this.#load.stop();
  }
}

/** A peer under load, with shoppers who hold its passes and one who is over the limit. */
export class Contender {
  #peer;
  #workerd;
  #shoppers = new Load(2);
  #flood = new Load(1);

  static async open(peer, upstream, folder, phases) {
    const contender = new Contender();
    contender.#peer = peer;
    contender.#workerd = await start(peer, upstream, folder);
    await contender.#warmUp(phases);
    return contender;
  }

  async #warmUp(phases) {
    const { port } = this.#workerd;
    await this.#shoppers.open(NETWORKS, SHOPPERS_EACH);
    (await this.#shoppers.seed(port, CONCURRENCY)).expect(200);
    (await this.#shoppers.chats(port, CONCURRENCY, phases.warmUp)).expect(200);
    if (!this.#peer.refuses) return;
    await this.#flood.open(1, 1, FLOOD_NETWORK);
    await this.#flood.flood(port, CONCURRENCY, { count: FLOOD_STARTS_AFTER });
  }

  /** Chats back to back. */
  async chats({ chats: ms }) {
    const { port } = this.#workerd;
    const { cpu, perSecond, stolen } = await this.#accounted(200, () => this.#shoppers.chats(port, CONCURRENCY, ms));
    return { chatCpu: cpu, chatsPerSecond: perSecond, stolen };
  }

  /** Chats at a rate that leaves it time. */
  async paced({ paced: ms }) {
    return latency((await this.#shoppers.paced(this.#workerd.port, RATE, ms)).expect(200));
  }

  /** Somebody over the limit, back to back. */
  async flood({ flood: ms }) {
    if (!this.#peer.refuses) return {};
    const { port } = this.#workerd;
    const { cpu, perSecond } = await this.#accounted(429, () => this.#flood.flood(port, CONCURRENCY, { ms }));
    return { refusalCpu: cpu, refusalsPerSecond: perSecond };
  }

  /** CPU µs a request, and requests a second, of a slice. */
  async #accounted(status, slice) {
    await rest();
    const [cpu, time, before] = [this.#workerd.cpu(), performance.now(), machineTicks()];
    const { count } = (await slice()).expect(status);
    const after = machineTicks();
    return {
      cpu: (this.#workerd.cpu() - cpu) / count,
      perSecond: (count / (performance.now() - time)) * 1_000,
      stolen: (after.stolen - before.stolen) / (after.all - before.all),
    };
  }

  async stop() {
    this.#shoppers.stop();
    this.#flood.stop();
    await this.#workerd.stop();
  }
}

function latency({ times }) {
  return { p50: percentile(times, 50), p99: percentile(times, 99) };
}

function start(peer, upstream, folder) {
  return startWorkerd(folder, { ...peer, vars: { ...settings(upstream.port, LIMITS), ...peer.vars } });
}

function rest() {
  return new Promise((resolve) => setTimeout(resolve, REST_MS));
}
