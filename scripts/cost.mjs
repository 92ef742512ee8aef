// `npm run cost`: estimates what a month costs at Cloudflare, from its published prices and from what this project measures.
//
//   --chats N      the chats of the month, instead of 100000
//   --refused S    the share of all requests that is refused before an object is asked: 0, or 0.9 in a flood
//   --networks N   from how many networks the chats of a day come, instead of each from its own, which costs most
//   --admin        counts what /admin costs, too
//   --json         prints the numbers as JSON

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { billOf, mostFreeChats, sharesOf } from "./cost/bill.mjs";
import { METERS, READ } from "./cost/prices.mjs";
import { report } from "./cost/report.mjs";
import { measuredIn, originsOf, usageOf } from "./cost/usage.mjs";
import { Failed, ROOT, isProgram, main } from "./steps.mjs";

/** @import { Measured, Month } from "./cost/usage.mjs" */
/** @typedef {ReturnType<typeof costOf>} Cost */

const HELP = "npm run cost -- [--chats N] [--refused S] [--networks N] [--admin] [--json]";
/** Above this not every whole number is one. */
const MOST = 1_000_000_000_000;

if (isProgram(import.meta.url)) {
  await main(async () => {
    const { json, ...month } = readFlags(process.argv.slice(2));
    const results = JSON.parse(readFileSync(join(ROOT, "bench", "results.json"), "utf8"));
    const cost = costOf(month, measuredIn(results));
    console.log(json ? JSON.stringify({ ...cost, prices: METERS, read: READ }, null, 2) : report(cost));
  });
}

/**
 * @param {Month} month
 * @param {Measured} measured
 */
export function costOf(month, measured) {
  const usage = usageOf(month, measured);
  const shares = sharesOf(usage, measured);
  const fits = shares.every(({ share }) => share <= 1);
  const free = { fits, most: mostFreeChats(month, measured), shares };
  return { month, paid: billOf(usage), free, origins: originsOf(month, measured) };
}

/**
 * @param {string[]} args
 * @returns {Month & { json: boolean }}
 */
export function readFlags(args) {
  const { chats, refused, networks, admin, json } = parse(args);
  return {
    chats: wholeNumber("chats", chats, 0),
    refused: share(refused),
    ...(networks !== undefined && { networks: wholeNumber("networks", networks, 1) }),
    ...(admin && { admin }),
    json,
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        chats: { type: "string", default: "100000" },
        refused: { type: "string", default: "0" },
        networks: { type: "string" },
        admin: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new Failed(/** @type {Error} */ (error).message, HELP);
  }
}

/**
 * @param {string} flag
 * @param {string} text
 * @param {number} least
 */
function wholeNumber(flag, text, least) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= MOST) return number;
  throw new Failed(`--${flag} is not a whole number from ${least} to ${MOST}: ${text}`, HELP);
}

/** @param {string} text */
function share(text) {
  const number = Number(text);
  if (/^0?(\.\d+)?$/.test(text) && text !== "" && number < 1) return number;
  throw new Failed(`--refused is not a share from 0 to less than 1: ${text}`, HELP);
}
