// The wrangler.toml of a release: the project's own, without what builds it.

import { Failed } from "../steps.mjs";

/**
 * What is replaced. Each has to be there exactly once.
 *
 * @type {[before: RegExp, after: string][]}
 */
const CHANGES = [
  [
    /^main = "build\/shim\.js"$/gm,
    'main = "worker/shim.js"\n# It is built already, so wrangler uploads it as it is.\nno_bundle = true',
  ],
  [/^minify = true\n/gm, ""],
  [/^\[build\]\n(?:.+\n)+\n/gm, ""],
];

/** @param {string} toml */
export function releaseConfig(toml) {
  let config = toml;
  for (const [before, after] of CHANGES) {
    const times = config.match(before)?.length ?? 0;
    if (times !== 1)
      throw new Failed(`wrangler.toml has ${before} ${times} times, not once`, "Adapt scripts/release/config.mjs.");
    config = config.replace(before, after);
  }
  return config;
}
