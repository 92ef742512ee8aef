// The command line of the doctor.

import { parseArgs } from "node:util";

import { BadUsage, readAddress } from "../usage.mjs";

export const HELP = `npm run doctor -- https://concierge.example.com [flags]

  --origin URL          a page's origin to look from; may be repeated. Without it: those of wrangler.toml
  --spend               also send one chat. The assistant counts it, and your plan may charge it
  --workers-dev HOST    see whether the worker's workers.dev address is open, too: the host, or your account's subdomain
  --json                print the findings as JSON
  --help                print this

It exits with 0 if nothing is wrong, with 1 if something is, and with 2 if it cannot look: the command is not typed right, or wrangler.toml cannot be read.`;

/**
 * @typedef {object} Usage
 * @property {URL} url the worker's
 * @property {string[]} origins none: those of the settings
 * @property {boolean} spend
 * @property {string | undefined} workersDev
 * @property {boolean} json
 */

/**
 * @param {string[]} args
 * @returns {Usage | "help"}
 */
export function readUsage(args) {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  if (positionals.length !== 1) throw new BadUsage("Name one worker, by its address.");
  return {
    url: readAddress(positionals[0], "The worker's address"),
    origins: (values.origin ?? []).map((origin) => readAddress(origin, "An --origin").origin),
    spend: values.spend ?? false,
    workersDev: values["workers-dev"],
    json: values.json ?? false,
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        origin: { type: "string", multiple: true },
        spend: { type: "boolean" },
        "workers-dev": { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new BadUsage(/** @type {Error} */ (error).message);
  }
}
