// One home's limiter object: the Rust decides, and is built anew whenever its instance was lost.

import { DurableObject } from "cloudflare:workers";
import { call, currentGeneration } from "./instance.js";

const LEDGER = "ledger";

export class Limiter extends DurableObject {
  #host = new Host(this.ctx.storage, () => this.#call((limiter) => limiter.flush(Date.now())));
  #limiter;
  #generation;

  // A plain array costs the call less than a typed one.

  admit(shopper, newcomer, receipt) {
    return this.#call((limiter) => Array.from(limiter.admit(shopper, newcomer, receipt, Date.now())));
  }

  giveBack(shopper, receipt) {
    return this.#call((limiter) => Array.from(limiter.give_back(shopper, receipt, Date.now())));
  }

  admitRetry() {
    return this.#call((limiter) => limiter.admit_retry(Date.now()));
  }

  alarm() {
    this.#call((limiter) => limiter.alarm(Date.now()));
  }

  #call(entry) {
    return call((rust) => {
      if (this.#generation !== currentGeneration()) {
        this.#limiter = new rust.Limiter(this.#host, this.env);
        this.#generation = currentGeneration();
      }
      try {
        return entry(this.#limiter);
      } catch (error) {
        // Whatever it was about to do, storage is the truth.
        this.#generation = undefined;
        throw error;
      }
    });
  }
}

/** What the Rust of a limiter asks of its object: storage, an alarm and a timer. */
class Host {
  #storage;
  #flush;

  constructor(storage, flush) {
    this.#storage = storage;
    this.#flush = flush;
  }

  read() {
    return this.#storage.kv.get(LEDGER);
  }

  /** Writes without holding back the answer. */
  write(snapshot) {
    // A view of the wasm memory would be stored with all of that memory.
    unconfirmed(this.#storage.put(LEDGER, snapshot.slice(), { allowUnconfirmed: true }));
  }

  wakeAt(time) {
    unconfirmed(this.#storage.setAlarm(time, { allowUnconfirmed: true }));
  }

  flushIn(ms) {
    setTimeout(this.#flush, ms);
  }

  clear() {
    unconfirmed(this.#storage.deleteAll());
  }
}

/** The runtime ends an object whose storage fails, and the next one starts from what is stored. */
function unconfirmed(write) {
  write.catch((error) => console.error("the limiter could not write", error));
}
