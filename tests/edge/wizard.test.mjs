// The wizard writes what was asked for and nothing else, has the worker check it, and shows a key to wrangler alone.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";

import { SECRETS } from "../../tools/folder.mjs";
import { addTo, originOfPreviews, originOfShop, originsOf } from "../../tools/setup/origins.mjs";
import { readDomain, readRegion } from "../../tools/setup/place.mjs";
import { TIERS } from "../../tools/setup/tiers.mjs";
import { setVar } from "../../tools/setup/toml.mjs";
import { Dialogue } from "./support/dialogue.mjs";
import { fakeWrangler } from "./support/fake-wrangler.mjs";
import { openFolder, runTool } from "./support/tools.mjs";
import { ORIGIN, ROOT, newKey, openWorld } from "./support/world.mjs";

const SHOP = ["--storefront", "shop.example.com"];
const QUIET = ["--yes", "--no-deploy"];

/** A folder with a wrangler that deploys nothing. */
function open(t, url) {
  const release = openFolder();
  t.after(release.close);
  const fake = fakeWrangler(release.folder, url);
  const run = (args, { env = {}, input = "" } = {}) =>
    runTool(release.folder, "setup", args, {
      env: { CONCIERGE_API_KEY: "", SIGNING_KEY: "", ...fake.env, ...env },
      input,
    });
  return { ...release, fake, run, toml: () => release.read("wrangler.toml") };
}

/** The lines of a wrangler.toml that say something. */
const active = (toml) => toml.split("\n").filter((line) => /^[A-Za-z_]+ = /.test(line));
const commentsOf = (toml) => toml.split("\n").filter((line) => line.startsWith("#") && !/^# \w+ = /.test(line));

/** Returns the files of a folder that have this text in them. */
function filesWith(folder, text) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const file = join(folder, name);
    return !name.startsWith("node_modules") && statSync(file).isFile() && readFileSync(file).includes(text);
  });
}

/** Starts the wizard before a person. */
function start(t, { folder, fake }, args = [], env = {}) {
  const command = `'${process.execPath}' tools/setup.mjs ${args.join(" ")}`;
  const dialogue = new Dialogue(command, folder, { CONCIERGE_API_KEY: "", SIGNING_KEY: "", ...fake.env, ...env });
  t.after(() => dialogue.close());
  return dialogue;
}

suite("an allow-list", () => {
  test("is made from an address as people type it", () => {
    for (const [typed, origins] of /** @type {[string, string[]][]} */ ([
      ["example.com", ["https://www.example.com", "https://example.com"]],
      ["https://www.Example.com/collections?x=1", ["https://www.example.com", "https://example.com"]],
      ["example.co.uk", ["https://www.example.co.uk", "https://example.co.uk"]],
      ["shop.example.com", ["https://shop.example.com"]],
      ["https://example.com:8443", ["https://example.com:8443"]],
      ["localhost:3000", ["http://localhost:3000"]],
      ["example-shop.myshopify.com", ["https://example-shop.myshopify.com"]],
    ])) {
      assert.deepEqual(originsOf(typed), origins);
    }
    assert.equal(originOfShop("example-shop"), "https://example-shop.myshopify.com");
    assert.equal(originOfPreviews(" 123456789 "), "https://*-123456789.shopifypreview.com");
  });

  test("is not made from what is no address of a shop", () => {
    for (const bad of [
      "",
      "example",
      "http://example.com",
      "https://*.example.com",
      "ftp://example.com",
      "https://a:b@c.de",
    ]) {
      assert.throws(() => originsOf(bad));
    }
    for (const bad of ["*.myshopify.com", "myshopify.com", "example.com", "a.b.myshopify.com"]) {
      assert.throws(() => originOfShop(bad));
    }
    for (const bad of ["", "*", "12a", "-1"]) assert.throws(() => originOfPreviews(bad));
  });

  test("keeps what is in it", () => {
    const list = "https://www.Example.com:443,http://localhost:3000";
    assert.equal(addTo(list, ["https://www.example.com"]), list);
    const longer = "https://www.Example.com:443, http://localhost:3000, https://a.example";
    assert.equal(addTo(list, ["https://a.example", "https://a.example"]), longer);
  });
});

suite("what the wizard knows", () => {
  test("is what the documents say of the limits", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    for (const [name, value] of Object.entries(TIERS.trial.vars)) assert.ok(toml.includes(`\n${name} = "${value}"\n`));
    for (const [name, value] of Object.entries(TIERS.production.vars))
      assert.ok(readme.includes(`\n${name} = "${value}"\n`));
  });

  test("is what wrangler takes as a domain and as a region", () => {
    assert.equal(readDomain("concierge.example.com"), "concierge.example.com");
    assert.equal(readDomain("none"), null);
    for (const bad of ["a.example/x", "a.workers.dev", "localhost", 'a.example"', "a.example:1"]) {
      assert.throws(() => readDomain(bad));
    }
    assert.equal(readRegion("aws:us-east-1"), "aws:us-east-1");
    for (const bad of ["us-east-1", "aws", 'aws:x"', "near"]) assert.throws(() => readRegion(bad));
  });

  test("is written so that it stays one text, whatever is in it", () => {
    const value = 'a"b\\c # d\n[vars]';
    const toml = setVar('[vars]\nA = "x"  # why\n\n[other]\nA = "y"\n', "A", value);
    assert.equal(toml, `[vars]\nA = ${JSON.stringify(value)}    # why\n\n[other]\nA = "y"\n`);
    assert.throws(() => setVar('[vars]\nA = """\nx"""\n', "A", "y"), /by hand/);
  });
});

suite("the wizard, by flags", () => {
  test("sets up a Shopify shop, keeps all comments, and changes nothing the second time", async (t) => {
    const { run, toml, fake } = open(t);
    const before = toml();
    const args = [
      ...[...QUIET, "--storefront", "www.example.com", "--shop", "example-shop", "--shop-id", "123456789"],
      ...["--tier", "production", "--domain", "concierge.example.com", "--region", "aws:us-east-1"],
    ];
    const { code, stderr } = await run(args);
    assert.equal(code, 0, stderr);
    const lines = active(toml());
    for (const line of [
      'ALLOWED_ORIGINS = "https://www.example.com, https://example.com, https://example-shop.myshopify.com, https://*-123456789.shopifypreview.com"',
      'SHOPPER_LIMITS = "10/minute, 80/hour, 250/day"',
      'routes = [{ pattern = "concierge.example.com", custom_domain = true }]',
      "workers_dev = false",
      'placement = { region = "aws:us-east-1" }',
    ]) {
      assert.ok(lines.includes(line), line);
    }
    assert.deepEqual(commentsOf(toml()), commentsOf(before));
    const once = toml();
    const again = await run(args);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /stays as it is/);
    assert.equal(toml(), once);
    assert.deepEqual(fake.calls(), []);
  });

  test("changes only what was asked, and keeps what the merchant has changed", async (t) => {
    const { run, toml, folder } = open(t);
    const own = toml()
      .replace('SHOPPER_LIMITS = "6/minute, 40/hour, 100/day"', 'SHOPPER_LIMITS = "7/minute"  # ours')
      .replace('ORIGINS = ""', 'ORIGINS = "https://a.example.com"');
    writeFileSync(join(folder, "wrangler.toml"), own);
    assert.equal((await run([...QUIET, "--region", "smart"])).code, 0);
    assert.equal(toml(), own.replace('# placement = { region = "aws:us-east-1" }', 'placement = { mode = "smart" }'));
    assert.equal((await run([...QUIET, "--region", "none"])).code, 0);
    assert.equal(toml(), own.replace('{ region = "aws:us-east-1" }', '{ mode = "smart" }'));
  });

  test("takes the settings of one assistant out for another", async (t) => {
    const { run, toml } = open(t);
    const homie = ["--assistant", "homie", "--set", "HOMIE_CHATBOT_ID=7c9e6679-7425-40de-944b-e07fc1f90ae7"];
    assert.equal((await run([...QUIET, ...SHOP, ...homie])).code, 0);
    assert.ok(active(toml()).includes('ASSISTANT = "homie"'));
    const built = ["--set", "OMNIOPS_DOMAIN=www.example.com", "--set", "CONCIERGE_BASE_URL=https://o.example.com/api"];
    const { code, stderr } = await run([...QUIET, "--assistant", "omniops-as-built", ...built]);
    assert.equal(code, 0, stderr);
    assert.ok(active(toml()).includes('OMNIOPS_DIALECT = "as-built"    # or "as-built"'));
    assert.equal((await run([...QUIET, "--assistant", "omniops"])).code, 0);
    assert.ok(active(toml()).includes('OMNIOPS_DOMAIN = "www.example.com"'));
    assert.ok(!active(toml()).some((line) => line.startsWith("HOMIE")));
    assert.equal((await run([...QUIET, "--assistant", "sales-associate"])).code, 0);
    assert.ok(!active(toml()).some((line) => /^(ASSISTANT|OMNIOPS|CONCIERGE)/.test(line)));
  });

  test("writes nothing that the worker would refuse, and says why", async (t) => {
    const { run, toml, folder } = open(t);
    const before = toml();
    for (const [args, says] of /** @type {[string[], RegExp][]} */ ([
      [[], /ALLOWED_ORIGINS is missing/],
      [[...SHOP, "--assistant", "homie"], /HOMIE_CHATBOT_ID is missing/],
      [[...SHOP, "--set", "SHOPPER_LIMITS=many"], /SHOPPER_LIMITS /],
      [[...SHOP, "--set", "UPSTREAM_ATTEMPTS=9"], /UPSTREAM_ATTEMPTS must be a number from 1 to 4/],
    ])) {
      const { code, stderr } = await run([...QUIET, ...args]);
      assert.equal(code, 1);
      assert.match(stderr, says);
      assert.match(stderr, /Nothing was changed\./);
    }
    assert.equal(toml(), before);
    assert.ok(!readdirSync(folder).some((name) => name.includes("draft")));
  });

  test("says that it cannot read the settings, and leaves them", async (t) => {
    const { run, toml, folder } = open(t);
    const broken = `${toml()}\nA = "open\n`;
    writeFileSync(join(folder, "wrangler.toml"), broken);
    const { code, stderr } = await run([...QUIET, ...SHOP]);
    assert.equal(code, 1);
    assert.match(stderr, /wrangler cannot read wrangler\.toml/);
    assert.equal(stderr.match(/^\s+at /m), null);
    assert.equal(toml(), broken);
  });

  test("takes no key as a flag, and asks nobody where there is no terminal", async (t) => {
    const { run } = open(t);
    const key = newKey();
    for (const args of [
      ["--yes", "--set", `CONCIERGE_API_KEY=${key}`],
      ["--yes", `--key=${key}`],
      SHOP,
      ["--tier", "gold", "--yes"],
    ]) {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 2);
      assert.equal((stdout + stderr).indexOf(key), -1);
    }
  });

  test("keeps the key for this machine only where git ignores it, for its owner alone", async (t) => {
    const { run, folder, read, toml } = open(t);
    const key = newKey();
    const env = { CONCIERGE_API_KEY: key };
    writeFileSync(join(folder, ".dev.vars"), "OTHER=1\nCONCIERGE_API_KEY=old\n");
    const args = [...QUIET, ...SHOP, "--dev-vars"];
    assert.equal((await run(args, { env })).code, 0);
    assert.equal(statSync(join(folder, ".dev.vars")).mode & 0o777, 0o600);
    assert.equal(read(".dev.vars"), `OTHER=1\nCONCIERGE_API_KEY="${key}"\n`);
    const before = toml();
    writeFileSync(join(folder, ".gitignore"), "node_modules/\n");
    execFileSync("git", ["init", "--quiet"], { cwd: folder });
    const { code, stderr } = await run([...args, "--tier", "production"], { env });
    assert.equal(code, 1);
    assert.match(stderr, /git does not ignore/);
    assert.equal(toml(), before);
  });
});

suite("the wizard deploys", () => {
  test("with the key first, which only wrangler's input has, and has the doctor look", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const { run, fake, folder } = open(t, world.url.origin);
    for (const how of [{ env: { CONCIERGE_API_KEY: world.key } }, { input: `${world.key}\n`, args: ["--key-stdin"] }]) {
      const before = fake.calls().length;
      const { args = [], ...options } = how;
      const { code, stdout, stderr } = await run(["--yes", "--storefront", ORIGIN, ...args], options);
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
    assert.equal((await run(["--yes", "--storefront", ORIGIN])).code, 0);
    assert.ok(!fake.calls().some(({ args }) => args[1] === "put"));
  });

  test("with a signing key of its own making where the assistant has no key, once", async (t) => {
    const world = await openWorld({ assistant: "rewardsbot" });
    t.after(() => world.close());
    const { run, fake } = open(t, world.url.origin);
    const args = ["--yes", "--storefront", ORIGIN, "--assistant", "rewardsbot"];
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
    const args = ["--assistant", "sales-associate", "--tier", "trial", "--domain", "none", "--region", "none", ...SHOP];
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

suite("the wizard, in a terminal", () => {
  test("asks again with the reason, shows no key, and deploys", { timeout: 90_000 }, async (t) => {
    const world = await openWorld({ assistant: "homie" });
    t.after(() => world.close());
    const place = open(t, world.url.origin);
    const dialogue = start(t, place);
    await dialogue.answer(/Number \(Enter: sales-associate\): /, "7");
    await dialogue.expect(/none of 1 to 5/);
    await dialogue.answer(/Number/, "2");
    await dialogue.answer(/chatbot's id at Homie: /, "nonsense");
    await dialogue.expect(/HOMIE_CHATBOT_ID /);
    await dialogue.answer(/chatbot's id at Homie: /, "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    await dialogue.answer(/branch.*Enter: none\): /, "");
    await dialogue.answer(/events are.*Enter: none\): /, "");
    await dialogue.answer(/key is sent.*Enter: none\): /, "");
    await dialogue.answer(/shop's address.*: /, "http://shop.example.com");
    await dialogue.expect(/must begin with https/);
    await dialogue.answer(/shop's address.*: /, "shop.example.com");
    await dialogue.answer(/Shopify shop.*: /, "example-shop.example.com");
    await dialogue.expect(/looks like example-shop\.myshopify\.com/);
    await dialogue.answer(/Shopify shop.*: /, "");
    await dialogue.answer(/Number \(Enter: trial\): /, "");
    await dialogue.answer(/own domain.*: /, "");
    await dialogue.answer(/Where the assistant is.*: /, "us-east-1");
    await dialogue.expect(/like aws:us-east-1/);
    await dialogue.answer(/Where the assistant is.*: /, "");
    await dialogue.answer(/key \(it is not shown\): /, "short");
    await dialogue.expect(/CONCIERGE_API_KEY /);
    await dialogue.answer(/key \(it is not shown\): /, world.key);
    await dialogue.answer(/Write it\? \(yes or no\): /, "yes");
    await dialogue.answer(/Deploy it now\? \(yes or no\): /, "y");
    assert.equal(await dialogue.ended, 0, dialogue.seen);
    assert.equal(dialogue.seen.indexOf(world.key), -1);
    assert.ok(!dialogue.seen.includes("short"));
    const put = place.fake.calls().find(({ args }) => args[1] === "put");
    assert.equal(put?.input, world.key);
    assert.ok(active(place.toml()).includes('ALLOWED_ORIGINS = "https://shop.example.com"'));
  });

  test("leaves everything as it was if it is stopped before the end", { timeout: 90_000 }, async (t) => {
    const place = open(t);
    const before = place.toml();
    for (const [args, question] of /** @type {[string[], RegExp][]} */ ([
      [["--no-deploy"], /Number \(Enter: sales-associate\): /],
      [["--no-deploy", "--assistant", "homie"], /chatbot's id at Homie: /],
      [
        ["--assistant", "sales-associate", ...SHOP, "--tier", "trial", "--domain", "none", "--region", "none"],
        /not shown\): /,
      ],
      [
        [
          "--no-deploy",
          "--assistant",
          "sales-associate",
          ...SHOP,
          "--tier",
          "trial",
          "--domain",
          "none",
          "--region",
          "none",
        ],
        /Write it\?.*: /,
      ],
    ])) {
      const dialogue = start(t, place, args);
      await dialogue.expect(question);
      dialogue.interrupt();
      assert.equal(await dialogue.ended, 130, dialogue.seen);
      assert.match(dialogue.seen, /Stopped\.\s+Nothing was changed\./);
    }
    assert.equal(place.toml(), before);
  });

  test("says what was done if it is stopped on the way", { timeout: 60_000 }, async (t) => {
    const place = open(t);
    const args = ["--yes", ...SHOP];
    const dialogue = start(t, place, args, { CONCIERGE_API_KEY: newKey(), FAKE_HANGS: "deploy" });
    await dialogue.expect(/hanging/);
    dialogue.interrupt();
    assert.equal(await dialogue.ended, 130);
    assert.match(dialogue.seen, /Done so far: wrangler\.toml is written; CONCIERGE_API_KEY is set\./);
  });

  test("writes nothing if the answer is no", { timeout: 60_000 }, async (t) => {
    const place = open(t);
    const before = place.toml();
    const dialogue = start(t, place, [
      "--no-deploy",
      "--assistant",
      "sales-associate",
      ...SHOP,
      "--tier",
      "production",
    ]);
    await dialogue.answer(/own domain.*: /, "");
    await dialogue.answer(/Where the assistant is.*: /, "");
    await dialogue.answer(/Write it\?.*: /, "no");
    assert.equal(await dialogue.ended, 0);
    assert.equal(place.toml(), before);
  });
});
