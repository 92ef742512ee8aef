// The wizard before a person: it asks again with the reason, and can be stopped at any time.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";

import { SHOP, active, open, start } from "./support/wizard.mjs";
import { newKey, openWorld } from "./support/world.mjs";

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
    await dialogue.answer(/Shopify shop.*: /, "yes");
    await dialogue.expect(/no name of a shop/);
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
    await dialogue.answer(/\/admin\? \(Enter: yes; or no\): /, "no");
    await dialogue.answer(/Write it\? \(yes or no\): /, "yes");
    await dialogue.answer(/Deploy it now\? \(yes or no\): /, "y");
    assert.equal(await dialogue.ended, 0, dialogue.seen);
    assert.equal(dialogue.seen.indexOf(world.key), -1);
    assert.ok(!dialogue.seen.includes("short"));
    const puts = place.fake.calls().filter(({ args }) => args[1] === "put");
    assert.deepEqual(
      puts.map(({ input }) => input),
      [world.key],
    );
    assert.ok(active(place.toml()).includes('ALLOWED_ORIGINS = "https://shop.example.com"'));
  });

  test("takes no key through standard input, which would show it", { timeout: 60_000 }, async (t) => {
    const place = open(t);
    for (const args of [["--key-stdin"], ["--key-stdin", "--yes", ...SHOP]]) {
      const dialogue = start(t, place, args);
      await dialogue.expect(/--key-stdin needs --yes, and the key through a pipe\./);
      assert.equal(await dialogue.ended, 2);
    }
    const { code, stderr } = await place.run(["--key-stdin"], { input: newKey() });
    assert.equal(code, 2);
    assert.match(stderr, /--key-stdin needs --yes/);
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

  test("makes a token for /admin if the answer is Enter, and shows it", { timeout: 90_000 }, async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const place = open(t, world.url.origin);
    place.fake.know("CONCIERGE_API_KEY");
    const args = ["--assistant", "sales-associate", ...SHOP];
    const dialogue = start(t, place, [...args, "--tier", "trial", "--domain", "none", "--region", "none"]);
    await dialogue.answer(/Enter to keep it \(it is not shown\): /, "");
    await dialogue.answer(/\/admin\? \(Enter: yes; or no\): /, "");
    await dialogue.answer(/Write it\?.*: /, "yes");
    await dialogue.answer(/Deploy it now\?.*: /, "yes");
    await dialogue.expect(/Your token for \/admin: [0-9a-f]{64}\s/);
    await dialogue.ended;
  });

  test("shows the token for /admin if it is stopped after that is set", { timeout: 60_000 }, async (t) => {
    const place = open(t);
    const env = { CONCIERGE_API_KEY: newKey(), FAKE_HANGS: "deploy" };
    const dialogue = start(t, place, ["--yes", ...SHOP], env);
    await dialogue.expect(/hanging/);
    dialogue.interrupt();
    await dialogue.expect(/Done so far: wrangler\.toml is written; CONCIERGE_API_KEY is set; ADMIN_TOKEN is set\. /);
    await dialogue.expect(/it may have happened: the worker is deployed\..*\s+Your token for \/admin: [0-9a-f]{64}\s/);
    assert.equal(await dialogue.ended, 130);
  });

  test("says what may have happened if it is stopped in its first step", { timeout: 60_000 }, async (t) => {
    const place = open(t);
    const toml = place.toml().replace('ORIGINS = ""', 'ORIGINS = "https://shop.example.com"');
    writeFileSync(join(place.folder, "wrangler.toml"), toml);
    const env = { CONCIERGE_API_KEY: newKey(), FAKE_HANGS: "secret put" };
    const dialogue = start(t, place, ["--yes", "--no-admin"], env);
    await dialogue.expect(/hanging/);
    dialogue.interrupt();
    assert.equal(await dialogue.ended, 130);
    assert.match(dialogue.seen, /Stopped\.\s+Not finished, but it may have happened: CONCIERGE_API_KEY is set\./);
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
    await dialogue.expect(/Nothing was changed\./);
    assert.equal(await dialogue.ended, 0);
    assert.equal(place.toml(), before);
  });
});
