// Each command of the documents is run, or is on a list that says why it is not. A new one fails until it is either.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";

import { readOptions } from "../../scripts/demo.mjs";
import { releaseConfig } from "../../scripts/release/config.mjs";
import { SECRETS } from "../../tools/folder.mjs";
import { DOCUMENTS, commandsIn } from "./support/documents.mjs";
import { openFolder } from "./support/tools.mjs";
import { newToken } from "./support/merchant.mjs";
import { ORIGIN, ROOT, newKey, openWorld } from "./support/world.mjs";

/** What another test runs, by the test's file. Some of it would change files that tests read meanwhile. */
const RUN_BY = {
  "npm start": "stage.test.mjs",
  "npm run setup": "wizard-terminal.test.mjs",
  "npm run release": "release.test.mjs",
  "npm run release -- --with-settings": "release.test.mjs",
  "npm run calls": "budgets.test.mjs",
  "npm run soak": "soak.test.mjs",
  "wrangler dev": "restarts.test.mjs",
  "sha256sum --check SHA256SUMS": "release.test.mjs",
};

/** Why the others are not run. */
const NOT_RUN = {
  "npm test": "it runs this test",
  "npm run lint": "npm test begins with it",
  "npm run build": "npm test does it before the edge tests",
  "npm run client": "npm test does it before the edge tests",
  "npm run widget": "npm test does it before the edge tests",
  "npm run format": "it changes files; npm run lint looks whether it would",
  "npm run pictures": "it changes the pictures of the documents",
  "npm run reproduce": "it takes six minutes; each release runs it",
  "npm run bench": "it takes four minutes on a quiet machine",
  "npm run chaos": "it takes three minutes",
  "npm install": "in a release it asks the registry for wrangler",
  "npm audit": "it asks the registry; a workflow runs it",
  "cargo audit": "it asks for the known advisories; a workflow runs it",
  "git show": "the commits may not be there",
  "shopify app init --template none": "it needs an account at Shopify",
  "shopify app deploy": "it needs an account at Shopify",
  "shopify theme check": "it needs Shopify's command line",
  "shopify theme dev": "it needs a shop",
};

const COMMANDS = [...new Set([...DOCUMENTS.values()].flatMap(commandsIn))];

/** What runs a command, by its form. Each is given the command, and what the form has found in it. */
const FORMS = /** @type {[form: RegExp, run: (place: Place, command: string, found: string[]) => Promise<void>][]} */ ([
  [/^npm run wrangler -- --help$/, (place, command) => place.says(command, /wrangler deploy/)],
  [/^(?:npm run wrangler --|wrangler) ([a-z].*)$/, (place, _, [words]) => place.wrangler(words)],
  [
    /^(openssl rand .+) \| npm run wrangler -- (.+)$/,
    async (place, _, [left, right]) => {
      await place.says(left, /^\S{32,512}\n$/);
      await place.wrangler(right);
    },
  ],
  [/^openssl rand -hex 32$/, (place, command) => place.says(command, /^[0-9a-f]{64}\n$/)],
  [/^npm run cost( --.*)?$/, (place, command) => place.says(command, /^All together +\d+\.\d\d$/m)],
  [/^npm run setup -- --help$/, (place, command) => place.says(command, /--storefront URL/, place.release.folder)],
  [/^CONCIERGE_API_KEY=… npm run setup -- --yes .+$/, (place, command) => place.setUp(command)],
  [/^npm run doctor -- (https:\/\/.+)$/, (place, command, [url]) => place.examine(command.replace(url, place.url))],
  [
    /^printf .+ \| curl (https:\/\/[^/]+)\/admin\/lift -H @- .+$/,
    (place, command, [url]) => place.lift(command.replace(url, place.url)),
  ],
  [/^curl (https:\/\/[^/]+)\/.+$/, (place, command, [url]) => place.curl(command.replace(url, place.url))],
  [
    /^npm start -- --assistant ([a-z-]+)$/,
    async (_, __, [name]) => assert.equal(readOptions(["--assistant", name]).name, name),
  ],
  [
    /^npm start -- --origin (http\S+)$/,
    async (_, __, [origin]) => assert.deepEqual(readOptions(["--origin", origin]).origins, [origin]),
  ],
  [/^npm pack$/, (place) => place.pack()],
  [/^npm install (file:|\.\/)\S+$/, (place, command) => place.install(command)],
]);

const exec = promisify(execFile);
const TOKEN = newToken();
const PACKED = "concierge-proxy-client-0.1.0.tgz";

/** Where commands are run: the clone, the folder of a release, and a page's own project beside the clone. */
class Place {
  /** @param {string} url where a worker answers */
  constructor(url) {
    this.url = url;
    this.release = openFolder();
    this.beside = mkdtempSync(join(tmpdir(), "concierge-commands-"));
    symlinkSync(ROOT, join(this.beside, "concierge-proxy"));
    /**
     * What was run already. Several documents say the same.
     *
     * @type {Map<string, Promise<string>>}
     */
    this.outputs = new Map();
  }

  close() {
    this.release.close();
    rmSync(this.beside, { recursive: true, force: true });
  }

  /** Runs it as it stands there, in a shell, once, and returns what it prints. */
  async run(command, folder = ROOT) {
    const key = `${folder}: ${command}`;
    const output = this.outputs.get(key) ?? exec("sh", ["-c", command], { cwd: folder }).then(({ stdout }) => stdout);
    this.outputs.set(key, output);
    return output;
  }

  async says(command, what, folder = ROOT) {
    assert.match(await this.run(command, folder), what);
  }

  /** Looks into wrangler's own help whether there is such a command, with such flags. A deployment is run dry. */
  async wrangler(words) {
    const [, name, rest = ""] = words.match(/^((?:secret )?[a-z]+)(?: (.*))?$/) ?? [];
    assert.ok(name, words);
    const help = await this.run(`wrangler ${name} --help`);
    assert.match(help, new RegExp(`^wrangler ${name}\\b`, "m"));
    for (const [flag] of rest.matchAll(/--[a-z-]+/g)) assert.ok(help.includes(`${flag} `), flag);
    if (name.startsWith("secret ")) assert.ok([...SECRETS, "NAME"].includes(rest.split(" ")[0]), rest);
    if (name !== "deploy") return;
    const [, config] = rest.match(/--config (\S+)/) ?? [];
    if (config)
      writeFileSync(join(this.release.folder, config), releaseConfig(readFileSync(join(ROOT, config), "utf8")));
    await this.says(`wrangler ${words} --dry-run`, /--dry-run: exiting now/, this.release.folder);
  }

  async setUp(command) {
    // It writes, so it has a folder of its own.
    const { folder, read, close } = openFolder();
    try {
      await this.run(`${command.replace("…", newKey())} --no-deploy`, folder);
      assert.match(read("wrangler.toml"), /^routes = \[\{ pattern = "concierge\.example\.com"/m);
    } finally {
      close();
    }
  }

  examine(command) {
    return this.says(`${command} --origin ${ORIGIN}`, /^\d+ right/m, this.release.folder);
  }

  async curl(command) {
    const answer = JSON.parse(
      await this.run(`${command.replace("<one of your origins>", ORIGIN)} --silent --show-error`),
    );
    if (command.includes("/healthz")) assert.deepEqual(answer, { status: "ok" });
    else assert.ok(answer.message && answer.session_id);
  }

  /** Nobody is held here. */
  async lift(command) {
    const answer = JSON.parse(await this.run(`ADMIN_TOKEN=${TOKEN}; ${command} --silent --show-error`));
    if (command.includes("request_id")) assert.equal(answer.error, "request_not_found");
    else assert.equal(answer.lifted, 0);
  }

  /** Packs the client library. */
  async pack() {
    const name = await this.run(`npm pack --pack-destination '${this.beside}'`, join(ROOT, "client"));
    assert.equal(name.trim(), PACKED);
  }

  /** Installs the client library into a project of its own, where it can be imported. */
  async install(command) {
    await this.pack();
    const project = mkdtempSync(join(this.beside, "shop-"));
    symlinkSync(join(this.beside, PACKED), join(project, PACKED));
    await this.run(`${command} --offline --no-audit --no-fund`, project);
    const imported = 'import { Concierge } from "@concierge-proxy/client"; console.log(typeof Concierge)';
    assert.equal(await this.run(`node --input-type=module --eval '${imported}'`, project), "function\n");
  }
}

suite("the commands of the documents", () => {
  const formOf = (/** @type {string} */ command) => FORMS.find(([form]) => form.test(command));

  test("are each run, or on a list that says why not", () => {
    const known = (/** @type {string} */ command) => command in RUN_BY || command in NOT_RUN || formOf(command);
    assert.deepEqual(
      COMMANDS.filter((command) => !known(command)),
      [],
      "run these by a form of this file, or list them here with the reason why they are not",
    );
    const listed = [...Object.keys(RUN_BY), ...Object.keys(NOT_RUN)];
    assert.deepEqual(
      listed.filter((command) => !COMMANDS.includes(command)),
      [],
      "no document has these any more",
    );
    for (const file of Object.values(RUN_BY)) assert.ok(existsSync(join(ROOT, "tests", "edge", file)), file);
  });

  test("name each script of package.json, and no other one", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const named = COMMANDS.flatMap((command) => command.match(/\bnpm (?:run )?([a-z]+)/)?.[1] ?? []);
    const ofNpm = ["install", "pack", "audit"];
    assert.deepEqual([...new Set(named)].filter((name) => !ofNpm.includes(name)).sort(), Object.keys(scripts).sort());
  });

  test("give no program a secret as an argument, which others on the machine can read", () => {
    const secret = new RegExp(`\\$\\{?(${SECRETS.join("|")})\\b`);
    // The shell prints by itself.
    const started = COMMANDS.map((command) => command.replace(/^printf [^|]+\|/, ""));
    assert.deepEqual(
      started.filter((command) => secret.test(command)),
      [],
    );
  });

  test("run wrangler under a Node that is new enough", () => {
    // npx takes the reader's own Node, whatever it is.
    for (const [name, document] of DOCUMENTS) assert.equal(document.match(/npx wrangler/), null, name);
  });
});

suite("a command of the documents", { concurrency: 3 }, () => {
  /** @type {Awaited<ReturnType<typeof openWorld>>} */
  let world;
  /** @type {Place} */
  let place;
  before(async () => {
    world = await openWorld({ vars: { ADMIN_TOKEN: TOKEN } });
    place = new Place(world.url.origin);
  });
  after(async () => {
    place?.close();
    await world?.close();
  });

  for (const command of COMMANDS) {
    const [form, run] = FORMS.find(([pattern]) => pattern.test(command)) ?? [];
    if (!form || !run || command in RUN_BY || command in NOT_RUN) continue;
    test(command, { timeout: 60_000 }, () => run(place, command, [...(command.match(form) ?? [])].slice(1)));
  }
});
