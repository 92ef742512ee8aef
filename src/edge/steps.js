// The steps of a request: the Rust says which comes next, they are taken here, and what came of
// them is reported to it. Nothing is decided here.

import { connect } from "cloudflare:sockets";
import { Clock } from "./clock.js";
import { call, currentGeneration, free } from "./instance.js";
import { relay } from "./relay.js";

/** How each step is taken, and by which name its outcome is reported. */
const STEPS = {
  ReadBody: { run: ({ request }, maxBytes) => readRequest(request, Number(maxBytes)), report: "bytes" },
  Ask: { run: ({ env }, limiter, ...question) => env.LIMITER.getByName(limiter).ask(question.map(Number)), report: "answer" },
  Send: { run: send, report: "head" },
  Connect: { run: listens, report: "number" },
  ReadError: { run: ({ response }, maxBytes) => readAtMost(response, Number(maxBytes)), report: "bytes" },
  // The end of the timeout is what is waited for.
  Wait: { run: () => new Promise(() => {}) },
  ReadAnswer: {
    async run(task) {
      task.answer = await task.response.arrayBuffer();
      return task.answer.byteLength;
    },
    report: "number",
  },
  ReadFirst: {
    async run(task) {
      task.reader = task.response.body?.getReader();
      task.first = (await task.reader?.read())?.value;
      return task.first?.byteLength ?? 0;
    },
    report: "number",
  },
};

/** The reply to a request. */
export async function serve(request, env, ctx) {
  const task = {
    request,
    env,
    ctx,
    clock: new Clock(request.signal),
    response: undefined,
    answer: undefined,
    reader: undefined,
    first: undefined,
  };
  const described = describe(request);
  const now = Date.now();
  return during((rust) => new rust.Exchange(env, described, now, now, false), task, (exchange) => seeThrough(exchange, task, now));
}

/** The reply to a request that came to nothing. */
export async function serveFault(request, env, started) {
  const described = describe(request);
  const begin = (rust) => new rust.Exchange(env, described, started, Date.now(), true);
  return during(begin, {}, (exchange) => respond(nextOf(exchange).slice(2), {}));
}

/** Begins an exchange, and frees it when it is over, whatever it comes to: the garbage collector is late. */
async function during(begin, task, use) {
  const exchange = call(begin);
  const generation = currentGeneration();
  const end = () => free(exchange, generation);
  try {
    return await use(exchange);
  } finally {
    if (task.relayed) task.relayed.finally(end);
    else end();
  }
}

/** Takes the steps of an exchange until there is its reply. */
async function seeThrough(exchange, task, now) {
  for (;;) {
    const [name, timeout, ...told] = nextOf(exchange);
    if (name === "Respond") return respond(told, task);
    if (name === "Forward") return forward(told, task, exchange);
    const { run, report } = STEPS[name];
    let outcome;
    let failure;
    try {
      outcome = await task.clock.within(Number(timeout), now, () => run(task, ...told));
    } catch (error) {
      failure = task.clock.failureOf(error);
    }
    now = Date.now();
    call(() => (failure ? exchange.failed(...failure, now) : exchange[report](outcome, now)));
  }
}

/** What is to be done next: its name, its timeout, and what it takes. */
function nextOf(exchange) {
  return call(() => exchange.step()).split("\0");
}

/** Answers with a text of our own, or with the answer that was read. */
function respond(told, task) {
  task.clock?.stop();
  const { text, ...init } = write(told);
  // Of an answer that nobody reads, nothing more is fetched.
  if (task.answer === undefined) drop(task);
  return new Response(text || task.answer, init);
}

/** Answers with the upstream's body as it comes, and sees it through. */
function forward(told, task, exchange) {
  const { text, lastEvent, ...init } = write(told);
  const { readable, writable } = new IdentityTransformStream();
  task.relayed = relay(exchange, task, writable, lastEvent).then((failure) => {
    task.clock.stop();
    if (failure !== undefined) console.error(call((rust) => rust.cut_notice(init.headers["X-Request-Id"], failure)));
  });
  task.ctx.waitUntil(task.relayed);
  return new Response(readable, init);
}

/** Writes the log, and says what the reply is made of. */
function write([status, text, lastEvent, entries, ...rest]) {
  const told = pairs(rest);
  for (const [level, line] of told.splice(0, entries)) console[level](line);
  return { status: Number(status), headers: Object.fromEntries(told), text, lastEvent };
}

function pairs(list) {
  return list.flatMap((first, i) => (i % 2 ? [] : [[first, list[i + 1]]]));
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
    headers.get("content-encoding"),
    headers.get("retry-after"),
    headers.get("x-ratelimit-limit"),
    headers.get("x-ratelimit-remaining"),
  ].join("\n");
}

/** Sends a request upstream. */
async function send(task, url, body, ...headers) {
  drop(task);
  task.response = undefined;
  task.response = await fetch(url, { method: "POST", headers: pairs(headers), body, redirect: "manual" });
  return describeHead(task.response);
}

/** How many listen there, one or none. */
async function listens(task, hostname, port) {
  const socket = connect({ hostname, port: Number(port) });
  try {
    await socket.opened;
    return 1;
  } catch {
    return 0;
  } finally {
    socket.close().catch(() => {});
  }
}

/** Lets go of a response that nobody reads. */
function drop({ response, reader }) {
  (reader ?? response?.body)?.cancel().catch(() => {});
}

/** A request's body, as much of it as is read. */
async function readRequest(request, maxBytes) {
  const declared = request.headers.get("content-length");
  // The runtime holds a body to its declared length; only where there is none it may have no end.
  if (declared !== null && Number(declared) <= maxBytes) return new Uint8Array(await request.arrayBuffer());
  return readAtMost(request, maxBytes);
}

/**
 * The first bytes of a body, at most so many. They are collected in one buffer, so that a body of
 * many small pieces takes no more memory than a whole one.
 */
async function readAtMost({ body }, maxBytes) {
  if (body === null) return new Uint8Array();
  const reader = body.getReader({ mode: "byob" });
  try {
    const { value } = await reader.readAtLeast(maxBytes, new Uint8Array(maxBytes));
    return value ?? new Uint8Array();
  } finally {
    // What is left is not read, and nobody has to know that it could not be dropped.
    reader.cancel().catch(() => {});
  }
}
