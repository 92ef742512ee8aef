// The errands of a request: the Rust says which comes next, they are run here, and what came of
// them is reported to it. Nothing is decided here.

import { connect } from "cloudflare:sockets";
import { Clock } from "./clock.js";
import { call, currentGeneration, free } from "./instance.js";
import { Errand } from "./index.js";
import { relay } from "./relay.js";

/** What is reported where no connection came about. */
const UNREACHABLE = "no connection";

const ERRANDS = {
  [Errand.ReadBody]: {
    run: (visit, { request }) => readRequest(request, call(() => visit.room())),
    report: (visit, body, now) => visit.body(body, now),
  },
  [Errand.AskLimiter]: {
    run(visit, { env }) {
      const [home, ...chat] = call(() => [visit.home(), visit.shopper(), visit.newcomer(), visit.receipt()]);
      return env.LIMITER.getByName(home).admit(...chat);
    },
    report: (visit, verdict, now) => visit.verdict(verdict, now),
  },
  [Errand.Send]: {
    async run(visit, task) {
      const [url, headers, body] = call(() => [visit.url(), visit.attempt_headers(), visit.attempt_body()]);
      drop(task);
      task.response = undefined;
      task.response = await send(url, { method: "POST", headers: record(headers), body, redirect: "manual" });
      return task.response;
    },
    report: (visit, response, now) => visit.head(describeHead(response), now),
  },
  [Errand.ReadError]: {
    run: (visit, { response }) => readAtMost(response, call(() => visit.room())),
    report: (visit, body, now) => visit.error_body(body, now),
  },
  [Errand.Wait]: {
    // The end of the patience is what is waited for.
    run: () => new Promise(() => {}),
  },
  [Errand.CountRetry]: {
    run: (visit, { env }) => env.LIMITER.getByName(call(() => visit.home())).admitRetry(),
    report: (visit, counted, now) => visit.retry_counted(counted, now),
  },
  [Errand.ReadAnswer]: {
    async run(visit, task) {
      task.answer = await task.response.arrayBuffer();
      return task.answer.byteLength;
    },
    report: (visit, length, now) => visit.answer(length, now),
  },
  [Errand.ReadFirst]: {
    async run(visit, task) {
      task.reader = task.response.body?.getReader();
      task.first = (await task.reader?.read())?.value;
      return task.first?.byteLength ?? 0;
    },
    report: (visit, length, now) => visit.answer(length, now),
  },
  [Errand.GiveBack]: {
    run(visit, { env }) {
      const [home, ...chat] = call(() => [visit.home(), visit.shopper(), visit.receipt()]);
      return env.LIMITER.getByName(home).giveBack(...chat);
    },
    report: (visit, words, now) => visit.given_back(words, now),
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
  return during((rust) => new rust.Visit(env, described, now), (visit) => seeThrough(visit, task, now));
}

/** Begins a visit, and frees it when it is over, whatever it comes to: the garbage collector is late. */
async function during(begin, use) {
  const visit = call(begin);
  const generation = currentGeneration();
  try {
    return await use(visit);
  } finally {
    free(visit, generation);
  }
}

/** Runs the errands of a visit until there is its reply. */
async function seeThrough(visit, task, now) {
  for (;;) {
    const [errand, patience] = call(() => [visit.errand(), visit.patience(now)]);
    const { run, report } = ERRANDS[errand] ?? {};
    if (run === undefined) return errand === Errand.HandOn ? handOn(visit, task) : reply(visit, task);
    let outcome;
    let failure;
    try {
      outcome = await task.clock.within(patience, now, () => run(visit, task));
    } catch (error) {
      failure = task.clock.nameOf(error);
    }
    now = Date.now();
    call(() => (failure === undefined ? report(visit, outcome, now) : visit.failed(failure, now)));
  }
}

/** The reply to a request that came to nothing. */
export async function serveFault(request, env, started) {
  const described = describe(request);
  return during((rust) => rust.Visit.fault(env, described, started, Date.now()), (visit) => reply(visit, {}));
}

/** Answers with a text of our own, or with the answer that was read. */
function reply(visit, task) {
  task.clock?.stop();
  const { text, ...init } = told(visit);
  // Of an answer that nobody reads, nothing more is fetched.
  if (task.answer === undefined) drop(task);
  return new Response(text ?? task.answer, init);
}

/** Answers with the upstream's body as it comes, and sees it through. */
function handOn(visit, { ctx, clock, reader, first }) {
  const [patience, streams, error] = call(() => [visit.patience(Date.now()), visit.streams(), visit.error_event()]);
  const { text, ...init } = told(visit);
  const { readable, writable } = new IdentityTransformStream();
  const relayed = relay(reader, first, writable, clock, patience, streams ? error : undefined);
  const id = init.headers["X-Request-Id"];
  const ended = relayed.then((failure) => {
    clock.stop();
    if (failure !== undefined) console.error(call((rust) => rust.cut_notice(id, failure)));
  });
  ctx.waitUntil(ended);
  return new Response(readable, init);
}

/** Writes the log, and says what the reply is made of. */
function told(visit) {
  const { status, headers, text, line, notices } = call(() => ({
    status: visit.status(),
    headers: visit.headers(),
    text: visit.text(),
    line: visit.line(),
    notices: visit.notices(),
  }));
  for (const notice of notices?.split("\n") ?? []) console.warn(notice);
  if (status < 500) console.log(line);
  else console.error(line);
  return { status, headers: record(headers), text };
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
async function send(url, init) {
  try {
    return await fetch(url, init);
  } catch (error) {
    // On the platform an upstream that cannot be reached is answered for; plain workerd throws, and
    // throws the same when the connection broke later. An upstream on this machine can be asked.
    if (url.startsWith("http:") && !(await listens(new URL(url)))) throw UNREACHABLE;
    throw error;
  }
}

/** Whether anybody listens there. */
async function listens({ hostname, port }) {
  const socket = connect({ hostname, port: Number(port || 80) });
  try {
    await socket.opened;
    return true;
  } catch {
    return false;
  } finally {
    socket.close().catch(() => {});
  }
}

/** Lets go of a response that nobody reads. */
function drop({ response, reader }) {
  (reader ?? response?.body)?.cancel().catch(() => {});
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
