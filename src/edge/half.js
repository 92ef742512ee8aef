// What an object has in Rust. It is built anew whenever the instance was lost.

import { call, currentGeneration } from "./instance.js";

/**
 * The Rust half of each object here, by the object's id. An evicted object leaves its half to the
 * garbage collector, which does not see how large it is and collects it late. So an object that
 * wakes again frees what it left behind.
 */
const known = new Map();
const collected = new FinalizationRegistry((id) => {
  if (known.get(id)?.rust.deref() === undefined) known.delete(id);
});

/** The Rust half of one object. */
export class Half {
  #kind;
  #object;
  #rust;
  #generation;
  #flush = () => this.call((rust, ...own) => rust.flush(...own));

  constructor(kind, ctx, env) {
    this.#kind = kind;
    this.#object = { ctx, env };
  }

  call(entry) {
    return call((wasm) => {
      if (this.#generation !== currentGeneration()) this.#wake(wasm);
      try {
        return entry(this.#rust, this.#object.ctx.storage, this.#flush);
      } catch (error) {
        // Storage is the truth, whatever the call was about to do. So the next call starts from what is stored.
        this.#generation = undefined;
        throw error;
      }
    });
  }

  /** Builds the Rust half from what is stored. */
  #wake(wasm) {
    const { ctx, env } = this.#object;
    const id = ctx.id.toString();
    const before = known.get(id);
    known.delete(id);
    const left = before?.rust.deref();
    if (left && before.generation === currentGeneration()) left.free();
    this.#rust = new wasm[this.#kind](ctx.storage, env);
    this.#generation = currentGeneration();
    known.set(id, { rust: new WeakRef(this.#rust), generation: this.#generation });
    collected.register(this.#rust, id);
  }
}
