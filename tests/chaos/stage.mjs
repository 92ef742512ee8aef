// The processes of a run: the bundled worker in workerd before two simulators, each of which can be
// killed and started again.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

import { Merchant, newToken } from "../edge/support/merchant.mjs";
import { simulate } from "../edge/support/simulator.mjs";
import { ROOT, modulesIn, settings } from "../edge/support/world.mjs";
import { apiOf } from "./contracts.mjs";

const NAME = "concierge-proxy";
/** A copy, so that a build beside the run changes nothing in it. */
const COPY = "target/chaos";
/** What is older than a second is written, and log lines have come. */
const SETTLED_MS = 1_500;
/** An isolate has delivered what it counted, which it gathers for five seconds. */
const DELIVERED_MS = 7_000;

const EVICTION_PAUSE_MS = 10;
/** So many requests a simulator keeps whole. */
const MOST_REQUESTS = 20_000;

export class Stage {
  #caps;
  #contract;
  #api;
  #folder = mkdtempSync(join(tmpdir(), "concierge-chaos-"));
  /** @type {{ current?: string, next?: string }} */
  #keys = {};
  #adminToken = newToken();
  #workerd;
  /** The running simulators, by route, and where they listen even when they do not run. */
  #simulators = {};
  #urls = {};
  /** The lives of the worker's process: {logs, killedAt, underLoad}. */
  lives = [];
  /** What the simulators have recorded, {route, …}, of those that ended. */
  #records = [];
  /** The same of requests that carry no message, by their endpoint. */
  #others = [];
  /** The upstream's users, by their conversations. */
  #users = new Map();
  /** The requests that those counted. */
  #counted = { primary: 0, fallback: 0 };
  /** When objects lost their memory, other than with their process: {from, until}. */
  evictions = [];
  /** When the engine failed every chat: {fault, from, until}. */
  outages = [];
  #underWay = 0;
  /** The most chats that were under way at once. */
  mostUnderWay = 0;
  /** Resolves while there is a worker. */
  up = Promise.resolve();

  constructor(caps, contract) {
    this.#caps = caps;
    this.#contract = contract;
    this.#api = apiOf(contract);
    const { newKey } = this.#api;
    if (newKey) this.#keys = { current: newKey(), next: newKey() };
  }

  async open() {
    rmSync(join(ROOT, COPY), { recursive: true, force: true });
    cpSync(join(ROOT, "dist"), join(ROOT, COPY), { recursive: true });
    await this.start("primary");
    await this.start("fallback");
    await this.#startWorker();
  }

  setOut() {
    this.#underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay);
  }

  arrived() {
    this.#underWay -= 1;
  }

  get life() {
    return this.lives.length - 1;
  }

  /** The slot of each key, by its end as the record has it. An assistant without keys has the first slot. */
  get slots() {
    const slots = new Map();
    for (const [slot, key] of Object.entries(this.#keys)) slots.set(key.slice(-6), slot);
    return slots.size > 0 ? slots : new Map([[null, "current"]]);
  }

  async #startWorker() {
    const logs = [];
    const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"));
    const { current, next } = this.#keys;
    const bindings = settings(this.#api.baseUrl(this.#urls.primary), {
      ...this.#api.vars,
      CONCIERGE_FALLBACK_URL: this.#api.baseUrl(this.#urls.fallback),
      ...(current && next && { CONCIERGE_API_KEY: current, CONCIERGE_API_KEY_NEXT: next }),
      SHOPPER_LIMITS: `${this.#caps.shopper}/hour`,
      NEWCOMER_LIMITS: `${this.#caps.newcomer}/hour`,
      NETWORK_LIMITS: `${this.#caps.network}/hour`,
      ADMIN_TOKEN: this.#adminToken,
    });
    this.#workerd = new Miniflare(
      convertV4MiniflareOptions({
        workers: [
          {
            ...workerOptions,
            name: NAME,
            rootPath: ROOT,
            modulesRules: undefined,
            modules: modulesIn(COPY, "shim.js"),
            bindings,
          },
        ],
        handleStructuredLogs: ({ message }) => logs.push(message),
        resourcePersistencePath: this.#folder,
      }),
    );
    this.url = (await this.#workerd.ready).origin;
    this.lives.push({ logs, killedAt: undefined, underLoad: false });
  }

  /** Kills the worker's process at once and starts another one over the same storage. */
  async killWorker({ underLoad = false } = {}) {
    if (!underLoad) await sleep(SETTLED_MS);
    const life = this.lives.at(-1);
    life.killedAt = Date.now();
    life.underLoad = underLoad;
    this.up = this.#workerd.dispose().then(() => this.#startWorker());
    await this.up;
  }

  /** Has every object lose its memory: the limiters, and those that count the days. */
  async evict() {
    await this.up;
    const workerd = this.#workerd;
    const { life } = this;
    const unlessGone = (error) => {
      // One that nobody has called for a while, or whose process has been killed since.
      const isGone = error.message.includes("not currently running") || this.lives[life].killedAt !== undefined;
      if (!isGone) throw error;
    };
    const from = Date.now();
    for (const kind of ["Usage", "Limiter"]) {
      for (const id of await workerd.listDurableObjectIds(kind, NAME)) {
        await workerd.unsafeEvictDurableObject(NAME, kind, { id }).catch(unlessGone);
        // Each call holds up this process; the pages are to go on meanwhile.
        await sleep(EVICTION_PAUSE_MS);
      }
    }
    this.evictions.push({ from, until: Date.now() });
  }

  async start(route) {
    if (this.#simulators[route]) return;
    const port = this.#urls[route] ? new URL(this.#urls[route]).port : "0";
    const flags = this.#api.flags(Object.values(this.#keys));
    const simulator = await simulate(this.#api.baseUrl, [...flags, "--port", port, "--keep", "200000"]);
    this.#simulators[route] = simulator;
    this.#urls[route] = simulator.url;
  }

  /** Kills a simulator; its record is taken before, while nothing is under way. */
  async stop(route) {
    await this.#takeRecord(route);
    await this.#simulators[route].stop();
    delete this.#simulators[route];
  }

  async #takeRecord(route) {
    const simulator = this.#simulators[route];
    const { chats } = await simulator.count();
    this.#counted[route] += chats;
    this.#records.push(...(await simulator.chats()).map((chat) => ({ ...chat, route })));
    const { creation, listening } = this.#contract;
    if (!creation && !listening) return;
    const requests = await simulator.requests();
    if (requests.length >= MOST_REQUESTS) throw new Error(`the ${route} has had more requests than it keeps`);
    this.#others.push(
      ...requests.filter(({ endpoint }) => endpoint !== this.#api.chat).map((entry) => ({ ...entry, route })),
    );
    for (const { id, userId } of Object.values(await simulator.state()).flatMap(({ chats: own }) => own)) {
      this.#users.set(id, userId);
    }
  }

  fault(route, fault) {
    return this.#simulators[route]?.fault(fault);
  }

  /** Has a fault strike some requests, at whichever URL they come. */
  order(order) {
    return Promise.all(Object.values(this.#simulators).map((simulator) => simulator.fault(order.fault, order)));
  }

  /** From now on the engine fails every chat, whichever way it comes. */
  async failEngine(order) {
    await this.order(order);
    this.outages.push({ fault: order.fault, from: Date.now(), until: undefined });
  }

  /** It is back. */
  async mendEngine() {
    this.outages.at(-1).until = Date.now();
    await this.calm();
  }

  pause(route) {
    this.#simulators[route]?.pause();
  }

  /** Both simulators answer as they should. */
  async calm() {
    for (const simulator of Object.values(this.#simulators)) {
      simulator.resume();
      await simulator.noFault();
    }
  }

  /** Ends all processes, however the run ends. */
  async close() {
    await this.up;
    for (const simulator of Object.values(this.#simulators)) await simulator.stop();
    await this.#workerd?.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What the merchant is shown of the last day. */
  async #usage() {
    const merchant = new Merchant({ url: new URL(this.url) }, this.#adminToken);
    const response = await merchant.get("/admin/usage?range=day");
    if (response.status !== 200) throw new Error(`/admin/usage answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  /** Everything that was seen: the log's lines by life, the simulators' records, and what was counted. */
  async evidence() {
    await sleep(DELIVERED_MS);
    const usage = await this.#usage();
    await sleep(SETTLED_MS);
    for (const route of Object.keys(this.#simulators)) await this.stop(route);
    const seen = this.lives.map(({ logs, ...life }) => ({ ...life, ...read(logs) }));
    return {
      lives: seen,
      evictions: this.evictions,
      outages: this.outages,
      records: this.#records,
      others: this.#others,
      users: this.#users,
      counted: this.#counted,
      usage,
      slots: this.slots,
    };
  }
}

/** The lines of chats, the notices of cut answers, and whatever else the worker said. */
function read(logs) {
  const lines = [];
  const cuts = [];
  const others = [];
  for (const message of logs) {
    if (message.startsWith('{"request_id"')) {
      const line = JSON.parse(message);
      if (line.operation === undefined) lines.push(line);
    } else if (message.startsWith('{"notice":"answer_cut"')) cuts.push(JSON.parse(message));
    else if (!message.startsWith('{"notice"')) others.push(message);
  }
  return { lines, cuts, others };
}
