// The wrangler.toml of a release: the project's own, without what builds it.

import { Failed } from "../steps.mjs";

/**
 * What is replaced. Each has to be there exactly once.
 *
 * @type {[before: string | RegExp, after: string][]}
 */
const CHANGES = [
  [
    /^main = "build\/shim\.js"$/m,
    'main = "worker/shim.js"\n# It is built already, so wrangler uploads it as it is.\nno_bundle = true',
  ],
  [/^minify = true\n/m, ""],
  [/^\[build\]\n(?:.+\n)+\n/m, ""],
];

/** @param {string} toml */
export function releaseConfig(toml) {
  let config = toml;
  for (const [before, after] of CHANGES) {
    const changed = config.replace(before, after);
    if (changed === config)
      throw new Failed(`wrangler.toml has nothing like ${before}`, "Adapt scripts/release/config.mjs.");
    config = changed;
  }
  return config;
}
