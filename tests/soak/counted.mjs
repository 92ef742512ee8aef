// A world whose worker tells what lives in it.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { esModule, modulesIn, openWorld } from "../edge/support/world.mjs";

const WORKER = "tests/soak/counted-worker.js";
const INSTRUMENTS = ["tests/soak/instruments.js", "tests/soak/requests.js"];
const BUNDLE = "dist";

/** For how long what is over may still be about. */
const SETTLED_MS = 30_000;
/** Longer than an object puts a write off. */
const PUT_OFF_MS = 1_100;

/** Limits that no act reaches by accident, in a window that ends in none: an alarm wakes its object. */
const WIDE = { SHOPPER_LIMITS: "20000/day", NEWCOMER_LIMITS: "20000/day", NETWORK_LIMITS: "20000/day" };

/**
 * Opens one.
 *
 * @param {{ folder?: string, vars?: import("../edge/support/world.mjs").Vars }} [options] `folder`: where the bundle
 *   is; `vars`: settings beside the usual ones
 */
export async function openCounted({ folder = BUNDLE, vars } = {}) {
  // As Miniflare takes it.
  process.env.MINIFLARE_WORKERD_V8_FLAGS = "--expose-gc";
  const worker = esModule(WORKER);
  const contents = readFileSync(worker.path, "utf8").replace(`../../${BUNDLE}/`, `../../${folder}/`);
  const modules = () => [{ ...worker, contents }, ...INSTRUMENTS.map(esModule), ...modulesIn(folder, "shim.js")];
  return new Counted(await openWorld({ modules, vars: { ...WIDE, ...vars } }));
}

class Counted {
  constructor(world) {
    this.world = world;
  }

  /** What lives at present, the garbage collector left alone. */
  counts() {
    return this.#ask("counts");
  }

  /** What is left after a collection when no request is under way and no object awake. */
  async rest() {
    const { world } = this;
    await this.#settled(
      () => this.counts(),
      ({ exchanges }) => exchanges === 0,
    );
    // What an object has put off would wake it.
    await sleep(PUT_OFF_MS);
    world.logs.length = 0;
    await world.simulator.reset();
    // What woke late, as on a busy machine, is evicted, too; what is held stays.
    const collected = async () => {
      await world.evictLimiters();
      return this.#ask("collected");
    };
    return this.#settled(collected, ({ limiters, exchanges }) => limiters === 0 && exchanges === 0);
  }

  /** What is counted once that is as it should be, or what is not so after a while. */
  async #settled(count, isSettled) {
    const end = Date.now() + SETTLED_MS;
    for (;;) {
      const counts = await count();
      if (isSettled(counts) || Date.now() > end) return counts;
      await sleep(50);
    }
  }

  /** Has a limiter decide so many chats of one shopper: its last decision. */
  admit(id, count = 1) {
    return this.#ask(`admit?id=${id}&count=${count}`);
  }

  /** Has the next reply throw. */
  throwOnce() {
    return this.#ask("throw");
  }

  /** How long the objects are to take for an answer to a chat, and to a retry. */
  delay(chat, retry) {
    return this.#ask(`delay?chat=${chat}&retry=${retry}`);
  }

  close() {
    return this.world.close();
  }

  async #ask(what) {
    const response = await fetch(`${this.world.url.origin}/${what}`);
    if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
