// The end of errands that do not end by themselves.

/** What is reported of an errand that did not end in time. */
const LATE = "timeout";
/** What is reported when the shopper has left. */
const LEFT = "left";

/**
 * The deadlines of a request, one after the other. What was begun for an errand ends with the
 * request, since nothing is left then that would wait for it.
 */
export class Clock {
  #signal;
  /** One timer serves one errand after the other. */
  #timer;
  #rings;
  #due;
  #patience;
  #reject;

  constructor(signal) {
    this.#signal = signal;
  }

  /** The errand's outcome, or a rejection with `LATE`, or with `LEFT` when the shopper has. */
  within(ms, now, begin) {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) throw LEFT;
      begin().then(resolve, reject);
      // With the first errand: a request without any has nothing to be told.
      if (this.#reject === undefined) this.#signal.onabort = () => this.#reject(LEFT);
      this.#reject = reject;
      this.#patience = ms;
      this.#due = now + ms;
      if (this.#timer !== undefined && this.#rings <= this.#due) return;
      this.stop();
      this.#set(now, ms);
    });
  }

  /** The word for what broke an errand: what the platform says of it, unless the shopper has left. */
  nameOf(error) {
    return this.#signal.aborted ? LEFT : String(error?.message ?? error);
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
    // A clock that is set back makes no errand longer than it may be.
    if (now < this.#due) this.#set(now, Math.min(this.#due - now, this.#patience));
    else this.#reject(LATE);
  }
}
