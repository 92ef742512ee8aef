// The folder that these tools belong to: a release, or a clone of the project. Both have a wrangler.toml.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";

import { unstable_readConfig } from "wrangler";

import { Failed } from "./failed.mjs";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const CONFIG = join(ROOT, "wrangler.toml");

const IS_RELEASE = existsSync(join(ROOT, "worker"));
/** Where the built worker is. */
export const WORKER = join(ROOT, IS_RELEASE ? "worker" : "dist");
/** Where the files are that the worker's origin serves to pages. */
export const ASSETS = join(ROOT, "assets");

/** How wrangler is called, in a release as in a clone. */
export const WRANGLER = "npm run wrangler --";

/** The secrets that the worker knows. */
export const SECRETS = [
  "CONCIERGE_API_KEY",
  "CONCIERGE_API_KEY_NEXT",
  "SIGNING_KEY",
  "SIGNING_KEY_NEXT",
  "SHOPPER_TOKEN_KEY",
  "SHOPIFY_APP_SECRET",
  "SHOPIFY_APP_SECRET_NEXT",
  "OMNIOPS_WEBHOOK_SECRET",
  "OMI_APP_KEY",
  "ADMIN_TOKEN",
];

/**
 * What a wrangler.toml says, as wrangler reads it.
 *
 * @typedef {object} Config
 * @property {string} name
 * @property {Record<string, string>} vars
 * @property {string | undefined} account the id of the account at Cloudflare
 * @property {string | undefined} domain the worker's own domain
 * @property {string | undefined} region where it runs: a region, or `smart`
 */

/**
 * Reads the settings. wrangler does it, so they are what wrangler deploys.
 *
 * @returns {Config}
 */
export function readConfig(path = CONFIG) {
  const config = parse(path);
  const { name = "", vars, routes = [], placement, account_id: account } = config;
  const texts = Object.entries(vars).filter(([, value]) => typeof value === "string");
  const own = routes.find(isOwnDomain);
  const { region, mode } = /** @type {{ region?: string, mode?: string }} */ (placement ?? {});
  return {
    name,
    vars: /** @type {Record<string, string>} */ (Object.fromEntries(texts)),
    account,
    domain: own?.pattern,
    region: region ?? (mode === "smart" ? mode : undefined),
  };
}

/** @param {string} path */
function parse(path) {
  try {
    return unstable_readConfig({ config: path }, { hideWarnings: true });
  } catch (error) {
    throw new Failed(`wrangler cannot read wrangler.toml. ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * @param {string | { pattern: string, custom_domain?: boolean }} route
 * @returns {route is { pattern: string, custom_domain: true }}
 */
function isOwnDomain(route) {
  return typeof route === "object" && route.custom_domain === true;
}

/**
 * Reads the settings for `wrangler dev`, which git ignores.
 *
 * @returns {NodeJS.Dict<string>}
 */
export function readDevVars() {
  const file = join(ROOT, ".dev.vars");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}
