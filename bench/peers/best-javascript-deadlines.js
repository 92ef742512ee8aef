// The deadlines of one request, by one timer; they end early when the shopper leaves.

export class Deadlines {
  #signal;
  #timer;
  #rings = Infinity;
  #due;
  #reject;

  constructor(signal) {
    this.#signal = signal;
    signal.onabort = () => this.#reject?.(new Error("the shopper left"));
  }

  within(ms, errand) {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) reject(new Error("the shopper left"));
      errand.then(resolve, reject);
      const now = Date.now();
      this.#reject = reject;
      this.#due = now + ms;
      if (this.#rings > this.#due) this.#set(now);
    });
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #set(now) {
    clearTimeout(this.#timer);
    this.#rings = this.#due;
    this.#timer = setTimeout(() => this.#ring(), this.#due - now);
  }

  #ring() {
    const now = Date.now();
    this.#rings = Infinity;
    if (now < this.#due) this.#set(now);
    else this.#reject(new Error("too late"));
  }
}
