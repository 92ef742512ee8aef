// The limiter object: exact rolling windows in memory, written behind. A chat is admitted when, in
// each window, the cap-th last admission is as old as the window.

import { DurableObject } from "cloudflare:workers";

const WRITE_INTERVAL = 1_000;
const MAX_ADMISSIONS = 50_000;
const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const LEDGER = "ledger";

function budget(text) {
  const caps = text.split(",").map((entry) => {
    const [count, name] = entry.trim().split("/");
    return { count: Number(count), name, ms: MS[name] };
  });
  caps.sort((a, b) => a.ms - b.ms);
  return { caps, headline: caps.find(({ name }) => name === "hour") ?? caps.at(-1) };
}

export function limitsOf(env) {
  const limits = {
    shopper: budget(env.SHOPPER_LIMITS),
    newcomer: budget(env.NEWCOMER_LIMITS),
    network: budget(env.NETWORK_LIMITS),
  };
  const longest = Object.values(limits).map(({ caps }) => caps.at(-1));
  longest.sort((a, b) => b.ms - a.ms);
  limits.horizon = longest[0].ms;
  limits.network.caps.push({ ...longest[0], count: MAX_ADMISSIONS });
  return limits;
}

let limits;

/** A queue that is read from its end. */
class Log {
  #items = [];
  #head = 0;

  get length() {
    return this.#items.length - this.#head;
  }

  first() {
    return this.#items[this.#head];
  }

  last() {
    return this.#items.at(-1);
  }

  nthLast(n) {
    return n > this.length ? undefined : this.#items[this.#items.length - n];
  }

  push(item) {
    this.#items.push(item);
  }

  shift() {
    this.#head += 1;
    // Moving the rest costs no more than what has been taken out since the last time.
    if (2 * this.#head > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }

  *[Symbol.iterator]() {
    for (let i = this.#head; i < this.#items.length; i += 1) yield this.#items[i];
  }

  /** The first that is later than a time. */
  after(time) {
    let [low, high] = [this.#head, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#items[middle] > time) high = middle;
      else low = middle + 1;
    }
    return { count: this.#items.length - low, oldest: this.#items[low] };
  }
}

export class Limiter extends DurableObject {
  #admissions = new Log();
  #times = new Log();
  #newcomers = new Log();
  #shoppers = new Map();
  #clock = 0;
  #alarm;
  #written;
  #flushing = false;

  constructor(ctx, env) {
    super(ctx, env);
    limits ??= limitsOf(env);
    const stored = ctx.storage.kv.get(LEDGER);
    if (!stored) return;
    this.#alarm = stored.alarm;
    for (const [i, at] of stored.at.entries()) this.#record(at, stored.shopper[i], stored.newcomer[i] === 1);
    this.#clock = this.#times.last() ?? 0;
  }

  admit(shopper, newcomer) {
    const now = this.#tick();
    const full = this.#full(shopper, newcomer, now);
    if (!full) {
      this.#record(now, shopper, newcomer);
      this.#store(now);
    }
    return { full, ...this.#standing(shopper, now) };
  }

  alarm() {
    this.#alarm = undefined;
    const now = this.#tick();
    if (this.#times.length > 0) {
      this.#write(now);
      return;
    }
    this.#written = undefined;
    this.ctx.storage.deleteAll();
  }

  #tick() {
    this.#clock = Math.max(this.#clock, Date.now());
    const oldest = this.#clock - limits.horizon;
    while (this.#times.length > 0 && this.#times.first() <= oldest) {
      const { shopper, newcomer } = this.#admissions.first();
      this.#admissions.shift();
      this.#times.shift();
      if (newcomer) this.#newcomers.shift();
      const log = this.#shoppers.get(shopper);
      log.shift();
      if (log.length === 0) this.#shoppers.delete(shopper);
    }
    return this.#clock;
  }

  #full(shopper, newcomer, now) {
    let full;
    const look = (tier, caps, log) => {
      for (const { count, name, ms } of caps) {
        const at = log.nthLast(count);
        if (at === undefined || at + ms <= now || at + ms <= (full?.frees ?? 0)) continue;
        full = { tier, count, name, ms, frees: at + ms, retryAfter: Math.ceil((at + ms - now) / 1_000) };
      }
    };
    look("network", limits.network.caps, this.#times);
    if (newcomer) look("newcomer", limits.newcomer.caps, this.#newcomers);
    const own = this.#shoppers.get(shopper);
    if (own) look("shopper", limits.shopper.caps, own);
    return full;
  }

  #standing(shopper, now) {
    const { count, ms } = limits.shopper.headline;
    const log = this.#shoppers.get(shopper);
    if (!log) return { remaining: count, reset: 0 };
    const used = log.after(now - ms);
    const reset = used.count === 0 ? 0 : Math.ceil((used.oldest + ms - now) / 1_000);
    return { remaining: Math.max(0, count - used.count), reset };
  }

  #record(at, shopper, newcomer) {
    this.#admissions.push({ shopper, newcomer });
    this.#times.push(at);
    if (newcomer) this.#newcomers.push(at);
    const log = this.#shoppers.get(shopper);
    if (log) {
      log.push(at);
      return;
    }
    const first = new Log();
    first.push(at);
    this.#shoppers.set(shopper, first);
  }

  #store(now) {
    if (this.#flushing) return;
    const age = this.#written === undefined ? Infinity : now - this.#written;
    if (age >= WRITE_INTERVAL) {
      this.#write(now);
      return;
    }
    this.#flushing = true;
    setTimeout(() => {
      this.#flushing = false;
      if (this.#times.length > 0) this.#write(Date.now());
    }, WRITE_INTERVAL - age);
  }

  #write(now) {
    const { storage } = this.ctx;
    this.#written = now;
    const late = this.#alarm === undefined || this.#alarm + WRITE_INTERVAL <= now;
    if (late) this.#alarm = this.#times.last() + limits.horizon;
    const admissions = [...this.#admissions];
    const ledger = {
      alarm: this.#alarm,
      at: Float64Array.from(this.#times),
      shopper: Uint32Array.from(admissions, ({ shopper }) => shopper),
      newcomer: Uint8Array.from(admissions, ({ newcomer }) => (newcomer ? 1 : 0)),
    };
    storage.put(LEDGER, ledger, { allowUnconfirmed: true });
    if (late) storage.setAlarm(this.#alarm, { allowUnconfirmed: true });
  }
}
