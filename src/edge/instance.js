// The wasm instance, and what becomes of its callers when it is lost.
//
// All requests and all objects of an isolate share one instance, and a panic ends it. So every call
// into it goes through `call`. When the instance is lost, all requests under way are rejected at
// once, and the next call finds a fresh one.

import * as wasm from "./index.js";

/** Counts the instances. An object of the Rust that was made under another one is gone. */
let generation = 0;
let lost = false;
/** Whether a panic has announced a trap that is still to come. */
let trapping = false;
/** The traps that have been seen: one that nobody caught comes again, as an event. */
const seen = new WeakSet();
/** How to reject each request that is under way. */
const waiting = new Set();

// Traps that are no panics: memory that ran out, a stack that overflowed. The types do not know "error".
addEventListener(/** @type {any} */ ("error"), (/** @type {any} */ { error }) => loseIfTrapped(error));
addEventListener("unhandledrejection", (event) => loseIfTrapped(event.reason));

/** The Rust calls this when it panics, just before it traps. */
export function onPanic() {
  trapping = true;
  lose();
}

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
  if (seen.has(error)) return;
  seen.add(error);
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

/** The instance that calls find at present. */
export function currentGeneration() {
  rust();
  return generation;
}

/** Calls into the Rust. A trap is thrown on, and the instance given up. */
export function call(entry) {
  try {
    return entry(rust());
  } catch (error) {
    loseIfTrapped(error);
    throw error;
  }
}

/** Has a promise call the Rust. A trap that nobody caught would keep the lost instance from being collected. */
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

/** What a promise of the Rust's comes to, or a rejection as soon as its instance is lost. */
export function guarded(promise) {
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    const settled = () => waiting.delete(reject);
    promise.then(resolve, reject).then(settled, settled);
  });
}
