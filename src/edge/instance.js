// The wasm instance, and what happens to its callers when it is lost.
//
// All requests and all objects of an isolate share one instance, and a panic ends it. So every call into it goes
// through `call`. When the instance is lost, all requests under way are rejected at once, and the next call gets a
// fresh one.

import * as wasm from "./index.js";

/** The number of the current instance. A Rust object that was made in an earlier one is gone. */
let generation = 0;
let lost = false;
/** Whether a panic has announced a trap that is still to come. */
let trapping = false;
/** The traps that have been seen. A trap that nobody caught comes again, as an event. */
const seen = new WeakSet();
/** The functions that reject the requests under way. */
const waiting = new Set();

// For traps without a panic: memory that ran out, a stack that overflowed. The types do not know "error".
addEventListener(/** @type {any} */ ("error"), (/** @type {any} */ { error }) => loseIfTrapped(error));
addEventListener("unhandledrejection", (event) => loseIfTrapped(event.reason));

/** The Rust calls this when it panics, just before it traps. */
export function onPanic() {
  trapping = true;
  lose();
}

function lose() {
  lost = true;
  // This runs as soon as the trap has unwound the stack, so nothing goes on in the lost instance.
  queueMicrotask(rust);
  for (const reject of waiting) reject(new Error("the wasm instance was lost"));
  waiting.clear();
}

function loseIfTrapped(error) {
  const overflown = error instanceof RangeError && error.message.includes("call stack");
  if (!overflown && !(error instanceof WebAssembly.RuntimeError)) return;
  if (seen.has(error)) return;
  seen.add(error);
  // The trap of a panic may be seen when a fresh instance is already there, and must not end that one.
  if (trapping) trapping = false;
  else lose();
}

/** Returns the Rust, in an instance that works. */
function rust() {
  if (lost) {
    wasm.__wbg_reset_state();
    generation += 1;
    lost = false;
  }
  return wasm;
}

/** Returns the number of the instance that calls get now. */
export function currentGeneration() {
  rust();
  return generation;
}

/** Calls into the Rust. A trap is rethrown, and its instance counts as lost. */
export function call(entry) {
  try {
    return entry(rust());
  } catch (error) {
    loseIfTrapped(error);
    throw error;
  }
}

/** Makes a promise call the Rust. An uncaught trap would keep the lost instance from being collected. */
export function watch(promise, resolved, rejected, token) {
  const wake = (callback) => (value) => {
    try {
      callback(token, value);
    } catch (error) {
      loseIfTrapped(error);
    }
  };
  promise.then(wake(resolved), wake(rejected));
}

/** Returns a promise that settles like the given one, or rejects as soon as the instance is lost. */
export function guarded(promise) {
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    const settled = () => waiting.delete(reject);
    promise.then(resolve, reject).then(settled, settled);
  });
}
