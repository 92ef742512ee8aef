// The class of a limiter object. Its Rust is built anew whenever the instance was lost.

import { DurableObject } from "cloudflare:workers";
import { call, currentGeneration } from "./instance.js";

/**
 * The Rust of each limiter here, by the object's id. An evicted object leaves it to the garbage
 * collector, which does not see how large it is and comes late. So a limiter that wakes again frees
 * what it left behind.
 */
const known = new Map();
const collected = new FinalizationRegistry((id) => {
  if (known.get(id)?.limiter.deref() === undefined) known.delete(id);
});

export class Limiter extends DurableObject {
  #limiter;
  #generation;
  #flush = () => this.#call((limiter, ...own) => limiter.flush(...own));

  /** Answers a question, both in words. A plain array costs the call less than a typed one. */
  ask(...question) {
    return Array.from(this.#call((limiter, ...own) => limiter.ask(...own, question)));
  }

  alarm() {
    this.#call((limiter, ...own) => limiter.alarm(...own));
  }

  #call(entry) {
    return call((rust) => {
      if (this.#generation !== currentGeneration()) this.#wake(rust);
      try {
        return entry(this.#limiter, this.ctx.storage, this.#flush);
      } catch (error) {
        // Whatever it was about to do, storage is the truth.
        this.#generation = undefined;
        throw error;
      }
    });
  }

  /** Has the Rust take up what is stored. */
  #wake(rust) {
    const id = this.ctx.id.toString();
    const before = known.get(id);
    known.delete(id);
    const left = before?.limiter.deref();
    if (left && before.generation === currentGeneration()) left.free();
    this.#limiter = new rust.Limiter(this.ctx.storage, this.env);
    this.#generation = currentGeneration();
    known.set(id, { limiter: new WeakRef(this.#limiter), generation: this.#generation });
    collected.register(this.#limiter, id);
  }
}
