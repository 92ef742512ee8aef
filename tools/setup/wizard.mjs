// The wizard's steps. Nothing is written before all of it is known to be right.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isWorker } from "../doctor/reach.mjs";
import { Unreachable, Visitor } from "../doctor/visitor.mjs";
import { Failed } from "../failed.mjs";
import { CONFIG, ROOT, SECRETS, WRANGLER, readConfig } from "../folder.mjs";
import { isLocal } from "../usage.mjs";
import { secretsOfWorker, signIn } from "./account.mjs";
import { assistantOf } from "./assistants.mjs";
import { Checker } from "./checker.mjs";
import { diff } from "./diff.mjs";
import { Interview } from "./interview.mjs";
import { isDevVarsIgnored, keepInDevVars, keyOf, readKeys } from "./keys.mjs";
import { Terminal } from "./terminal.mjs";
import { setDomain, setRegion, setVar } from "./toml.mjs";
import { wrangler } from "./wrangler.mjs";

/**
 * @import { Changes } from "./interview.mjs"
 * @import { Usage } from "./usage.mjs"
 */

/** A new address is known everywhere within so many milliseconds. */
const PATIENCE_MS = 90_000;
const DRAFT = join(ROOT, ".wrangler-draft.toml");

export class Wizard {
  #checker = new Checker();

  /** @param {Usage} usage */
  constructor(usage) {
    this.usage = usage;
    this.terminal = usage.yes ? null : new Terminal();
    /**
     * What stands already.
     *
     * @type {string[]}
     */
    this.done = [];
  }

  /** Returns the exit code. */
  async run() {
    const { usage, terminal } = this;
    if (usage.devVars && !isDevVarsIgnored())
      throw new Failed("git does not ignore .dev.vars here, so no key goes there.");
    const config = readConfig();
    if (usage.deploy) await signIn(terminal, config.account);
    const set = usage.deploy ? await secretsOfWorker() : [];
    const before = readFileSync(CONFIG, "utf8");
    const interview = new Interview(usage, config, this.#checker, terminal);
    const changes = await interview.hold();
    const after = edit(before, changes);
    const { vars, domain } = tryOut(after);
    const wantsKey = usage.deploy || usage.devVars;
    const { keyStdin } = usage;
    const isSwitch = assistantOf(config.vars) !== assistantOf(vars);
    const checker = this.#checker;
    const secrets = wantsKey ? await readKeys({ vars, set, isSwitch, keyStdin, terminal, checker }) : {};
    const key = keyOf(vars);
    if (usage.deploy && !set.includes(key) && !(key in secrets)) {
      throw new Failed(`The worker has no key yet. Set ${key} in the environment, or use --key-stdin.`);
    }
    refuse(await checker.mistakes(vars, secrets, usage.deploy ? set : undefined));
    if (!(await this.#write(before, after))) return 0;
    if (usage.devVars && Object.keys(secrets).length > 0) this.#keep(secrets);
    if (!usage.deploy) return 0;
    return this.#deploy(secrets, domain);
  }

  close() {
    return this.#checker.close();
  }

  /**
   * Writes the settings once they have been seen. Returns whether to go on.
   *
   * @param {string} before
   * @param {string} after
   */
  async #write(before, after) {
    if (before === after) {
      console.log("\nwrangler.toml stays as it is.");
      return true;
    }
    console.log(`\nwrangler.toml changes:\n\n${diff(before, after).join("\n")}\n`);
    if (this.terminal && !(await this.terminal.confirm("Write it?"))) {
      console.log("Nothing was changed.");
      return false;
    }
    writeFileSync(DRAFT, after);
    renameSync(DRAFT, CONFIG);
    this.done.push("wrangler.toml is written");
    return true;
  }

  /** @param {Record<string, string>} secrets */
  #keep(secrets) {
    keepInDevVars(secrets);
    this.done.push(".dev.vars has the key");
    console.log("The key is in .dev.vars, which git ignores.");
  }

  /**
   * Sets the secrets, then deploys: no request finds a worker without them.
   *
   * @param {Record<string, string>} secrets
   * @param {string | undefined} domain
   */
  async #deploy(secrets, domain) {
    if (this.terminal && !(await this.terminal.confirm("Deploy it now?"))) return 0;
    for (const [name, value] of Object.entries(secrets)) {
      const { code } = await wrangler(["secret", "put", name], { input: value });
      if (code !== 0) throw new Failed(`wrangler could not set ${name}. Its message is above.`);
      this.done.push(`${name} is set`);
    }
    const { code, output } = await wrangler(["deploy"]);
    if (code !== 0) throw new Failed("wrangler could not deploy the worker. Its message is above.");
    this.done.push("the worker is deployed");
    const url = domain ? `https://${domain}` : addressIn(output);
    if (url === undefined)
      throw new Failed("wrangler named no address. Look it up in the dashboard, and run the doctor.");
    return this.#examine(url);
  }

  /** @param {string} url */
  async #examine(url) {
    await answering(url);
    const doctor = join(ROOT, "tools", "doctor.mjs");
    const [code] = await once(spawn(process.execPath, [doctor, url], { stdio: "inherit" }), "close");
    console.log(`\nFor your shop's pages:\n
<script type="module" src="${url}/concierge.js"></script>
<concierge-chat url="${url}"></concierge-chat>`);
    return code ?? 1;
  }
}

/** @param {string[]} mistakes */
function refuse(mistakes) {
  if (mistakes.length === 0) return;
  const isOfSecret = mistakes.some((mistake) => SECRETS.some((name) => mistake.startsWith(`${name} `)));
  const todo = isOfSecret ? ` A secret is set with: ${WRANGLER} secret put, and taken out with: secret delete.` : "";
  throw new Failed(`The worker would refuse these settings: ${mistakes.join("; ")}.${todo}`);
}

/**
 * @param {string} toml
 * @param {Changes} changes
 */
function edit(toml, { vars, domain, region }) {
  const current = readConfig();
  let text = toml;
  for (const [name, value] of Object.entries(vars)) {
    if ((current.vars[name] ?? null) !== value) text = setVar(text, name, value);
  }
  if (domain !== undefined && domain !== (current.domain ?? null)) text = setDomain(text, domain);
  if (region !== undefined && region !== (current.region ?? null)) text = setRegion(text, region);
  return text;
}

/**
 * Has wrangler read what would be written.
 *
 * @param {string} toml
 */
function tryOut(toml) {
  writeFileSync(DRAFT, toml);
  try {
    return readConfig(DRAFT);
  } finally {
    rmSync(DRAFT);
  }
}

/**
 * Returns the address that wrangler prints after a deployment.
 *
 * @param {string} output
 */
function addressIn(output) {
  const urls = [...output.matchAll(/https?:\/\/[^\s"'<>]+/g)].flatMap(([text]) => URL.parse(text) ?? []);
  return urls.find((url) => url.hostname.endsWith(".workers.dev") || isLocal(url))?.origin;
}

/**
 * Waits until a new address answers. What is wrong after that, the doctor says.
 *
 * @param {string} url
 */
async function answering(url) {
  const end = Date.now() + PATIENCE_MS;
  console.log(`\nWaiting until ${url} answers`);
  while (Date.now() < end) {
    try {
      if (isWorker(await new Visitor(url).ask("/healthz"))) return;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}
