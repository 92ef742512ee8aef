// A world for a test: the simulator, the bundle that would be deployed in workerd before it, and
// callers, each from a network of its own.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createTestHarness, unstable_readConfig } from "wrangler";

import { startSimulator } from "./simulator.mjs";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const ORIGIN = "https://shop.example.com";
export const PATH = "/v1/concierge/chat";

/** Limits that no test reaches by accident. */
const WIDE = "5000/minute";

export function newKey() {
  return `ak_concierge_${randomBytes(24).toString("hex")}`;
}

/** The settings of a worker before this simulator. */
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

/**
 * Opens a world; whoever opens it closes it.
 *
 * vars: settings beside or instead of the usual ones; key: the worker's secret, null for none;
 * worker: another worker than the deployed one, made of the vars and secrets; others: further
 * workers beside it.
 */
export async function openWorld({ vars, key = newKey(), worker = deployed, others = [] } = {}) {
  const knownKey = key ?? newKey();
  const simulator = await startSimulator([`${knownKey}:internal:${ORIGIN}`]);
  const secrets = key === null ? {} : { CONCIERGE_API_KEY: key };
  const harness = createTestHarness({
    root: ROOT,
    workers: [worker(settings(simulator.baseUrl, vars), secrets), ...others],
  });
  const { url } = await harness.listen();
  return new World(harness, url, simulator, knownKey);
}

/** The bundle that `npm run build` has left, as it would be deployed. */
export function deployed(vars, secrets) {
  return { configPath: "wrangler.toml", prebuiltWorkerDir: "dist", vars, secrets };
}

/** The same bundle, with a spy on its objects and the breakage that BREAK_LIMITER names. */
export function spied(vars, secrets) {
  return inline("tests/edge/support/spied-worker.js", { ...vars, ...secrets });
}

/** A worker with another main module, otherwise set up as wrangler.toml says. */
export function inline(main, vars) {
  const { name, compatibility_date, compatibility_flags, durable_objects, migrations } =
    unstable_readConfig({ config: join(ROOT, "wrangler.toml") });
  return {
    config: { name, main, compatibility_date, compatibility_flags, durable_objects, migrations, vars },
  };
}

class World {
  constructor(harness, url, simulator, key) {
    this.harness = harness;
    this.url = url;
    this.simulator = simulator;
    this.key = key;
  }

  async close() {
    await this.harness.close();
    await this.simulator.stop();
  }

  caller(options) {
    return new Caller(this.url, options);
  }

  /** What each limiter object has stored and how often it wrote; the worker must be `spied`. */
  async spyOnLimiters() {
    const ids = await this.harness.getWorker().listDurableObjectIds("Limiter");
    return Promise.all(
      ids.map(async (id) => (await fetch(`${this.url.origin}/spy?id=${id}`)).json()),
    );
  }

  /** The log lines of the requests so far, read. */
  lines() {
    return this.harness
      .getLogs()
      .map(({ message }) => message)
      .filter((message) => message.startsWith('{"request_id"'))
      .map((message) => JSON.parse(message));
  }

  /** The log line of one request, which may be written a little after its reply. */
  async line(match) {
    return eventually(() => this.lines().find(match), "a log line");
  }
}

let networks = 0;

/** One browser, on a network of its own unless an address is given; null leaves a header out. */
export class Caller {
  constructor(url, { origin = ORIGIN, address } = {}) {
    this.url = url;
    this.origin = origin;
    networks += 1;
    this.address = address ?? `198.51.${networks >> 8}.${networks & 255}`;
  }

  /** Posts a chat: an object, or a body as it is. */
  chat(body, headers = {}) {
    return this.send("POST", PATH, {
      body: typeof body === "object" && body.constructor === Object ? JSON.stringify(body) : body,
      headers: { "content-type": "application/json", ...headers },
      duplex: "half",
    });
  }

  send(method, path, { headers = {}, ...init } = {}) {
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

/** Asks until there is an answer, for what happens a moment after its cause. */
export async function eventually(ask, what, ms = 5_000) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what} did not come within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How often each status came. */
export function tally(responses) {
  const counts = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
