// The questions, in their order. A flag answers a question before it is asked.

import { BadUsage } from "../usage.mjs";
import { ASSISTANTS, assistantOf, changesFor } from "./assistants.mjs";
import { addTo, originOfPreviews, originOfShop, originsOf, pathIn } from "./origins.mjs";
import { readDomain, readRegion } from "./place.mjs";
import { TIERS, tierOf } from "./tiers.mjs";

/**
 * @import { Config } from "../folder.mjs"
 * @import { Checker } from "./checker.mjs"
 * @import { Terminal } from "./terminal.mjs"
 * @import { Usage } from "./usage.mjs"
 *
 * What is to change. Null takes a setting out.
 *
 * @typedef {object} Changes
 * @property {Record<string, string | null>} vars
 * @property {string | null} [domain]
 * @property {string | null} [region]
 */

export class Interview {
  /**
   * @param {Usage} usage
   * @param {Config} config the settings so far
   * @param {Checker} checker
   * @param {Terminal | null} terminal null: nobody is asked
   */
  constructor(usage, config, checker, terminal) {
    this.usage = usage;
    this.config = config;
    this.checker = checker;
    this.terminal = terminal;
    /** @type {Changes} */
    this.changes = { vars: {} };
  }

  /** The settings as they are with the changes so far. */
  get vars() {
    return merge(this.config.vars, this.changes.vars);
  }

  /** @returns {Promise<Changes>} */
  async hold() {
    await this.#assistant();
    await this.#storefront();
    await this.#tier();
    Object.assign(this.changes.vars, this.usage.set);
    this.changes.domain = await this.#place("domain", "Its own domain, such as concierge.example.com", readDomain);
    const region = "Where the assistant is, to run near it, such as aws:us-east-1";
    this.changes.region = await this.#place("region", region, readRegion);
    return this.changes;
  }

  async #assistant() {
    const current = assistantOf(this.config.vars);
    /** @type {[string, string][]} */
    const options = Object.entries(ASSISTANTS).map(([name, { label }]) => [name, label]);
    const ask = async () => (await this.terminal?.choose("Which assistant answers?", options, current)) ?? current;
    const name = this.usage.assistant ?? (await ask());
    Object.assign(this.changes.vars, changesFor(name, this.config.vars));
    for (const question of ASSISTANTS[name]?.questions ?? []) {
      if (question.name in this.usage.set) this.changes.vars[question.name] = this.usage.set[question.name];
      else await this.#setting(question);
    }
  }

  /** @param {import("./assistants.mjs").Question} question */
  async #setting({ name, text, optional = false }) {
    if (!this.terminal) return;
    for (;;) {
      const current = this.vars[name];
      const kept = current || (optional ? "none" : "");
      const answer = await this.terminal.ask(kept ? `${text} (Enter: ${kept})` : text);
      if (answer === "" && kept) return;
      const wrong = await this.#wrong({ [name]: answer }, name);
      if (wrong.length === 0) {
        this.changes.vars[name] = answer;
        return;
      }
      for (const reason of wrong) console.log(`  ${reason}.`);
    }
  }

  /**
   * Returns what the worker has against this setting.
   *
   * @param {Record<string, string>} vars
   * @param {string} name
   */
  async #wrong(vars, name) {
    const mistakes = await this.checker.mistakes({ ...this.vars, ...vars });
    return mistakes.filter((mistake) => mistake.startsWith(`${name} `));
  }

  async #storefront() {
    const { storefronts, shop, shopId } = this.usage;
    const origins = [
      ...storefronts.flatMap(readStorefront),
      ...(shop ? [originOfShop(shop)] : []),
      ...(shopId ? [originOfPreviews(shopId)] : []),
    ];
    if (this.terminal && origins.length === 0) origins.push(...(await this.#askStorefront(this.terminal)));
    if (origins.length > 0) this.#letIn(origins);
  }

  /** @param {Terminal} terminal */
  async #askStorefront(terminal) {
    const list = this.vars.ALLOWED_ORIGINS;
    if (list) console.log(`\nThese may call: ${list}`);
    const text = list ? "Another address of your shop (Enter: none)" : "\nYour shop's address, such as www.example.com";
    const origins = await until(terminal, text, (answer) => {
      if (answer !== "") return readStorefront(answer);
      if (list) return [];
      throw new BadUsage("Nobody could ask anything without it.");
    });
    if (origins.length === 0) return [];
    const shop = await until(
      terminal,
      "Its name at Shopify, such as example-shop.myshopify.com, if it is a Shopify shop (Enter: none)",
      (answer) => (answer === "" ? [] : [originOfShop(answer)]),
    );
    if (shop.length === 0) return origins;
    const previews = await until(terminal, "Its id, to let in the previews of its themes (Enter: none)", (answer) =>
      answer === "" ? [] : [originOfPreviews(answer)],
    );
    return [...origins, ...shop, ...previews];
  }

  /** @param {string[]} origins */
  #letIn(origins) {
    const list = addTo(this.vars.ALLOWED_ORIGINS ?? "", origins);
    if (list !== this.vars.ALLOWED_ORIGINS) this.changes.vars.ALLOWED_ORIGINS = list;
  }

  async #tier() {
    const { tier } = this.usage;
    if (tier) {
      Object.assign(this.changes.vars, TIERS[tier].vars);
    } else if (this.terminal) {
      const current = tierOf(this.vars);
      /** @type {[string, string][]} */
      const options = Object.entries(TIERS).map(([name, { label }]) => [name, label]);
      if (!current) options.push(["own", "the limits that wrangler.toml has now"]);
      const chosen = await this.terminal.choose("What does the assistant's plan allow?", options, current ?? "own");
      if (chosen !== "own") Object.assign(this.changes.vars, TIERS[chosen].vars);
    }
  }

  /**
   * @param {"domain" | "region"} what
   * @param {string} text
   * @param {(answer: string) => string | null} read
   */
  async #place(what, text, read) {
    const current = this.config[what];
    const flag = this.usage[what];
    if (flag !== undefined) return read(flag);
    if (!this.terminal) return undefined;
    const hint = current ? ` (Enter: ${current}; or none)` : " (Enter: none)";
    return until(this.terminal, text + hint, (answer) => (answer === "" ? undefined : read(answer)));
  }
}

/**
 * Returns the origins of a storefront, and says what of its address is in none of them.
 *
 * @param {string} text
 */
function readStorefront(text) {
  const origins = originsOf(text);
  const path = pathIn(text);
  if (path) console.log(`  ${path} is left out: all pages of ${origins[0]} may call.`);
  return origins;
}

/**
 * Asks again, with the reason, until an answer is good.
 *
 * @template T
 * @param {Terminal} terminal
 * @param {string} text
 * @param {(answer: string) => T} read
 * @returns {Promise<T>}
 */
async function until(terminal, text, read) {
  for (;;) {
    try {
      return read(await terminal.ask(text));
    } catch (error) {
      if (!(error instanceof BadUsage)) throw error;
      console.log(`  ${error.message}`);
    }
  }
}

/**
 * @param {Record<string, string>} vars
 * @param {Record<string, string | null>} changes
 * @returns {Record<string, string>}
 */
export function merge(vars, changes) {
  const all = Object.entries({ ...vars, ...changes });
  return /** @type {Record<string, string>} */ (Object.fromEntries(all.filter(([, value]) => value !== null)));
}
