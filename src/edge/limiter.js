// The class of a limiter object. Its Rust half is built anew whenever the instance was lost.

import { DurableObject } from "cloudflare:workers";
import { call, currentGeneration } from "./instance.js";

/**
 * The Rust half of each limiter here, by the object's id. An evicted object leaves its half to the
 * garbage collector, which does not see how large it is and collects it late. So a limiter that
 * wakes again frees what it left behind.
 */
const known = new Map();
const collected = new FinalizationRegistry((id) => {
  if (known.get(id)?.limiter.deref() === undefined) known.delete(id);
});

export class Limiter extends DurableObject {
  #limiter;
  #generation;
  #flush = () => this.#call((limiter, ...own) => limiter.flush(...own));

  /** Answers a question. Both are words, in plain arrays, which cost the call less than typed ones. */
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
        // Storage is the truth, whatever the call was about to do. So the next call starts from what is stored.
        this.#generation = undefined;
        throw error;
      }
    });
  }

  /** Builds the Rust half from what is stored. */
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
