// Checks settings as the worker itself does: by starting it with them, and asking for its health.

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { unstable_getMiniflareWorkerOptions } from "wrangler";

import { mistakes } from "../doctor/reach.mjs";
import { CONFIG, ROOT, WORKER } from "../folder.mjs";
import { standIns, standInsFor } from "./assistants.mjs";

/** @type {Record<string, "ESModule" | "CompiledWasm">} */
const TYPES = { ".js": "ESModule", ".wasm": "CompiledWasm" };
const MAIN = "shim.js";

export class Checker {
  /** @type {import("miniflare").Miniflare | undefined} */
  #workerd;

  /**
   * Returns what is wrong, a sentence for each setting, without its value. A secret that is not given has a stand-in.
   *
   * @param {Record<string, string>} vars
   * @param {Record<string, string>} [secrets]
   * @param {string[]} [set] the names of the secrets that the worker has; without it, it has those that it needs
   * @returns {Promise<string[]>}
   */
  async mistakes(vars, secrets = {}, set) {
    const others = set ? standInsFor(set, vars) : standIns(vars);
    const url = await this.#start({ ...others, ...vars, ...secrets });
    const health = /** @type {{ status?: string, message?: string }} */ (await (await fetch(`${url}healthz`)).json());
    return health.status === "ok" ? [] : mistakes(health.message);
  }

  async close() {
    await this.#workerd?.dispose();
  }

  /** @param {Record<string, string>} bindings */
  async #start(bindings) {
    const { Miniflare, convertV4MiniflareOptions } = await loadMiniflare();
    const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG);
    const name = "concierge-proxy";
    const worker = { ...workerOptions, name, rootPath: ROOT, modulesRules: undefined, modules: modules(), bindings };
    // What it logs is not for the person who sets it up.
    const options = convertV4MiniflareOptions({ workers: [worker], cf: false, handleStructuredLogs: () => {} });
    if (this.#workerd === undefined) this.#workerd = new Miniflare(options);
    else await this.#workerd.setOptions(options);
    return this.#workerd.ready;
  }
}

/**
 * wrangler brings Miniflare along.
 *
 * @returns {Promise<typeof import("miniflare")>}
 */
function loadMiniflare() {
  const wrangler = createRequire(import.meta.url).resolve("wrangler");
  return import(pathToFileURL(createRequire(wrangler).resolve("miniflare")).href);
}

/** The built worker, its main module first. */
function modules() {
  const others = readdirSync(WORKER).filter((name) => name !== MAIN && extname(name) in TYPES);
  return [MAIN, ...others].map((name) => ({ type: TYPES[extname(name)], path: join(WORKER, name) }));
}
