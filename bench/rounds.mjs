// What is measured by the clock: every peer runs in a workerd of its own, all at once, and they
// take turns in short slices, so that whatever else the machine does falls on all of them.

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

  async sample(phases) {
    await this.#load.open(NETWORKS, SHOPPERS_EACH);
    const whole = (await this.#load.chats(this.#port, CONCURRENCY, phases.chats)).expect(200);
    const paced = (await this.#load.paced(this.#port, RATE, phases.paced)).expect(200);
    return {
      requestsPerSecond: (whole.count / phases.chats) * 1_000,
      p50: percentile(paced.times, 50),
      p99: percentile(paced.times, 99),
    };
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

  /** One slice of each kind. */
  async sample(phases) {
    const { port } = this.#workerd;
    try {
      const chats = await this.#accounted(() => this.#shoppers.chats(port, CONCURRENCY, phases.chats));
      chats.outcome.expect(200);
      const paced = (await this.#shoppers.paced(port, RATE, phases.paced)).expect(200);
      const flood = await this.#refusals(phases.flood);
      return {
        chatCpu: chats.cpu,
        chatsPerSecond: chats.perSecond,
        stolen: chats.stolen,
        p50: percentile(paced.times, 50),
        p99: percentile(paced.times, 99),
        refusalCpu: flood?.cpu,
        refusalsPerSecond: flood?.perSecond,
      };
    } catch (error) {
      throw new Error(`${this.#peer.name}: ${error.message}\n${this.#workerd.errors()}`, { cause: error });
    }
  }

  async #refusals(ms) {
    if (!this.#peer.refuses) return undefined;
    const flood = await this.#accounted(() => this.#flood.flood(this.#workerd.port, CONCURRENCY, { ms }));
    flood.outcome.expect(429);
    return flood;
  }

  /** CPU µs a request, and requests a second, of a slice. */
  async #accounted(slice) {
    await rest();
    const [cpu, time, before] = [this.#workerd.cpu(), performance.now(), machineTicks()];
    const outcome = await slice();
    const { count } = outcome;
    const after = machineTicks();
    return {
      outcome,
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

function start(peer, upstream, folder) {
  return startWorkerd(folder, { ...peer, vars: settings(upstream.port, LIMITS) });
}

function rest() {
  return new Promise((resolve) => setTimeout(resolve, REST_MS));
}
