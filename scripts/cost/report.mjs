// The cost of a month as text.

import { METERS, READ, SUBSCRIPTION } from "./prices.mjs";

/** @import { Month } from "./usage.mjs" */
/** @import { Cost } from "../cost.mjs" */

/** @param {Cost} cost */
export function report({ month, paid, free, origins }) {
  const lines = paid.lines.map(({ key, used, price }) => {
    const { name, included, price: each, unit } = METERS[key];
    return [name, amount(used), origins[key].kind, amount(included), `${dollars(each)} ${unit}`, dollars(price)];
  });
  const head = ["a month", "used", "which is", "included", "price of more", "bill"];
  const subscription = ["The paid plan", "", "", "", "", dollars(SUBSCRIPTION.price)];
  const total = ["All together", "", "", "", "", dollars(paid.total)];
  const how = paid.lines.map(({ key }) => [METERS[key].name, `${origins[key].kind}: ${origins[key].how}`]);
  const sources = new Map(Object.values(METERS).map(({ source }) => [source.page, source.updated]));
  return [
    `${title(month)}. All prices are in dollars.`,
    "",
    ...columns([head, ...lines, subscription, total], [1, 3, 5]),
    "",
    ...freePlan(free),
    "",
    "How much is used:",
    ...columns(how, []).map((line) => `  ${line}`),
    "",
    `Prices, what is included and the free plan's limits are published. Read on ${READ}:`,
    ...[...sources].map(([page, updated]) => `  ${page} (updated on ${updated})`),
    "",
    "An estimate and no invoice. Other workers of the account share what is included. Static files are free.",
  ].join("\n");
}

/** @param {Month} month */
function title({ chats, refused, networks }) {
  const from = networks === undefined ? "each from a network of its own" : `from ${amount(networks)} networks a day`;
  const flood = refused > 0 ? `, while ${percent(refused)} of all requests are refused` : "";
  return `A month of ${amount(chats)} chats, ${from}${flood}`;
}

/** @param {Cost["free"]} free */
function freePlan({ shares, fits, most }) {
  const shown = fits ? shares.slice(0, 1) : shares.filter(({ share }) => share > 1);
  const taken = shown.map(({ name, share }) => `${name} ${percent(share)}`).join(", ");
  const lost = [...new Set(shown.map(({ lost }) => lost))].join(" and ");
  return [
    fits
      ? `The free plan is enough, and costs nothing. Nearest to its limit: ${taken}.`
      : `The free plan is not enough, and would lose ${lost}. Over its limit: ${taken}.`,
    `It is enough for ${amount(most)} such chats a month, when all days are alike.`,
  ];
}

/** @param {number} number */
function amount(number) {
  const digits = number >= 100 ? 0 : 2;
  return number.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** @param {number} number */
function dollars(number) {
  return number.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: number < 0.01 ? 3 : 2 });
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toLocaleString("en-US", { maximumSignificantDigits: 3 })} %`;
}

/**
 * @param {string[][]} rows
 * @param {number[]} numbers which columns are aligned to the right
 */
function columns(rows, numbers) {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const cell = (/** @type {string} */ text, /** @type {number} */ i) =>
    numbers.includes(i) ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  return rows.map((row) => row.map(cell).join("  ").trimEnd());
}
