// The wizard's steps. Nothing is written before all of it is known to be right.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isWorker } from "../doctor/reach.mjs";
import { Unreachable, Visitor } from "../doctor/visitor.mjs";
import { Failed } from "../failed.mjs";
import { CONFIG, ROOT, SECRETS, WRANGLER, readConfig, readDevVars } from "../folder.mjs";
import { isLocal } from "../usage.mjs";
import { secretsOfWorker, signIn } from "./account.mjs";
import { ADMIN_TOKEN, givenToken, readAdminToken } from "./admin.mjs";
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
    /** What is being done just now. Whoever stops wrangler cannot know whether it has happened. */
    this.doing = "";
    /** A token for /admin that nobody has seen yet. */
    this.untold = "";
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
    const isSwitch = assistantOf(config.vars) !== assistantOf(vars);
    const secrets = usage.deploy || usage.devVars ? await this.#readSecrets(vars, set, isSwitch) : {};
    const key = keyOf(vars);
    if (usage.deploy && !set.includes(key) && !(key in secrets)) {
      throw new Failed(`The worker has no key yet. Set ${key} in the environment, or use --key-stdin.`);
    }
    refuse(await this.#checker.mistakes(vars, secrets, usage.deploy ? set : undefined));
    if (!(await this.#write(before, after))) return 0;
    if (usage.devVars && Object.keys(secrets).length > 0) this.#keep(secrets);
    if (!usage.deploy || !(await this.#mayDeploy())) {
      const missing = [key, ...(usage.admin === false ? [] : [ADMIN_TOKEN])].filter((name) => !set.includes(name));
      if (!usage.deploy && !(key in secrets)) console.log(`${key} was not looked at.`);
      tellNext(missing, usage.devVars);
      return 0;
    }
    const url = await this.#deploy(secrets, domain);
    return this.#examine(url, set.includes(ADMIN_TOKEN) || ADMIN_TOKEN in secrets);
  }

  /** Tells a token that was made and set, once: nobody can ask the worker for it. */
  tellToken() {
    if (this.untold === "") return;
    console.log(`\nYour token for /admin: ${this.untold}\nIt is not shown again. Keep it in your password manager.`);
    this.untold = "";
  }

  close() {
    return this.#checker.close();
  }

  /**
   * @param {Record<string, string>} vars
   * @param {string[]} set the names of the secrets that the worker has
   * @param {boolean} isSwitch
   */
  async #readSecrets(vars, set, isSwitch) {
    const { usage, terminal } = this;
    const { keyStdin, admin: wanted } = usage;
    const keys = await readKeys({ vars, set, isSwitch, keyStdin, terminal, checker: this.#checker });
    const isSet = usage.deploy ? set.includes(ADMIN_TOKEN) : Boolean(readDevVars()[ADMIN_TOKEN]);
    return { ...keys, ...(await readAdminToken({ isSet, wanted, terminal })) };
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
    console.log("wrangler.toml is written.");
    return true;
  }

  /** @param {Record<string, string>} secrets */
  #keep(secrets) {
    keepInDevVars(secrets);
    const names = Object.keys(secrets).join(" and ");
    this.done.push(`.dev.vars has ${names}`);
    console.log(`.dev.vars, which git ignores, has ${names} now.`);
  }

  async #mayDeploy() {
    return this.terminal === null || (await this.terminal.confirm("Deploy it now?"));
  }

  /**
   * Sets the secrets, then deploys: no request finds a worker without them. Returns where it answers.
   *
   * @param {Record<string, string>} secrets
   * @param {string | undefined} domain
   */
  async #deploy(secrets, domain) {
    for (const [name, value] of Object.entries(secrets)) await this.#put(name, value);
    this.doing = "the worker is deployed";
    const { code, output } = await wrangler(["deploy"]);
    // It uploads the worker first. So what failed may be a step after that.
    if (code !== 0) throw new Failed("wrangler could not deploy the worker. Its message is above.");
    this.#finish();
    const url = domain ? `https://${domain}` : addressIn(output);
    if (url === undefined)
      throw new Failed("wrangler named no address. Look it up in the dashboard, and run the doctor.");
    return url;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  async #put(name, value) {
    if (name === ADMIN_TOKEN && value !== givenToken()) this.untold = value;
    this.doing = `${name} is set`;
    const { code } = await wrangler(["secret", "put", name], { input: value });
    if (code !== 0) {
      this.doing = "";
      if (this.untold === value) this.untold = "";
      throw new Failed(`wrangler could not set ${name}. Its message is above.`);
    }
    this.#finish();
  }

  #finish() {
    this.done.push(this.doing);
    this.doing = "";
  }

  /**
   * @param {string} url
   * @param {boolean} hasAdmin
   */
  async #examine(url, hasAdmin) {
    await answering(url);
    const doctor = join(ROOT, "tools", "doctor.mjs");
    const [code] = await once(spawn(process.execPath, [doctor, url], { stdio: "inherit" }), "close");
    console.log(`\nFor your shop's pages:\n
<script type="module" src="${url}/concierge.js"></script>
<concierge-chat url="${url}"></concierge-chat>`);
    if (hasAdmin) console.log(`\nWhat the worker does: ${url}/admin`);
    this.tellToken();
    return code ?? 1;
  }
}

/**
 * Says what comes next where nothing is deployed.
 *
 * @param {string[]} secrets the names of those that the worker may not have yet
 * @param {boolean} hasDevVars
 */
function tellNext(secrets, hasDevVars) {
  const commands = [
    "login",
    ...secrets.map((name) => `secret put ${name}${name === ADMIN_TOKEN ? "    # if you want to use /admin" : ""}`),
    "deploy",
  ];
  console.log("\nNothing was deployed. Next, run `npm run setup` again and let it deploy. Or do it by hand:\n");
  for (const command of commands) console.log(`  ${WRANGLER} ${command}`);
  if (hasDevVars) console.log(`\nTo try it on this machine first: ${WRANGLER} dev`);
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
