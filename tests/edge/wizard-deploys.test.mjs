// The wizard deploys with the right secrets, and shows a key to wrangler alone.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { pathToFileURL } from "node:url";

import { SECRETS } from "../../tools/folder.mjs";
import { newToken } from "./support/merchant.mjs";
import { SHOP, open, start } from "./support/wizard.mjs";
import { ORIGIN, newKey, openWorld } from "./support/world.mjs";

/** Has a deployment end by an error that nobody expects. */
const NO_DEPLOYMENT = `import processes from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
const { spawn } = processes;
processes.spawn = (command, args, options) => {
  if (args[0] === "deploy") throw new Error("unexpected");
  return spawn(command, args, options);
};
syncBuiltinESMExports();
`;

/** Returns the files of a folder that have this text in them. */
function filesWith(folder, text) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const file = join(folder, name);
    return !name.startsWith("node_modules") && statSync(file).isFile() && readFileSync(file).includes(text);
  });
}

suite("the wizard deploys", () => {
  test("with the key first, which only wrangler's input has, and has the doctor look", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const { run, fake, folder } = open(t, world.url.origin);
    for (const how of [{ env: { CONCIERGE_API_KEY: world.key } }, { input: `${world.key}\n`, args: ["--key-stdin"] }]) {
      const before = fake.calls().length;
      const { args = [], ...options } = how;
      const { code, stdout, stderr } = await run(["--yes", "--no-admin", "--storefront", ORIGIN, ...args], options);
      assert.equal(code, 0, stderr);
      const calls = fake.calls().slice(before);
      const commands = calls.map(({ args: given }) => given.join(" "));
      assert.deepEqual(commands, ["whoami --json", "secret list", "secret put CONCIERGE_API_KEY", "deploy"]);
      assert.equal(calls[2].input, world.key);
      assert.equal((stdout + stderr + JSON.stringify(commands)).indexOf(world.key), -1);
      assert.match(stdout, new RegExp(`✓ origin +${ORIGIN} may call`));
      assert.match(stdout, new RegExp(`<concierge-chat url="${world.url.origin}">`));
    }
    assert.deepEqual(filesWith(folder, world.key), ["fake/calls"]);
  });

  test("and keeps a key that the worker has", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const { run, fake } = open(t, world.url.origin);
    fake.know("CONCIERGE_API_KEY");
    assert.equal((await run(["--yes", "--no-admin", "--storefront", ORIGIN])).code, 0);
    assert.ok(!fake.calls().some(({ args }) => args[1] === "put"));
  });

  test("with a token for /admin of its own making, once, and tells it at the end alone", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const { run, fake, folder } = open(t, world.url.origin);
    const args = ["--yes", "--storefront", ORIGIN];
    const { code, stdout, stderr } = await run(args, { env: { CONCIERGE_API_KEY: world.key } });
    assert.equal(code, 0, stderr);
    const [, put, deploy] = fake.calls().slice(-3);
    assert.deepEqual([put.args, deploy.args], [["secret", "put", "ADMIN_TOKEN"], ["deploy"]]);
    const token = put.input ?? "";
    assert.match(token, /^[0-9a-f]{64}$/);
    const [before, after, ...more] = (stdout + stderr).split(token);
    assert.deepEqual(more, []);
    assert.ok(before.includes("</concierge-chat>") && before.includes(`${world.url.origin}/admin`));
    assert.match(after, /password manager/);
    assert.deepEqual(filesWith(folder, token), ["fake/calls"]);

    const count = fake.calls().length;
    const again = await run([...args, "--admin"]);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /\/admin is set already, and stays.*environment as ADMIN_TOKEN/s);
    assert.ok(
      !fake
        .calls()
        .slice(count)
        .some(({ args: given }) => given[1] === "put"),
    );
    assert.match(again.stdout, /What the worker does: \S+\/admin$/m);
  });

  test("and tells what was done, and the token, if it ends by an error that nobody expects", async (t) => {
    const { run, folder } = open(t);
    const program = join(folder, "no-deployment.mjs");
    writeFileSync(program, NO_DEPLOYMENT);
    const env = { CONCIERGE_API_KEY: newKey(), NODE_OPTIONS: `--import=${pathToFileURL(program)}` };
    const { code, stdout, stderr } = await run(["--yes", ...SHOP], { env });
    assert.equal(code, 1);
    assert.match(stderr, /Done so far: .*ADMIN_TOKEN is set\..*Error: unexpected/s);
    assert.match(stdout, /Your token for \/admin: [0-9a-f]{64}\s/);
  });

  test("with a token for /admin from the environment instead of the one that is set, and does not tell it", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const { run, fake } = open(t, world.url.origin);
    fake.know("ADMIN_TOKEN");
    const token = newToken();
    const env = { CONCIERGE_API_KEY: world.key, ADMIN_TOKEN: token };
    const { code, stdout, stderr } = await run(["--yes", "--storefront", ORIGIN], { env });
    assert.equal(code, 0, stderr);
    assert.equal(fake.calls().find(({ args }) => args[2] === "ADMIN_TOKEN")?.input, token);
    const typed = JSON.stringify(fake.calls().map(({ args }) => args));
    assert.equal((stdout + stderr + typed).indexOf(token), -1);
  });

  test("with a signing key of its own making where the assistant has no key, once", async (t) => {
    const world = await openWorld({ assistant: "rewardsbot" });
    t.after(() => world.close());
    const { run, fake } = open(t, world.url.origin);
    const args = ["--yes", "--no-admin", "--storefront", ORIGIN, "--assistant", "rewardsbot"];
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 0, stderr);
    const puts = () => fake.calls().filter(({ args: given }) => given[1] === "put");
    assert.equal(puts()[0].args[2], "SIGNING_KEY");
    assert.match(puts()[0].input ?? "", /^[0-9a-f]{64}$/);
    assert.equal((stdout + stderr).indexOf(puts()[0].input ?? ""), -1);
    assert.equal((await run(args)).code, 0);
    assert.equal(puts().length, 1);
  });

  test("nothing where it cannot know which secrets the worker has", async (t) => {
    const { run, fake, toml } = open(t);
    const before = toml();
    const args = ["--yes", "--assistant", "rewardsbot", ...SHOP];
    const { code, stderr } = await run(args, { env: { FAKE_FAULT: "A request to the Cloudflare API failed." } });
    assert.equal(code, 1);
    assert.match(stderr, /could not list the worker's secrets/);
    assert.equal(toml(), before);
    assert.ok(!fake.calls().some(({ args: given }) => given[1] === "put" || given[0] === "deploy"));
  });

  test("no assistant with the key of another one", async (t) => {
    const { run, fake, toml } = open(t);
    fake.know("CONCIERGE_API_KEY");
    const before = toml();
    const toHomie = ["--assistant", "homie", "--set", "HOMIE_CHATBOT_ID=cb_1"];
    for (const [args, says] of /** @type {[string[], RegExp][]} */ ([
      [toHomie, /may be another assistant's/],
      [["--assistant", "rewardsbot"], /CONCIERGE_API_KEY is set, but this assistant has no key.*secret delete/],
    ])) {
      const { code, stderr } = await run(["--yes", ...args, ...SHOP]);
      assert.equal(code, 1);
      assert.match(stderr, says);
    }
    assert.equal(toml(), before);
    assert.ok(!fake.calls().some(({ args: given }) => given[1] === "put" || given[0] === "deploy"));
  });

  test("beside every other secret that the worker has, and says which one is missing", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const { run, fake } = open(t, world.url.origin);
    const args = ["--yes", "--storefront", ORIGIN, "--set", "SHOPIFY_SHOP=example-shop.myshopify.com"];
    fake.know("CONCIERGE_API_KEY");
    assert.match((await run(args)).stderr, /SHOPIFY_APP_SECRET is missing.*secret put/);
    for (const name of SECRETS.filter((secret) => !/^(OMI|OMNIOPS|CONCIERGE_API_KEY$)/.test(secret))) fake.know(name);
    const { code, stderr } = await run(args);
    assert.equal(code, 0, stderr);
  });

  test("to the account that is chosen, where there are several", { timeout: 60_000 }, async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const place = open(t, world.url.origin);
    const accounts = ["a1", "b2"].map((id) => ({ id, name: `The shop ${id}` }));
    const env = { CONCIERGE_API_KEY: world.key, FAKE_ACCOUNTS: JSON.stringify(accounts), CLOUDFLARE_ACCOUNT_ID: "" };
    const { code, stderr } = await place.run(["--yes", ...SHOP], { env });
    assert.equal(code, 1);
    assert.match(stderr, /Set CLOUDFLARE_ACCOUNT_ID/);
    const args = ["--no-admin", "--assistant", "sales-associate", ...SHOP];
    args.push("--tier", "trial", "--domain", "none", "--region", "none");
    const dialogue = start(t, place, args, env);
    await dialogue.expect(/b2: The shop b2/);
    await dialogue.answer(/Number: /, "2");
    await dialogue.answer(/Write it\?.*: /, "yes");
    await dialogue.answer(/Deploy it now\?.*: /, "yes");
    assert.equal(await dialogue.ended, 0, dialogue.seen);
    const calls = place.fake.calls().filter(({ args: given }) => given[1] === "put" || given[0] === "deploy");
    assert.deepEqual(
      calls.map(({ account }) => account),
      ["b2", "b2"],
    );
  });

  test("nothing without a key, with a wrong one, or without an account", async (t) => {
    const { run, fake, toml } = open(t);
    const before = toml();
    for (const [env, says] of /** @type {[Record<string, string>, RegExp][]} */ ([
      [{}, /no key yet/],
      [{ CONCIERGE_API_KEY: "not-a-key" }, /CONCIERGE_API_KEY /],
      [{ CONCIERGE_API_KEY: newKey(), FAKE_SIGNED_OUT: "1" }, /not signed in/],
    ])) {
      const { code, stderr } = await run(["--yes", ...SHOP], { env });
      assert.equal(code, 1);
      assert.match(stderr, says);
      assert.equal(stderr.indexOf("not-a-key"), -1);
    }
    assert.equal(toml(), before);
    assert.ok(!fake.calls().some(({ args }) => args[1] === "put" || args[0] === "deploy"));
  });
});
