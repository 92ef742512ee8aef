// The token for /admin, the page where the merchant sees what the worker does.

import { randomBytes } from "node:crypto";

/** @import { Terminal } from "./terminal.mjs" */

export const ADMIN_TOKEN = "ADMIN_TOKEN";

/** What the flag --admin is answered where nothing is made. */
const STAYS = `
A token for /admin is set already, and stays as it is. To replace it, put another one into the environment as ${ADMIN_TOKEN},
and run this again.`;

/**
 * Returns the token to set: none if the merchant wants none. One that is set already stays, because pages and programs may
 * use it, unless the environment has another.
 *
 * @param {object} situation
 * @param {boolean} situation.isSet
 * @param {boolean | undefined} situation.wanted what the flags say
 * @param {Terminal | null} situation.terminal
 * @returns {Promise<Record<string, string>>}
 */
export async function readAdminToken({ isSet, wanted, terminal }) {
  if (wanted === false) return {};
  const given = givenToken();
  if (given) return { [ADMIN_TOKEN]: given };
  if (isSet) {
    if (wanted) console.log(STAYS);
    return {};
  }
  const isWanted = wanted ?? (await terminal?.confirm("\nSee what the worker does, at /admin?", true)) ?? true;
  return isWanted ? { [ADMIN_TOKEN]: randomBytes(32).toString("hex") } : {};
}

/** A token from the environment is known to whoever set it. One that is made here has to be told. */
export function givenToken() {
  return process.env[ADMIN_TOKEN]?.trim() ?? "";
}
