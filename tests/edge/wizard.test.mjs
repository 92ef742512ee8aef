// The wizard writes what was asked for and nothing else, and has the worker check it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";

import { addTo, originOfPreviews, originOfShop, originsOf } from "../../tools/setup/origins.mjs";
import { readDomain, readRegion } from "../../tools/setup/place.mjs";
import { TIERS } from "../../tools/setup/tiers.mjs";
import { setDomain, setRegion, setVar } from "../../tools/setup/toml.mjs";
import { BadUsage } from "../../tools/usage.mjs";
import { SHOP, active, open } from "./support/wizard.mjs";
import { ROOT, newKey } from "./support/world.mjs";

const QUIET = ["--yes", "--no-deploy"];

const commentsOf = (toml) => toml.split("\n").filter((line) => line.startsWith("#") && !/^# \w+ = /.test(line));

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
    assert.equal(originOfShop("yes.myshopify.com"), "https://yes.myshopify.com");
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
    for (const bad of [
      "*.myshopify.com",
      "myshopify.com",
      "example.com",
      "a.b.myshopify.com",
      "yes",
      "No",
      "y",
      "n",
      "none",
    ]) {
      assert.throws(() => originOfShop(bad));
    }
    for (const bad of ["", "*", "12a", "-1"]) assert.throws(() => originOfPreviews(bad));
  });

  test("is not made from the address where a merchant manages a shop", () => {
    const address = "https://admin.shopify.com/store/example-shop/products?selectedView=all";
    assert.throws(
      () => originsOf(address),
      /your shoppers see, such as www\.example\.com or example-shop\.myshopify\.com/,
    );
    assert.throws(() => originsOf("admin.shopify.com"), BadUsage);
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
    const document = readFileSync(join(ROOT, "docs", "settings.md"), "utf8");
    const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    for (const [name, value] of Object.entries(TIERS.trial.vars)) assert.ok(toml.includes(`\n${name} = "${value}"\n`));
    for (const [name, value] of Object.entries(TIERS.production.vars))
      assert.ok(document.includes(`\n${name} = "${value}"\n`));
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

  test("is written with the line ends of the file", () => {
    const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    const windows = (/** @type {string} */ text) => text.replaceAll("\n", "\r\n");
    for (const change of [
      (text) => setVar(text, "ALLOWED_ORIGINS", "https://shop.example.com"),
      (text) => setVar(text, "SHOPPER_LIMITS", null),
      (text) => setVar(text, "HOMIE_EVENTS", "none"),
      (text) => setVar(text, "NEW", "1"),
      (text) => setDomain(text, "concierge.example.com"),
      (text) => setRegion(text, "smart"),
    ]) {
      assert.notEqual(change(toml), toml);
      assert.equal(change(windows(toml)), windows(change(toml)));
    }
    assert.equal(setVar('[vars] # why\r\nA = "x"\nB = "y"', "A", "z"), '[vars] # why\r\nA = "z"\nB = "y"');
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
      .replace('ORIGINS = ""', 'ORIGINS = "https://a.example.com"')
      .replaceAll("\n", "\r\n");
    writeFileSync(join(folder, "wrangler.toml"), own);
    const { code, stderr } = await run([...QUIET, "--region", "smart", "--set", "NETWORK_LIMITS=9/minute"]);
    assert.equal(code, 0, stderr);
    const limited = own.replace('"20/minute, 200/hour, 600/day"', '"9/minute"');
    assert.equal(
      toml(),
      limited.replace('# placement = { region = "aws:us-east-1" }', 'placement = { mode = "smart" }'),
    );
    assert.equal((await run([...QUIET, "--region", "none"])).code, 0);
    assert.equal(toml(), limited.replace('{ region = "aws:us-east-1" }', '{ mode = "smart" }'));
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

  test("says what of an address it leaves out", async (t) => {
    const { run, toml } = open(t);
    const args = [...QUIET, "--storefront", "https://shop.example.com/en/start?a=b", "--storefront", "a.example.com/"];
    const { stdout } = await run(args);
    assert.equal(
      stdout.match(/^ {2}\S+ is left out.*$/gm)?.join(),
      "  /en/start is left out: all pages of https://shop.example.com may call.",
    );
    assert.ok(active(toml()).includes('ALLOWED_ORIGINS = "https://shop.example.com, https://a.example.com"'));
  });

  test("says where it ends without a deployment, and what comes next", async (t) => {
    const { run } = open(t);
    const { stdout } = await run([...QUIET, ...SHOP]);
    assert.match(
      stdout,
      /^wrangler\.toml is written\.\nCONCIERGE_API_KEY was not looked at\.\n\nNothing was deployed\./m,
    );
    const commands = [...stdout.matchAll(/^ {2}npm run wrangler -- (.+?)(?: {2,}#.*)?$/gm)].map(
      ([, command]) => command,
    );
    assert.deepEqual(commands, ["login", "secret put CONCIERGE_API_KEY", "secret put ADMIN_TOKEN", "deploy"]);
    const withKey = await run([...QUIET, ...SHOP, "--dev-vars"], { env: { CONCIERGE_API_KEY: newKey() } });
    assert.ok(!withKey.stdout.includes("was not looked at"));
    assert.match(withKey.stdout, /npm run wrangler -- dev$/m);
  });

  test("stops under a Node that wrangler refuses, before anything else", async (t) => {
    const { run, toml } = open(t);
    const before = toml();
    const old = "Object.defineProperty(process,'version',{value:'v20.20.2'})";
    const { code, stderr } = await run([...QUIET, ...SHOP], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${old}` },
    });
    assert.equal(code, 1);
    assert.match(stderr, /^Node v20\.20\.2 is too old for wrangler\. Install Node 22 or newer/);
    assert.equal(toml(), before);
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
      ["--yes", "--set", `ADMIN_TOKEN=${key}`],
      ["--yes", `--key=${key}`],
      SHOP,
      ["--tier", "gold", "--yes"],
    ]) {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 2);
      assert.equal((stdout + stderr).indexOf(key), -1);
    }
  });

  test("names the command that sets a secret", async (t) => {
    const { stderr } = await open(t).run(["--yes", "--set", "ADMIN_TOKEN=a"]);
    assert.match(stderr, /npm run wrangler -- secret put ADMIN_TOKEN$/m);
  });

  test("keeps the secrets for this machine only where git ignores them, for their owner alone", async (t) => {
    const { run, folder, read, toml } = open(t);
    const key = newKey();
    const env = { CONCIERGE_API_KEY: key };
    writeFileSync(join(folder, ".dev.vars"), "OTHER=1\nCONCIERGE_API_KEY=old\n");
    const args = [...QUIET, ...SHOP, "--dev-vars"];
    assert.equal((await run(args, { env })).code, 0);
    assert.equal(statSync(join(folder, ".dev.vars")).mode & 0o777, 0o600);
    const kept = read(".dev.vars");
    assert.match(kept, new RegExp(`^OTHER=1\nCONCIERGE_API_KEY="${key}"\nADMIN_TOKEN="[0-9a-f]{64}"\n$`));
    assert.equal((await run(args, { env })).code, 0);
    assert.equal(read(".dev.vars").match(/^ADMIN_TOKEN.*$/m)?.[0], kept.match(/^ADMIN_TOKEN.*$/m)?.[0]);
    const before = toml();
    writeFileSync(join(folder, ".gitignore"), "node_modules/\n");
    execFileSync("git", ["init", "--quiet"], { cwd: folder });
    const { code, stderr } = await run([...args, "--tier", "production"], { env });
    assert.equal(code, 1);
    assert.match(stderr, /git does not ignore/);
    assert.equal(toml(), before);
  });
});
