// A world for a test: the simulator, the bundle that would be deployed in workerd before it, and
// callers, each from a network of its own.

import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

import { ASSISTANTS, ORIGIN, rowOf } from "./assistants.mjs";
import { simulate } from "./simulator.mjs";

export { ORIGIN };

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const PATH = "/v1/concierge/chat";

const NAME = "concierge-proxy";

/**
 * A response whose body's form the test knows better than the compiler.
 *
 * @typedef {Omit<Response, "json"> & { json: () => Promise<any> }} Answer
 */

/**
 * Settings, as wrangler has them. Some tests give a value that is no text on purpose.
 *
 * @typedef {Record<string, string | number>} Vars
 *
 * What runs in workerd, as Miniflare takes it.
 *
 * @typedef {{ type: "ESModule" | "CompiledWasm", path: string, contents?: string }} Module
 */

/** So many good answers make up for every token that a chat of failures took. */
const REFILL = 40;
/** Limits that no test reaches by accident. */
const WIDE = "5000/minute";

export function newKey() {
  return `ak_concierge_${randomBytes(24).toString("hex")}`;
}

/**
 * Returns the settings of a worker in front of this simulator.
 *
 * @param {string} baseUrl
 * @param {Vars} [vars]
 * @returns {Vars}
 */
export function settings(baseUrl, vars = {}) {
  return {
    CONCIERGE_BASE_URL: baseUrl,
    ALLOWED_ORIGINS: `${ORIGIN}, https://*-123.shopifypreview.com, http://localhost:3000`,
    SHOPPER_LIMITS: WIDE,
    NEWCOMER_LIMITS: WIDE,
    NETWORK_LIMITS: WIDE,
    ...vars,
  };
}

/** The bundle that `npm run build` has left, as it would be deployed. */
export const DEPLOYED = () => modulesIn("dist", "shim.js");
/** The same with a spy on its objects' storage, and the breakage that BREAK_LIMITER names. */
export const SPIED = () => [esModule("tests/edge/support/spied-worker.js"), ...DEPLOYED()];
/** The same on a platform that breaks where a request's x-break says. */
export const BROKEN = () => [esModule("tests/edge/support/broken-worker.js"), ...DEPLOYED()];
/** A bundle that panics when it is asked to. */
export const PROBED = () => modulesIn("target/panic-probe", "shim.js");

/**
 * @typedef {object} WorldOptions
 * @property {Vars} [vars] settings beside or instead of the usual ones
 * @property {number} [port] where the worker listens, by default on any free port
 * @property {string} [assistant] the assistant's name, by default the Sales Associate's
 * @property {string | null} [key] the worker's secret, null for none
 * @property {string} [keyNext] the secret that a rotation adds
 * @property {string[]} [known] the keys that the upstream knows, by default both
 * @property {boolean} [fallback] whether the upstream has a second URL
 * @property {import("../../../scripts/demo.mjs").Demo} [demo] a demo's flags and settings, instead of the table's
 * @property {string[]} [flags] more flags for the simulator
 * @property {() => Module[]} [modules] lists what runs in workerd, the main module first
 */

/**
 * Opens a world. Whoever opens it closes it.
 *
 * @param {WorldOptions} [options]
 */
export async function openWorld({
  vars,
  port = 0,
  assistant = "sales-associate",
  key = ASSISTANTS[assistant].newKey?.() ?? null,
  keyNext,
  known,
  fallback = false,
  demo,
  flags = [],
  modules = DEPLOYED,
} = {}) {
  const api = demo ? ofDemo(demo) : ASSISTANTS[assistant];
  const knownKey = key ?? api.newKey?.() ?? "";
  const keys = known ?? (keyNext ? [knownKey, keyNext] : [knownKey]);
  const start = () => simulate(api.baseUrl, [...api.flags(keys), ...flags]);
  const simulator = await start();
  const second = fallback ? await start() : undefined;
  /** @type {{ level: string, message: string }[]} */
  const logs = [];
  const bindings = settings(simulator.baseUrl, { ...api.vars, ...vars });
  if (second) bindings.CONCIERGE_FALLBACK_URL = second.baseUrl;
  if (key !== null && !demo) bindings.CONCIERGE_API_KEY = key;
  if (keyNext) bindings.CONCIERGE_API_KEY_NEXT = keyNext;
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"));
  const workerd = new Miniflare(
    convertV4MiniflareOptions({
      // Straight to workerd and its own network, as deployed: the harness of wrangler sends each
      // outgoing request through Node, where resets and time-outs look different.
      workers: [
        { ...workerOptions, name: NAME, rootPath: ROOT, modulesRules: undefined, modules: modules(), bindings },
      ],
      port,
      handleStructuredLogs: (log) => logs.push(log),
    }),
  );
  const keysOfWorker = { current: knownKey, next: keyNext };
  const world = new World(api, workerd, simulator, second, keysOfWorker, logs);
  try {
    world.url = await workerd.ready;
  } catch (error) {
    await world.close();
    throw error;
  }
  return world;
}

/**
 * Returns a row of the table with a demo's flags and settings.
 *
 * @param {import("../../../scripts/demo.mjs").Demo} demo
 */
function ofDemo({ name, flags, path, vars }) {
  const row = rowOf(name);
  return { ...row, flags: () => flags, baseUrl: (/** @type {string} */ url) => url + path, vars };
}

/**
 * Returns the modules in a folder, the main one first.
 *
 * @param {string} folder
 * @param {string} main
 * @returns {Module[]}
 */
export function modulesIn(folder, main) {
  /** @type {Record<string, Module["type"]>} */
  const types = { ".js": "ESModule", ".wasm": "CompiledWasm" };
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return [main, ...files.filter((name) => name !== main)]
    .map((name) => ({ type: types[extname(name)], path: join(ROOT, folder, name) }))
    .filter(({ type }) => type);
}

/**
 * @param {string} path
 * @returns {Module}
 */
export function esModule(path) {
  return { type: "ESModule", path: join(ROOT, path) };
}

class World {
  /** @type {Miniflare} */
  #workerd;

  constructor(assistant, workerd, simulator, fallback, keys, logs) {
    this.#workerd = workerd;
    /**
     * The assistant's row in the table.
     *
     * @type {import("./assistants.mjs").Assistant}
     */
    this.assistant = assistant;
    /** Where the worker answers. */
    this.url = undefined;
    this.simulator = simulator;
    /** The simulator at the second URL, where there is one. */
    this.fallback = fallback;
    /** The worker's keys: current and next. */
    this.keys = keys;
    this.key = keys.current;
    /** Everything the worker has logged: {level, message}. */
    this.logs = logs;
  }

  async close() {
    await this.#workerd.dispose();
    await this.simulator.stop();
    await this.fallback?.stop();
  }

  caller(options) {
    return new Caller(this.url, options);
  }

  /** The ids of the limiter objects. */
  limiters() {
    return this.#workerd.listDurableObjectIds("Limiter", NAME);
  }

  /** Has every limiter object lose its memory. */
  async evictLimiters() {
    for (const id of await this.limiters()) await this.evictLimiter(id);
  }

  /** Has a limiter object lose its memory, unless it sleeps. */
  evictLimiter(id) {
    return this.#evict("Limiter", id);
  }

  async #evict(kind, id) {
    await this.#workerd.unsafeEvictDurableObject(NAME, kind, { id }).catch((error) => {
      if (!error.message.includes("not currently running")) throw error;
    });
  }

  /** Has the objects that count lose their memory. */
  async evictUsage() {
    for (const id of await this.#workerd.listDurableObjectIds("Usage", NAME)) await this.#evict("Usage", id);
  }

  /**
   * Returns what each limiter object has stored and how often it wrote. The modules must be SPIED.
   *
   * @returns {Promise<any[]>}
   */
  spyOnLimiters() {
    return this.#askLimiters("spy");
  }

  /** Has the alarm of each limiter object go off; the modules must be SPIED. */
  ringAlarms() {
    return this.#askLimiters("ring");
  }

  async #askLimiters(what) {
    const ids = await this.limiters();
    return Promise.all(ids.map(async (id) => (await fetch(`${this.url.origin}/${what}?id=${id}`)).json()));
  }

  /** The log lines of the requests so far, read. */
  lines() {
    return this.logs
      .map(({ message }) => message)
      .filter((message) => message.startsWith('{"request_id"'))
      .map((message) => JSON.parse(message));
  }

  /** The log line of one request, which may be written a little after its reply. */
  line(match) {
    return eventually(() => this.lines().find(match), "a log line");
  }

  /** The log line of the request that was answered so. */
  lineOf(response) {
    return this.line(({ request_id: id }) => id === response.headers.get("x-request-id"));
  }

  /** Has the chat with this prompt meet a fault upstream, at either URL. */
  async prepare(prompt, fault) {
    const which = { text: prompt, endpoint: this.assistant.chat };
    const order = async (simulator) => {
      try {
        await simulator?.fault(fault, which);
      } catch (error) {
        // A simulator that is down needs no fault.
        if (!(error instanceof TypeError)) throw error;
      }
    };
    await Promise.all([this.simulator, this.fallback].map(order));
  }

  /**
   * Has a chat meet a fault upstream: what came of it, in the log and at either URL as well.
   *
   * @param {string} fault
   * @param {Caller} [caller]
   * @param {Record<string, string>} [headers]
   * @param {object} [fields] the fields of the chat beside its prompt
   */
  async meet(fault, caller = this.caller(), headers = {}, fields = {}) {
    meetings += 1;
    const prompt = `A birthday gift for a friend, chat ${meetings}`;
    if (fault !== "ok") await this.prepare(prompt, fault);
    const response = await caller.chat({ prompt, ...fields }, headers);
    const text = await response.text();
    const line = await this.lineOf(response);
    // A simulator that is down has seen nothing.
    const seen = (simulator) => simulator?.requestsWith(prompt).catch(() => []) ?? [];
    const [primary, fallback] = await Promise.all([this.simulator, this.fallback].map(seen));
    return { response, text, line, primary, fallback };
  }

  /** Has the worker make up for all failures: good answers give back what they took. */
  async recover() {
    // On one network: so many limiters that start at once may be too slow.
    const { address } = this.caller();
    const chats = Array.from({ length: REFILL }, () => this.caller({ address }).chat({ prompt: "refill" }));
    const counts = tally(await Promise.all(chats));
    if (counts[200] !== REFILL) throw new Error(`the worker did not recover: ${JSON.stringify(counts)}`);
  }

  /** What the log was told beside the requests' lines, read. */
  notices() {
    return this.logs
      .map(({ message }) => message)
      .filter((message) => message.startsWith('{"notice"'))
      .map((message) => JSON.parse(message));
  }
}

let networks = 0;
let meetings = 0;

/** One browser, on a network of its own unless an address is given. A header that is null is left out. */
export class Caller {
  /**
   * @param {URL} url
   * @param {{ origin?: string | null, address?: string | null }} [options]
   */
  constructor(url, { origin = ORIGIN, address } = {}) {
    this.url = url;
    this.origin = origin;
    networks += 1;
    this.address = address ?? `198.51.${networks >> 8}.${networks & 255}`;
  }

  /**
   * Posts a chat: an object, or a body as it is.
   *
   * @param {any} body
   * @param {Record<string, string | null>} [headers]
   */
  chat(body, headers = {}) {
    return this.post(PATH, body, headers);
  }

  /**
   * Posts to a path: an object, or a body as it is.
   *
   * @param {string} path
   * @param {any} body
   * @param {Record<string, string | null>} [headers]
   */
  post(path, body, headers = {}) {
    return this.send("POST", path, {
      body: typeof body === "object" && body.constructor === Object ? JSON.stringify(body) : body,
      headers: { "content-type": "application/json", ...headers },
      duplex: "half",
    });
  }

  /**
   * Asks what was said in a conversation.
   *
   * @param {string} session
   * @param {Record<string, string | null>} [headers]
   */
  history(session, headers = {}) {
    return this.send("GET", `/v1/concierge/history?session_id=${session}`, { headers });
  }

  /**
   * Asks for a page of products.
   *
   * @param {string} page
   * @param {Record<string, string | null>} [headers]
   */
  products(page, headers = {}) {
    return this.send("GET", `/v1/concierge/products?page=${page}`, { headers });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Omit<RequestInit, "headers"> & { headers?: Record<string, string | null> }} [init]
   * @returns {Promise<Answer>}
   */
  send(method, path, { headers = {}, ...init } = {}) {
    /** @type {Record<string, any>} */
    const all = {
      origin: this.origin,
      "cf-connecting-ip": this.address,
      // The local proxy before workerd would hold back what it compresses.
      "accept-encoding": "identity",
      ...headers,
    };
    for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
    return fetch(this.url.origin + path, { method, headers: all, redirect: "manual", ...init });
  }
}

/**
 * Asks until there is an answer, for what happens a moment after its cause.
 *
 * @template T
 * @param {() => T} ask
 * @param {string} what
 * @param {number} [ms]
 * @returns {Promise<Exclude<Awaited<T>, false | null | undefined>>}
 */
export async function eventually(ask, what, ms = 15_000) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return /** @type {any} */ (answer);
    if (Date.now() > end) throw new Error(`${what} did not come within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Sends many chats at once to a limiter, and again to another one if it did not answer in its second: such a refusal may
 * have been counted all the same.
 *
 * @template {{ status: number }} T
 * @param {(tries: number) => Promise<T[]>} burst
 */
export async function atOnce(burst) {
  for (let tries = 1; ; tries += 1) {
    const all = await burst(tries);
    if (tries === 3 || !all.some(({ status }) => status === 503)) return all;
  }
}

/** Returns how often each status came. */
export function tally(responses) {
  const counts = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
