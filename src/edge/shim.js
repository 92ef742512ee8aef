// What the runtime sees: the fetch handler and the limiter object, each a thin wrapper of the Rust.
//
// All requests and all objects of an isolate share one wasm instance, and a panic ends it: code
// that waits in it never goes on. So every call is guarded: when the instance is lost, all calls
// under way are rejected at once, and the next call finds a fresh one. The fetch handler then
// answers with the internal fault; an object is built again from its storage.

import { DurableObject } from "cloudflare:workers";
import * as wasm from "./index.js";

const LEDGER = "ledger";

/** Counts the instances; an object of the Rust that was made under another one is gone. */
let generation = 0;
let lost = false;
/** Whether a panic has announced a trap that is still to come. */
let trapping = false;
/** How to reject each call that waits for the instance. */
const waiting = new Set();

// The panic hook of the worker crate sets this flag, before the instance traps.
Object.defineProperty(wasm.__worker_init_state(), "criticalError", {
  set(critical) {
    if (!critical) return;
    trapping = true;
    lose();
  },
});
// Traps that are no panics: memory that ran out, a stack that overflowed.
addEventListener("error", (event) => loseIfTrapped(event.error));
addEventListener("unhandledrejection", (event) => loseIfTrapped(event.reason));

function lose() {
  lost = true;
  // As soon as the trap has unwound the stack, so that nothing goes on in what is left of it.
  queueMicrotask(rust);
  for (const reject of waiting) reject(new Error("the wasm instance was lost"));
  waiting.clear();
}

function loseIfTrapped(error) {
  const overflown = error instanceof RangeError && error.message.includes("call stack");
  if (!overflown && !(error instanceof WebAssembly.RuntimeError)) return;
  // The trap of a panic may be seen only when a fresh instance is already there.
  if (trapping) trapping = false;
  else lose();
}

/** The Rust, in an instance that works. */
function rust() {
  if (lost) {
    wasm.__wbg_reset_state();
    generation += 1;
    lost = false;
  }
  return wasm;
}

/** Calls into the Rust. A trap is thrown on, and the instance given up. */
function call(entry) {
  try {
    return entry(rust());
  } catch (error) {
    loseIfTrapped(error);
    throw error;
  }
}

/** The same for a call that waits. */
async function guarded(entry) {
  const { promise: end, reject } = Promise.withResolvers();
  end.catch(() => {});
  waiting.add(reject);
  try {
    return await Promise.race([call(entry), end]);
  } finally {
    waiting.delete(reject);
  }
}

async function answer(request, env) {
  const started = Date.now();
  try {
    return await guarded((rust) => rust.fetch(request, env));
  } catch (error) {
    console.error("the fetch event failed", error);
  }
  try {
    return call((rust) => rust.fault(request, env, started));
  } catch (error) {
    console.error("its answer failed, too", error);
    return lastResort();
  }
}

/** The internal fault, where not even the Rust that words it can be called. */
function lastResort() {
  const id = crypto.randomUUID();
  const message = "The proxy failed. Report the request_id to its operator.";
  const headers = { vary: "Origin", "x-request-id": id, "cache-control": "no-store" };
  return Response.json({ error: "internal_error", message, request_id: id }, { status: 500, headers });
}

export default {
  fetch(request, env, ctx) {
    const reply = answer(request, env);
    // A shopper who leaves would end the request before its line is logged.
    ctx.waitUntil(reply);
    return reply;
  },
};

/** One home's limiter: the Rust decides, and is built anew whenever its instance was lost. */
export class Limiter extends DurableObject {
  #host = new Host(this.ctx.storage, () => this.#call((limiter) => limiter.flush(Date.now())));
  #limiter;
  #generation;

  admit(shopper, newcomer) {
    return this.#call((limiter) => limiter.admit(shopper, newcomer, Date.now()));
  }

  alarm() {
    this.#call((limiter) => limiter.alarm(Date.now()));
  }

  #call(entry) {
    return call((rust) => {
      if (this.#generation !== generation) {
        this.#limiter = new rust.Limiter(this.#host, this.env);
        this.#generation = generation;
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
