// What the developer panel asks of this machine: the paths under /demo/. Only a page of the shop may post to them.

import { askAtOnce } from "./questions.mjs";
import { PLAIN, json, reply } from "./reply.mjs";

/** @import { Reply } from "./reply.mjs" */
/** @import { State } from "../types.js" */
/** @import { Request } from "./shop.mjs" */

/**
 * What stands behind the shop, as far as the panel may see and change it.
 *
 * @typedef {object} Stage
 * @property {readonly string[]} names the assistants that there are
 * @property {string} name the one that answers
 * @property {boolean} isReady
 * @property {string} simulator the simulator's address
 * @property {string} endpoint what the simulator calls the path that takes a question
 * @property {(name: string) => Promise<void>} switchTo takes another assistant
 */

const CONTROL = "/_simulator/fault";

export class Demo {
  #stage;
  #place;
  /**
   * The fault that the next question meets.
   *
   * @type {string | null}
   */
  #fault = null;

  /**
   * @param {Stage} stage
   * @param {{ worker: string, page: string }} place
   */
  constructor(stage, place) {
    this.#stage = stage;
    this.#place = place;
  }

  /**
   * Returns undefined if the path is none of these.
   *
   * @param {Request} request
   * @returns {Promise<Reply | undefined>}
   */
  async answer({ method, path, body, isOwn }) {
    const [, first, name, ...rest] = path.split("/");
    if (first !== "demo" || rest.length > 0) return undefined;
    if (name === "state" && method === "GET") return json(200, this.#state());
    const act = this.#acts.get(name);
    if (!act) return undefined;
    if (method !== "POST") return reply(405, PLAIN, "This path takes a POST.\n");
    if (!isOwn) return reply(403, PLAIN, "Only a page of the shop may ask for this.\n");
    return act(read(body));
  }

  /** @type {Map<string, (order: Record<string, unknown>) => Promise<Reply>>} */
  #acts = new Map([
    ["assistant", async (order) => this.#switchTo(order.name)],
    ["fault", (order) => this.#setFault(order.fault)],
    ["questions", (order) => this.#ask(order.from)],
  ]);

  /** @returns {State} */
  #state() {
    const { name, names, isReady } = this.#stage;
    return { assistant: name, assistants: names, isReady, fault: this.#fault };
  }

  /** @param {unknown} name */
  #switchTo(name) {
    const { names, isReady } = this.#stage;
    if (typeof name !== "string" || !names.includes(name)) return reply(400, PLAIN, "There is no such assistant.\n");
    if (!isReady) return reply(409, PLAIN, "Another switch is under way.\n");
    this.#fault = null;
    // The stage reports a failure itself, and ends.
    this.#stage.switchTo(name).catch(() => {});
    return json(202, this.#state());
  }

  /** @param {unknown} fault the simulator's name of it, or null for none */
  async #setFault(fault) {
    const { simulator, endpoint } = this.#stage;
    const order = fault === null ? undefined : JSON.stringify({ fault, endpoint });
    const response = await fetch(simulator + CONTROL, {
      method: order ? "PUT" : "DELETE",
      headers: { "Content-Type": "application/json" },
      body: order,
    });
    if (!response.ok) return reply(400, PLAIN, "There is no such fault.\n");
    this.#fault = typeof fault === "string" ? fault : null;
    return json(200, this.#state());
  }

  /** @param {unknown} from */
  async #ask(from) {
    if (from !== "shopper" && from !== "newcomer" && from !== "network") {
      return reply(400, PLAIN, "Nobody asks like that.\n");
    }
    const fault = this.#fault;
    // It is for the next question of the page.
    if (fault) await this.#setFault(null);
    try {
      return json(200, await askAtOnce(from, this.#place));
    } finally {
      if (fault) await this.#setFault(fault);
    }
  }
}

/**
 * @param {string} body
 * @returns {Record<string, unknown>}
 */
function read(body) {
  try {
    const order = JSON.parse(body);
    return typeof order === "object" && order !== null ? order : {};
  } catch {
    return {};
  }
}
