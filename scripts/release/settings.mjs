// What a wrangler.toml has of one merchant alone. A release is published for others.

import { Failed } from "../steps.mjs";

const HELP = `Take it out, or run this in a clone without it. If the release is for a machine of your own, run:
  npm run release -- --with-settings`;

/** @param {string} path a wrangler.toml */
export async function refuseOwnSettings(path) {
  const found = await ownSettings(path);
  if (found.length > 0) throw new Failed(`wrangler.toml has what is yours alone: ${found.join(", ")}`, HELP);
}

/**
 * wrangler reads it, so this is what wrangler would deploy.
 *
 * @param {string} path
 */
async function ownSettings(path) {
  // It is not there before the set-up.
  const { unstable_readConfig: readConfig } = await import("wrangler");
  const { vars, route, routes = [], account_id: account } = readConfig({ config: path }, { hideWarnings: true });
  const settings = { ALLOWED_ORIGINS: vars.ALLOWED_ORIGINS, routes: route || routes.length > 0, account_id: account };
  return Object.entries(settings).flatMap(([name, value]) => (value ? [name] : []));
}
