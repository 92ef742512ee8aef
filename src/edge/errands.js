// The errands of a request: the Rust says which comes next, they are run here, and what came of
// them is reported to it. Nothing is decided here.

import { call } from "./instance.js";
import { Errand } from "./index.js";

/** What is reported of an errand that did not end in time. */
const LATE = "timeout";
/** What is reported when the shopper has left. */
const LEFT = "left";

const ERRANDS = {
  [Errand.ReadBody]: {
    run: (visit, { request }) => readRequest(request, call(() => visit.room())),
    report: (visit, body, now) => visit.body(body, now),
  },
  [Errand.AskLimiter]: {
    run(visit, { env }) {
      const [home, ...who] = call(() => [visit.home(), visit.shopper(), visit.newcomer()]);
      return env.LIMITER.getByName(home).admit(...who);
    },
    report: (visit, verdict, now) => visit.verdict(verdict, now),
  },
  [Errand.Send]: {
    async run(visit, task) {
      const [url, headers, body] = call(() => [visit.url(), visit.attempt_headers(), visit.attempt_body()]);
      task.response = await fetch(url, { method: "POST", headers: record(headers), body, redirect: "manual" });
      return task.response;
    },
    report: (visit, response, now) => visit.head(describeHead(response), now),
  },
  [Errand.ReadError]: {
    run: (visit, { response }) => readAtMost(response, call(() => visit.room())),
    report: (visit, body, now) => visit.error_body(body, now),
  },
};

/** Runs the errands of a request until there is its reply. */
export async function serve(request, env) {
  const task = { request, env, response: undefined };
  const clock = new Clock(request.signal);
  const described = describe(request);
  let now = Date.now();
  const visit = call((rust) => new rust.Visit(env, described, now));
  for (;;) {
    const [errand, patience] = call(() => [visit.errand(), visit.patience(now)]);
    const { run, report } = ERRANDS[errand] ?? {};
    if (run === undefined) {
      clock.stop();
      return reply(visit, task.response, errand === Errand.HandOn);
    }
    let outcome;
    let failure;
    try {
      outcome = await clock.within(patience, now, run(visit, task));
    } catch (error) {
      failure = String(error?.message ?? error);
    }
    now = Date.now();
    call(() => (failure === undefined ? report(visit, outcome, now) : visit.failed(failure, now)));
  }
}

/** The reply to a request that came to nothing. */
export function serveFault(request, env, started) {
  const described = describe(request);
  const visit = call((rust) => rust.Visit.fault(env, described, started, Date.now()));
  return reply(visit);
}

/** Makes the reply and writes the log line; the visit is over. */
function reply(visit, response, handsOn) {
  const { status, headers, text, line } = call(() => ({
    status: visit.status(),
    headers: visit.headers(),
    text: visit.text(),
    line: visit.line(),
  }));
  if (status < 500) console.log(line);
  else console.error(line);
  // Of an answer that nobody reads, nothing more is fetched.
  if (!handsOn) response?.body?.cancel().catch(() => {});
  const answer = new Response(handsOn ? response.body : text, { status, headers: record(headers) });
  call(() => visit.free());
  return answer;
}

/** A request as lines: method, URL, and the headers that decide anything. */
function describe({ method, url, headers }) {
  return [
    method,
    url,
    headers.get("origin"),
    headers.get("access-control-request-method"),
    headers.get("content-type"),
    headers.get("shopper-pass"),
    headers.get("cf-connecting-ip"),
  ].join("\n");
}

/** A response's head as lines: status and the headers that decide anything. */
function describeHead({ status, headers }) {
  return [
    status,
    headers.get("content-type"),
    headers.get("content-length"),
    headers.get("retry-after"),
  ].join("\n");
}

/** A request's body, as much of it as there is room for. */
async function readRequest(request, room) {
  const declared = request.headers.get("content-length");
  // The runtime holds a body to its declared length; only where there is none it may have no end.
  if (declared !== null && Number(declared) <= room) return new Uint8Array(await request.arrayBuffer());
  return readAtMost(request, room);
}

/**
 * The first bytes of a body, as many as there is room for. They are collected in one buffer, so
 * that a body of many small pieces takes no more memory than a whole one.
 */
async function readAtMost({ body }, room) {
  if (body === null) return new Uint8Array();
  const reader = body.getReader({ mode: "byob" });
  try {
    const { value } = await reader.readAtLeast(room, new Uint8Array(room));
    return value ?? new Uint8Array();
  } finally {
    // What is left is not read, and nobody has to know that it could not be dropped.
    reader.cancel().catch(() => {});
  }
}

/** Lines of name, value, name, value as the record that `Headers` takes. */
function record(lines) {
  const all = lines.split("\n");
  const record = {};
  for (let i = 0; i < all.length; i += 2) record[all[i]] = all[i + 1];
  return record;
}

/**
 * The end of errands that do not end by themselves. What was begun for them ends with the request,
 * since nothing is left then that would wait for it.
 */
class Clock {
  #signal;
  /** One timer serves one errand after the other. */
  #timer;
  #rings;
  #due;
  #reject;

  constructor(signal) {
    this.#signal = signal;
  }

  /** The errand's outcome, or a rejection with `LATE`, or with `LEFT` when the shopper has. */
  within(ms, now, errand) {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) reject(LEFT);
      errand.then(resolve, reject);
      // With the first errand: a request without any has nothing to be told.
      if (this.#reject === undefined) this.#signal.onabort = () => this.#reject(LEFT);
      this.#reject = reject;
      this.#due = now + ms;
      if (this.#timer !== undefined && this.#rings <= this.#due) return;
      this.stop();
      this.#set(now, ms);
    });
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
    if (now < this.#due) this.#set(now, this.#due - now);
    else this.#reject(LATE);
  }
}
