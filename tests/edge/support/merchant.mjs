// What a merchant asks of a worker.

import { randomBytes } from "node:crypto";

import { Caller, eventually } from "./world.mjs";

/** An admin token of 43 characters. */
export const newToken = () => randomBytes(32).toString("base64url");

/** Waits if a day of UTC ends within a minute. What is counted before and after midnight is in two objects. */
export async function passMidnight() {
  const left = 86_400_000 - (Date.now() % 86_400_000);
  if (left < 60_000) await new Promise((resolve) => setTimeout(resolve, left + 100));
}

/** One merchant, on a network of their own unless an address is given. */
export class Merchant {
  #caller;
  #token;

  /**
   * @param {{ url: URL }} world
   * @param {string | null} token
   * @param {{ origin?: string | null, address?: string }} [options]
   */
  constructor({ url }, token, options = {}) {
    this.#caller = new Caller(url, { origin: null, ...options });
    this.#token = token;
  }

  get #headers() {
    return { authorization: this.#token && `Bearer ${this.#token}` };
  }

  get(path) {
    return this.#caller.send("GET", path, { headers: this.#headers });
  }

  lift(wish) {
    return this.#caller.post("/admin/lift", wish, this.#headers);
  }

  /** The report on the last day, once it has what is expected. Counts arrive after seconds. */
  usage(isThere, range = "day") {
    const ask = async () => {
      const report = await (await this.get(`/admin/usage?range=${range}`)).json();
      return isThere(report) && report;
    };
    return slowly(ask, "the report");
  }

  /** Who is held, once that is as expected. */
  blocks(isThere, query = "") {
    const ask = async () => {
      const answer = await this.get(`/admin/blocks${query}`);
      const { blocks } = await answer.json();
      return blocks && isThere(blocks) && blocks;
    };
    return slowly(ask, "the blocks");
  }
}

/** Asks once a second at most: the merchant's own requests are limited, too. */
function slowly(ask, what) {
  let last = 0;
  const paced = () => {
    if (Date.now() - last < 1_000) return undefined;
    last = Date.now();
    return ask();
  };
  return eventually(paced, what, 20_000);
}
