// The token for /admin, the page where the merchant sees what the worker does.

import { randomBytes } from "node:crypto";

/** @import { Terminal } from "./terminal.mjs" */

export const ADMIN_TOKEN = "ADMIN_TOKEN";

/**
 * Returns the token to set: none if there is one already, which pages and programs may use, or if the merchant wants none.
 *
 * @param {object} situation
 * @param {boolean} situation.isSet
 * @param {boolean | undefined} situation.wanted what the flags say
 * @param {Terminal | null} situation.terminal
 * @returns {Promise<Record<string, string>>}
 */
export async function readAdminToken({ isSet, wanted, terminal }) {
  if (isSet) return {};
  const isWanted = wanted ?? (await terminal?.confirm("\nSee what the worker does, at /admin?", true)) ?? true;
  return isWanted ? { [ADMIN_TOKEN]: givenToken() || randomBytes(32).toString("hex") } : {};
}

/** A token from the environment is known to whoever set it. One that is made here has to be told. */
export function givenToken() {
  return process.env[ADMIN_TOKEN]?.trim() ?? "";
}
