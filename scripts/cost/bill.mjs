// The bill of some usage on the paid plan, and how much of the free plan it takes.

import { FREE_CPU_MS, METERS, SUBSCRIPTION } from "./prices.mjs";
import { DAYS, usageOf } from "./usage.mjs";

/** @import { Meter } from "./prices.mjs" */
/** @import { Measured, Month, Usage } from "./usage.mjs" */

/** @typedef {{ name: string, share: number, lost: "chats" | "log lines" }} Share how much of a limit is taken */

const KEYS = /** @type {(keyof typeof METERS)[]} */ (Object.keys(METERS));
/** No month has as many chats. */
const MOST_CHATS = 1e12;

/**
 * What so much of a meter costs in a month, in dollars.
 *
 * @param {Meter} meter
 * @param {number} used
 */
export function priceOf({ included, price, per, whole = false }, used) {
  const parts = Math.max(0, used - included) / per;
  return (whole ? Math.ceil(parts) : parts) * price;
}

/** @param {Usage} usage */
export function billOf(usage) {
  const lines = KEYS.map((key) => ({ key, used: usage[key], price: priceOf(METERS[key], usage[key]) }));
  const total = lines.reduce((sum, { price }) => sum + price, SUBSCRIPTION.price);
  return { lines, total };
}

/**
 * How much of each limit of the free plan is taken, the fullest first, when every day is like the others.
 *
 * @param {Usage} usage
 * @param {Measured} measured
 * @returns {Share[]}
 */
export function sharesOf(usage, { chatMs }) {
  /** @type {Share[]} */
  const shares = [{ name: "CPU of one request", share: chatMs / FREE_CPU_MS.most, lost: "chats" }];
  for (const key of KEYS) {
    /** @type {Meter} */
    const { name, free } = METERS[key];
    if (!free) continue;
    const used = free.in === "day" ? usage[key] / DAYS : usage[key];
    shares.push({ name, share: used / free.most, lost: free.lost });
  }
  return shares.sort((a, b) => b.share - a.share);
}

/**
 * The most chats a month that fit into the free plan.
 *
 * @param {Omit<Month, "chats">} month
 * @param {Measured} measured
 */
export function mostFreeChats(month, measured) {
  const fits = (/** @type {number} */ chats) =>
    sharesOf(usageOf({ ...month, chats }, measured), measured).every(({ share }) => share <= 1);
  let [most, tooMany] = [0, MOST_CHATS];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}
