// One home's limiter object: the Rust decides, and is built anew whenever its instance was lost.

import { DurableObject } from "cloudflare:workers";
import { call, currentGeneration, free } from "./instance.js";

const LEDGER = "ledger";

/**
 * The Rust of each home here, by the object's id. An evicted object leaves it to the garbage
 * collector, which does not see how large it is and comes late; so a home that wakes again frees
 * what it left behind.
 */
const known = new Map();
const collected = new FinalizationRegistry((id) => {
  if (known.get(id)?.limiter.deref() === undefined) known.delete(id);
});

export class Limiter extends DurableObject {
  #limiter;
  #generation;

  /** Answers a question, both in words. A plain array costs the call less than a typed one. */
  ask(question) {
    return this.#call((limiter) => Array.from(limiter.ask(question, Date.now())));
  }

  alarm() {
    this.#call((limiter) => limiter.alarm(Date.now()));
  }

  #call(entry) {
    return call((rust) => {
      if (this.#generation !== currentGeneration()) this.#wake(rust);
      try {
        const outcome = entry(this.#limiter);
        this.#carryOut(this.#limiter);
        return outcome;
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
    if (left) free(left, before.generation);
    this.#limiter = new rust.Limiter(this.ctx.storage.kv.get(LEDGER), this.env);
    this.#generation = currentGeneration();
    known.set(id, { limiter: new WeakRef(this.#limiter), generation: this.#generation });
    collected.register(this.#limiter, id);
  }

  /** Does what a call has left to be done. No write holds back the answer. */
  #carryOut(limiter) {
    const { storage } = this.ctx;
    const snapshot = limiter.snapshot();
    if (snapshot) unconfirmed(storage.put(LEDGER, snapshot, { allowUnconfirmed: true }));
    const time = limiter.wake_at();
    if (time !== undefined) unconfirmed(storage.setAlarm(time, { allowUnconfirmed: true }));
    const ms = limiter.flush_in();
    if (ms !== undefined) setTimeout(() => this.#call((limiter) => limiter.flush(Date.now())), ms);
    if (limiter.clears()) unconfirmed(storage.deleteAll());
  }
}

/** The runtime ends an object whose storage fails, and the next one starts from what is stored. */
function unconfirmed(write) {
  write.catch((error) => console.error("the limiter could not write", error));
}
