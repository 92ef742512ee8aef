// The classes of the objects.

import { DurableObject } from "cloudflare:workers";
import { Half } from "./half.js";

/** Counts the shoppers of one network, or one verified shopper. */
export class Limiter extends DurableObject {
  #half = new Half("Limiter", this.ctx, this.env);

  /** Answers a question. Both are words, in plain arrays, which cost the call less than typed ones. */
  ask(...question) {
    return Array.from(this.#half.call((limiter, ...own) => limiter.ask(...own, question)));
  }

  alarm() {
    this.#half.call((limiter, ...own) => limiter.alarm(...own));
  }
}

/** Counts what the worker does in one day. */
export class Usage extends DurableObject {
  #half = new Half("Usage", this.ctx, this.env);

  /** Adds what an isolate has counted. */
  report(bytes) {
    this.#half.call((usage, ...own) => usage.report(...own, bytes));
  }

  /** Returns all that was counted. */
  read() {
    return this.#half.call((usage, ...own) => usage.read(...own));
  }

  alarm() {
    this.#half.call((usage, ...own) => usage.alarm(...own));
  }
}
