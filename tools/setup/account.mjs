// Who deploys, and what their worker has already.

import { Failed } from "../failed.mjs";
import { WRANGLER } from "../folder.mjs";
import { wrangler } from "./wrangler.mjs";

/**
 * @import { Terminal } from "./terminal.mjs"
 * @typedef {{ id: string, name: string }} Account
 */

/**
 * Signs in to Cloudflare, and chooses an account. wrangler cannot ask for one while it reads a secret.
 *
 * @param {Terminal | null} terminal
 * @param {string | undefined} account the id of the account that wrangler.toml names
 */
export async function signIn(terminal, account) {
  let accounts = await accountsOf();
  if (accounts === undefined && (await terminal?.confirm("Sign in to Cloudflare in the browser?"))) {
    await wrangler(["login"]);
    accounts = await accountsOf();
  }
  if (accounts === undefined) {
    const todo = `Run: ${WRANGLER} login. Or set CLOUDFLARE_API_TOKEN. With --no-deploy, only the settings are written.`;
    throw new Failed(`wrangler is not signed in to Cloudflare. ${todo}`);
  }
  if (account || process.env.CLOUDFLARE_ACCOUNT_ID || accounts.length < 2) return;
  if (!terminal)
    throw new Failed("You have several accounts at Cloudflare. Set CLOUDFLARE_ACCOUNT_ID to the id of one.");
  const options = accounts.map(({ id, name }) => /** @type {[string, string]} */ ([id, name]));
  process.env.CLOUDFLARE_ACCOUNT_ID = await terminal.choose("Which account at Cloudflare?", options, undefined);
}

/**
 * Returns the accounts of whoever is signed in, or undefined if nobody is.
 *
 * @returns {Promise<Account[] | undefined>}
 */
async function accountsOf() {
  const { code, output } = await wrangler(["whoami", "--json"], { input: "", show: false });
  return code === 0 ? (read(output, "{", "}")?.accounts ?? []) : undefined;
}

/**
 * Returns the names of the worker's secrets: none if it is not there yet. Whoever cannot know them must not go on, for a
 * signing key would be replaced.
 *
 * @returns {Promise<string[]>}
 */
export async function secretsOfWorker() {
  const { code, output, errors } = await wrangler(["secret", "list"], { input: "", show: false });
  if (code !== 0 && /Worker ".*not found/.test(output + errors)) return [];
  const list = code === 0 ? read(output, "[", "]") : undefined;
  if (list === undefined)
    throw new Failed(`wrangler could not list the worker's secrets. Try: ${WRANGLER} secret list.`);
  return list.map((/** @type {{ name: string }} */ { name }) => name);
}

/**
 * Reads the JSON in what wrangler prints, which may have lines of its own around it.
 *
 * @param {string} output
 * @param {string} open
 * @param {string} close
 */
function read(output, open, close) {
  try {
    return JSON.parse(output.slice(output.indexOf(open), output.lastIndexOf(close) + 1));
  } catch {
    return undefined;
  }
}
