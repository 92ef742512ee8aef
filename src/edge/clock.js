// The end of steps that do not end by themselves.

import { Failure } from "./index.js";

/** What a step is rejected with that did not end in time. */
const ELAPSED = Symbol("elapsed");
/** What it is rejected with when the shopper has left. */
const LEFT = Symbol("left");

/**
 * The deadlines of a request, one after the other. What was begun for a step ends with the
 * request, since nothing is left then that would wait for it.
 */
export class Clock {
  #signal;
  /** One timer serves one step after the other. */
  #timer;
  #rings;
  #due;
  #timeout;
  #reject;

  constructor(signal) {
    this.#signal = signal;
  }

  /** The step's outcome, or a rejection with `ELAPSED`, or with `LEFT` when the shopper has. */
  within(ms, now, begin) {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) throw LEFT;
      begin().then(resolve, reject);
      // With the first step: a request without any has nothing to be told.
      if (this.#reject === undefined) this.#signal.onabort = () => this.#reject(LEFT);
      this.#reject = reject;
      this.#timeout = ms;
      this.#due = now + ms;
      if (this.#timer !== undefined && this.#rings <= this.#due) return;
      this.stop();
      this.#set(now, ms);
    });
  }

  /** What broke a step: its kind, and what the platform says of it. */
  failureOf(error) {
    if (this.#signal.aborted) return [Failure.ShopperLeft, ""];
    if (error === ELAPSED) return [Failure.Elapsed, ""];
    return [Failure.Broken, String(error?.message ?? error)];
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #set(now, ms) {
    this.#rings = now + ms;
    this.#timer = setTimeout(() => this.#ring(), ms);
  }

  #ring() {
    this.#timer = undefined;
    const now = Date.now();
    // A clock that is set back makes no step longer than it may be.
    if (now < this.#due) this.#set(now, Math.min(this.#due - now, this.#timeout));
    else this.#reject(ELAPSED);
  }
}
