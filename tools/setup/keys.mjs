// The one secret that the worker cannot do without: the assistant's key, or a key of its own to sign with.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { ROOT } from "../folder.mjs";
import { ASSISTANTS, assistantOf } from "./assistants.mjs";
import { Failed } from "../failed.mjs";

/**
 * @import { Checker } from "./checker.mjs"
 * @import { Terminal } from "./terminal.mjs"
 *
 * @typedef {object} Situation
 * @property {Record<string, string>} vars the settings as they will be
 * @property {string[]} set the names of the secrets that the worker has
 * @property {boolean} isSwitch whether wrangler.toml named another assistant before
 * @property {boolean} keyStdin
 * @property {Terminal | null} terminal
 * @property {Checker} checker
 */

/**
 * Returns the name of the secret that these settings need.
 *
 * @param {Record<string, string>} vars
 */
export function keyOf(vars) {
  return ASSISTANTS[assistantOf(vars)]?.standIn === null ? "SIGNING_KEY" : "CONCIERGE_API_KEY";
}

/**
 * Returns the secrets to set: none if the worker has what it needs, and nobody gives another.
 *
 * @param {Situation} situation
 * @returns {Promise<Record<string, string>>}
 */
export async function readKeys({ vars, set, isSwitch, keyStdin, terminal, checker }) {
  const name = keyOf(vars);
  const hasKey = name === "CONCIERGE_API_KEY";
  if (keyStdin && hasKey) return { [name]: (await text(process.stdin)).trim() };
  const given = process.env[name]?.trim();
  if (given) return { [name]: given };
  // A new one would end all conversations.
  if (!hasKey) return set.includes(name) ? {} : { [name]: randomBytes(32).toString("hex") };
  const isSet = set.includes(name);
  if (!terminal) {
    // One assistant's key is not for another one to see.
    if (isSet && isSwitch)
      throw new Failed(`The worker's key may be another assistant's. Give this one's, in ${name}.`);
    return {};
  }
  const keep = isSwitch ? "if the worker's key is this one's, Enter to keep it" : "Enter to keep it";
  for (;;) {
    const key = await terminal.secret(isSet ? `\nA new key of the assistant's, or ${keep}` : "\nThe assistant's key");
    if (key === "" && isSet) return {};
    const wrong = (await checker.mistakes(vars, { [name]: key })).filter((mistake) => mistake.startsWith(`${name} `));
    if (wrong.length === 0) return { [name]: key };
    for (const reason of wrong) console.log(`  ${reason}.`);
  }
}

/** Whether git would leave .dev.vars alone. Without git, the folder's own list has to say so. */
export function isDevVarsIgnored() {
  try {
    execFileSync("git", ["check-ignore", "--quiet", ".dev.vars"], { cwd: ROOT, stdio: "ignore" });
    return true;
  } catch {
    const list = join(ROOT, ".gitignore");
    const isInGit = existsSync(join(ROOT, ".git"));
    return !isInGit && existsSync(list) && /^\.dev\.vars$/m.test(readFileSync(list, "utf8"));
  }
}

/**
 * Keeps secrets in .dev.vars, which nobody else on this machine may read.
 *
 * @param {Record<string, string>} secrets
 */
export function keepInDevVars(secrets) {
  const file = join(ROOT, ".dev.vars");
  const old = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const others = old.filter((line) => !Object.keys(secrets).some((name) => line.startsWith(`${name}=`)));
  const own = Object.entries(secrets).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  writeFileSync(file, `${[...others.filter(Boolean), ...own].join("\n")}\n`, { mode: 0o600 });
  // A file that was there keeps its mode otherwise.
  chmodSync(file, 0o600);
}
