// The doctor finds nothing wrong with a worker that is well. What is wrong with one that is not, it names.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { lookAtWorkersDev } from "../../tools/doctor/workers-dev.mjs";
import { FROM, freeAddress, isChat, look } from "./support/doctor.mjs";
import { newToken } from "./support/merchant.mjs";
import { Meddler } from "./support/meddler.mjs";
import { openFolder, runTool } from "./support/tools.mjs";
import { ORIGIN, SPIED, newKey, openWorld } from "./support/world.mjs";

suite("the doctor", () => {
  let world;
  let meddler;
  let release;
  before(async () => {
    world = await openWorld();
    meddler = await Meddler.listen(world.url);
    release = openFolder();
  });
  after(async () => {
    release.close();
    await meddler.close();
    await world.close();
  });

  test("finds nothing wrong with a worker that is well, and spends nothing", async () => {
    meddler.change = () => {};
    const { code, of, findings } = await look(release.folder, meddler.url, FROM, { CONCIERGE_API_KEY: world.key });
    assert.equal(code, 0);
    const verdicts = Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
    assert.deepEqual(verdicts, {
      reachable: "right",
      certificate: "skipped",
      settings: "right",
      origin: "right",
      errors: "right",
      strangers: "right",
      widget: "right",
      version: "right",
      assistant: "right",
      key: "skipped",
      limiter: "skipped",
      latency: "skipped",
      admin: "right",
      "workers.dev": "skipped",
      clock: "right",
      network: "right",
      secrets: "right",
    });
    assert.match(of("secrets")[0].text, /^CONCIERGE_API_KEY: not in any of \d+ answers/);
    assert.deepEqual(await world.simulator.requests(), []);
    assert.deepEqual(await world.limiters(), []);
  });

  test("spends one chat if it may, and says so first", async () => {
    meddler.change = () => {};
    const { code, of, stderr } = await look(release.folder, meddler.url, [...FROM, "--spend"]);
    assert.equal(code, 0);
    assert.match(stderr, /^Sending one chat from \S+\. The assistant counts one request\.$/m);
    for (const check of ["key", "latency"]) assert.equal(of(check)[0].verdict, "right", check);
    // On a busy machine, a limiter that starts may be slow enough for a warning.
    assert.ok(["right", "warning"].includes(of("limiter")[0].verdict));
    assert.equal((await world.simulator.requests()).length, 1);
    await world.simulator.reset();
  });

  test("sees the key in an answer, wherever it stands, and does not say it", async () => {
    for (const leak of [
      (answer) => answer.headers.set("x-debug", `key=${world.key}`),
      (answer, request) => isChat(request) && Object.assign(answer, { body: `{"error":"${world.key}"}` }),
    ]) {
      meddler.change = leak;
      const env = { CONCIERGE_API_KEY: world.key };
      const { code, of, stdout, stderr } = await look(release.folder, meddler.url, FROM, env);
      assert.equal(code, 1);
      assert.match(of("secrets")[0].text, /^CONCIERGE_API_KEY is in the answer to /);
      assert.equal((stdout + stderr).indexOf(world.key), -1);
    }
  });

  test("takes a workers.dev address for closed only if it answers 404, and not as the worker", async () => {
    const lookAt = (address) => lookAtWorkersDev(new URL("https://concierge.example.com"), address, "concierge-proxy");
    const elsewhere = { headers: new Headers(), body: "error code: 1042" };
    for (const [answer, verdict, says] of /** @type {[object, string, RegExp][]} */ ([
      [{}, "warning", /^\S+ is open beside your own domain\.$/],
      [{ status: 404, body: '{"error":"not_found"}' }, "warning", /^\S+ is open beside your own domain\.$/],
      [{ status: 404, ...elsewhere }, "right", /^127\S+ answered 404, /],
      [{ status: 200, ...elsewhere }, "skipped", /^127\S+ answered 200, .* Is it the right host\?$/],
      [{ status: 403, ...elsewhere }, "skipped", /^127\S+ answered 403, .* Is it the right host\?$/],
      [{ status: 503, ...elsewhere }, "skipped", /^127\S+ answered 503, .* Is it the right host\?$/],
    ])) {
      meddler.change = (passing) => Object.assign(passing, answer);
      const found = await lookAt(meddler.url);
      assert.equal(found.verdict, verdict, found.text);
      assert.match(found.text, says);
    }
    const silent = await lookAt(await freeAddress());
    assert.equal(silent.verdict, "skipped");
    assert.match(silent.text, /^127\S+ did not answer: .* Is it the right host\?$/);
  });

  test("looks from the folder's origins as a browser spells them, and from one for each pattern", async (t) => {
    const { folder, read, close } = openFolder();
    t.after(close);
    const spelt = ORIGIN.replace("shop.example", "Shop.Example");
    const list = `${spelt}:443, HTTPS://*-123.ShopifyPreview.com, https://gone.example.com`;
    writeFileSync(join(folder, "wrangler.toml"), read("wrangler.toml").replace('ORIGINS = ""', `ORIGINS = "${list}"`));
    meddler.change = () => {};
    const { of } = await look(folder, meddler.url, []);
    assert.deepEqual(
      of("origin").map(({ verdict, text }) => [verdict, text]),
      [
        ["right", `${ORIGIN} may call.`],
        ["right", "https://any-name-123.shopifypreview.com may call."],
        ["wrong", "https://gone.example.com is refused."],
      ],
    );
    // `wrangler dev` takes those of .dev.vars.
    writeFileSync(join(folder, ".dev.vars"), "ALLOWED_ORIGINS=http://localhost:3000\n");
    const local = await look(folder, meddler.url, []);
    assert.deepEqual(
      local.of("origin").map(({ text }) => text),
      ["http://localhost:3000 may call."],
    );
  });

  test("warns of patterns that everybody can match, and of no others", async (t) => {
    const { folder, read, close } = openFolder();
    t.after(close);
    const open = ["https://*.MyShopify.com", "https://*.vercel.app:8443", "https://*.co.uk"];
    const own = ["https://*-123456789.shopifypreview.com", "https://*.example.com", "https://shop.myshopify.com"];
    const list = `ORIGINS = "${[...open, ...own].join(", ")}"`;
    writeFileSync(join(folder, "wrangler.toml"), read("wrangler.toml").replace('ORIGINS = ""', list));
    meddler.change = () => {};
    const { code, of } = await look(folder, meddler.url);
    assert.equal(code, 0);
    assert.deepEqual(
      of("strangers").map(({ verdict, text }) => [verdict, text.split(" ")[0]]),
      open.map((entry) => ["warning", entry]),
    );
  });

  test("prints a table without colour where nobody sees it, and nothing that steers a terminal", async () => {
    meddler.change = (answer, request) =>
      isChat(request) && Object.assign(answer, { status: 400, body: '{"error":"\\u001b[2J\\u202e"}' });
    const { stdout } = await runTool(release.folder, "doctor", [meddler.url, ...FROM]);
    assert.match(stdout, /^ {2}✗ errors +An empty chat is answered by 400 �\[2J�\.$/m);
    assert.match(stdout, /^ {2}✓ origin +\S+ may call\.$/m);
    assert.match(stdout, /^\d+ right, \d+ wrong, \d+ not looked at$/m);
    assert.equal(stdout.indexOf("\u001b"), -1);
  });

  test("says how it is used if it is not used so", async () => {
    for (const args of [
      [],
      ["http://shop.example.com"],
      ["https://a.example", "more"],
      ["https://a.example", "--sped"],
    ]) {
      const { code, stdout, stderr } = await runTool(release.folder, "doctor", args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /npm run doctor -- https:/);
    }
    const { code, stdout } = await runTool(release.folder, "doctor", ["--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /--spend/);
  });

  test("sees that nothing is there", async () => {
    const { code, findings } = await look(release.folder, await freeAddress());
    assert.equal(code, 1);
    assert.equal(findings.length, 1);
    assert.equal(findings[0].text, "Nothing listens there.");
  });
});

suite("the doctor, at a worker that is not well", () => {
  let release;
  before(() => {
    release = openFolder();
  });
  after(() => release.close());

  /** Looks at a world with these options. */
  async function lookInto(t, options, args = [...FROM, "--spend"]) {
    const world = await openWorld(options);
    t.after(() => world.close());
    return { ...(await look(release.folder, world.url.href, args)), world };
  }

  test("names every setting that is wrong, and spends nothing", async (t) => {
    const vars = { SHOPPER_LIMITS: "many", CONCIERGE_BASE_URL: "ftp://a.example" };
    const { of, wrong, world } = await lookInto(t, { vars });
    assert.deepEqual(
      of("settings").map(({ text }) => text.split(" ")[0]),
      ["CONCIERGE_BASE_URL", "SHOPPER_LIMITS"],
    );
    assert.equal(wrong.length, 2, JSON.stringify(wrong));
    assert.equal(of("origin")[0].verdict, "right");
    assert.deepEqual(await world.simulator.requests(), []);
  });

  test("sees an origin that is not let in", async (t) => {
    const { code, of } = await lookInto(t, {}, ["--origin", "https://other.example.com"]);
    assert.equal(code, 1);
    assert.match(of("origin")[0].todo, /add https:\/\/other\.example\.com to ALLOWED_ORIGINS/);
  });

  test("sees a key that the assistant refuses", async (t) => {
    const { of } = await lookInto(t, { known: [newKey()] });
    assert.equal(of("key")[0].verdict, "wrong");
    assert.match(of("key")[0].text, /misconfigured_api_key/);
    assert.match(of("key")[0].todo, /secret put CONCIERGE_API_KEY/);
  });

  test("sees an assistant that is not there, and takes its silence for no answer", async (t) => {
    const { code, of } = await lookInto(t, { vars: { CONCIERGE_BASE_URL: await freeAddress() } });
    assert.equal(code, 1);
    assert.equal(of("key")[0].verdict, "wrong");
    assert.match(of("key")[0].todo, /Wait, and look again\. .*operator/);
    assert.equal(of("latency")[0].verdict, "skipped");
  });

  test("sees whether /admin is on, and says how to switch it on", async (t) => {
    const on = await lookInto(t, { vars: { ADMIN_TOKEN: newToken() } }, FROM);
    assert.equal(on.code, 0);
    assert.match(on.of("admin")[0].text, /is on/);
    assert.equal(on.of("admin")[0].todo, undefined);
    const off = await lookInto(t, {}, FROM);
    assert.equal(off.code, 0);
    assert.match(off.of("admin")[0].text, /is off/);
    assert.match(off.of("admin")[0].todo, /secret put ADMIN_TOKEN$/);
  });

  test("sees a limiter that does not answer", async (t) => {
    const { of } = await lookInto(t, { modules: SPIED, vars: { BREAK_LIMITER: "hang" } });
    assert.equal(of("limiter")[0].verdict, "wrong");
  });

  test("counts the two requests of Homie's first message", async (t) => {
    const { stderr, of } = await lookInto(t, { assistant: "homie" });
    assert.match(stderr, /counts two requests/);
    assert.equal(of("assistant")[0].verdict, "warning");
    assert.equal(of("key")[0].verdict, "right");
  });
});
