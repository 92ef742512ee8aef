// Counts what the Rust has alive, from outside: wasm-bindgen registers each object with a finaliser,
// and takes it off again when it is freed. It has to be imported before the worker.

const FREES = /__wbg_(limiter|exchange)_free/;

/** How many instances were lost before the one that works, and what lives in that one. */
let generation = 0;
let live = { limiter: 0, exchange: 0 };
/** Its memory, and those of all instances that have not been collected. */
let memory;
const memories = new Set();

/** Counts what its callback frees; other registries are left alone. */
class CountingRegistry extends /** @type {any} */ (FinalizationRegistry) {
  #kind;

  constructor(callback) {
    const [, kind] = String(callback).match(FREES) ?? [];
    super((held) => {
      if (kind && held.instance === generation) live[kind] -= 1;
      callback(held);
    });
    this.#kind = kind;
  }

  register(object, held, token) {
    if (this.#kind) {
      if (held.instance !== generation) live = { limiter: 0, exchange: 0 };
      generation = held.instance;
      live[this.#kind] += 1;
    }
    super.register(object, held, token);
  }

  unregister(token) {
    const wasRegistered = super.unregister(token);
    if (wasRegistered && token.__wbg_inst === generation) live[this.#kind] -= 1;
    return wasRegistered;
  }
}

globalThis.FinalizationRegistry = /** @type {any} */ (CountingRegistry);

WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {[module: WebAssembly.Module, imports?: any]} args */
  constructor(...args) {
    super(...args);
    ({ memory } = this.exports);
    memories.add(new WeakRef(memory));
  }
};

/** What lives at present, and the bytes of the memory of the instance that works. */
export function counts() {
  const instances = [...memories].filter((memory) => memory.deref()).length;
  return { limiters: live.limiter, exchanges: live.exchange, instances, memory: memory.buffer.byteLength };
}
