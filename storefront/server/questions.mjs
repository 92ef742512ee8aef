// 200 questions at once, from a network that the worker has not seen before. A browser would send only six at a time.

import { randomInt } from "node:crypto";

/** @import { Result } from "../types.js" */

const COUNT = 200;
/** How many shoppers share a network's budget. */
const SHOPPERS = 10;
const PATH = "/v1/concierge/chat";

/**
 * Who asks, by the budget that they use up: one shopper, shoppers who all are new, or a few shoppers of one network.
 *
 * @typedef {"shopper" | "newcomer" | "network"} From
 *
 * What a question came to. `tier`, `window` and `limit` are a refused one's.
 *
 * @typedef {{ code: string, pass: string | null, tier?: string, window?: string, limit?: number }} End
 */

/**
 * @param {From} from
 * @param {{ worker: string, page: string }} place
 * @returns {Promise<Result>}
 */
export async function askAtOnce(from, { worker, page }) {
  // The worker's runtime on this machine believes this header. Cloudflare sets it itself.
  const network = `10.${randomInt(256)}.${randomInt(256)}.1`;
  const headers = { Origin: page, "Content-Type": "application/json", "CF-Connecting-IP": network };
  const ask = (/** @type {string | null} */ pass) =>
    question(worker, pass ? { ...headers, "Shopper-Pass": pass } : headers);
  const together = (/** @type {(string | null)[]} */ passes) => Promise.all(passes.map(ask));

  const first = await together(Array.from({ length: firstOf(from) }, () => null));
  const passes = first.flatMap(({ code, pass }) => (code === "ok" && pass ? [pass] : []));
  const rest = Array.from({ length: COUNT - first.length }, (_, number) => passes[number % passes.length] ?? null);
  return count(from, [...first, ...(await together(rest))]);
}

/**
 * How many ask without a pass, before the others have one.
 *
 * @param {From} from
 */
function firstOf(from) {
  if (from === "newcomer") return COUNT;
  return from === "network" ? SHOPPERS : 1;
}

/**
 * @param {string} worker
 * @param {Record<string, string>} headers
 * @returns {Promise<End>}
 */
async function question(worker, headers) {
  const body = JSON.stringify({ prompt: "A gift for a friend" });
  try {
    const response = await fetch(worker + PATH, { method: "POST", headers, body });
    const answer = /** @type {Record<string, any>} */ (await response.json());
    const code = response.ok ? "ok" : String(answer.error);
    const pass = response.headers.get("Shopper-Pass");
    return { code, pass, tier: answer.tier, window: answer.limit_window, limit: answer.limit };
  } catch {
    return { code: "unreachable", pass: null };
  }
}

/**
 * @param {From} from
 * @param {End[]} ends
 * @returns {Result}
 */
function count(from, ends) {
  /** @type {Map<string, Result["refused"][number]>} */
  const refused = new Map();
  /** @type {Record<string, number>} */
  const failed = {};
  let answered = 0;
  for (const { code, tier = "", window = "", limit = null } of ends) {
    if (code === "ok") answered += 1;
    else if (code === "rate_limited") {
      const kind = `${tier} ${window}`;
      const known = refused.get(kind) ?? { tier, window, limit, count: 0 };
      refused.set(kind, { ...known, count: known.count + 1 });
    } else failed[code] = (failed[code] ?? 0) + 1;
  }
  const budgets = [...refused.values()];
  const { tier, window, limit = null } = budgets.find((budget) => budget.tier === from) ?? { tier: "", window: "" };
  const cap = limit === null ? null : { tier, window, limit };
  return { asked: ends.length, answered, refused: budgets, failed, cap, isExact: answered === limit };
}
