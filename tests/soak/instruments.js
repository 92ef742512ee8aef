// Counts what the Rust has alive, from outside: wasm-bindgen registers each object with a finaliser,
// and takes it off again when it is freed. It has to be imported before the worker.

const FREES = /__wbg_limiter_free/;

/** How many instances were lost before the one that works, and what lives in that one. */
let generation = 0;
let live = 0;
/** Its memory, and those of all instances that have not been collected. */
let memory;
let instantiated = 0;
const memories = new Set();

/** Counts what its callback frees; other registries are left alone. */
class CountingRegistry extends /** @type {any} */ (FinalizationRegistry) {
  #counts;

  constructor(callback) {
    const counts = FREES.test(String(callback));
    super((held) => {
      if (counts && held.instance === generation) live -= 1;
      callback(held);
    });
    this.#counts = counts;
  }

  register(object, held, token) {
    if (this.#counts) {
      if (held.instance !== generation) live = 0;
      generation = held.instance;
      live += 1;
    }
    super.register(object, held, token);
  }

  unregister(token) {
    const wasRegistered = super.unregister(token);
    if (this.#counts && wasRegistered && token.__wbg_inst === generation) live -= 1;
    return wasRegistered;
  }
}

globalThis.FinalizationRegistry = /** @type {any} */ (CountingRegistry);

WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {[module: WebAssembly.Module, imports?: any]} args */
  constructor(...args) {
    super(...args);
    instantiated += 1;
    ({ memory } = this.exports);
    memories.add(new WeakRef(memory));
  }
};

/** The number of the instance that works. */
export function instance() {
  return instantiated;
}

/** What lives at present, and the bytes of the memory of the instance that works. */
export function counts() {
  const instances = [...memories].filter((memory) => memory.deref()).length;
  return { limiters: live, instances, memory: memory.buffer.byteLength };
}
