// The doctor sees each fault that it knows, and says what to do. A worker that is well has none.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { examine } from "../../tools/doctor/examine.mjs";
import { isHealthy } from "../../tools/doctor/finding.mjs";
import { readUsage } from "../../tools/doctor/usage.mjs";
import { Meddler, certify } from "./support/meddler.mjs";
import { openFolder, runTool } from "./support/tools.mjs";
import { ORIGIN, SPIED, newKey, openWorld } from "./support/world.mjs";

/** @import { Usage } from "../../tools/doctor/usage.mjs" */

const CHAT = "/v1/concierge/chat";
const FROM = ["--origin", ORIGIN];

/** Has the doctor look: its exit code, and its findings as it would hand them to a program. */
async function look(folder, url, args = FROM, env = {}) {
  const { code, stdout, stderr } = await runTool(folder, "doctor", [url, "--json", ...args], { env });
  assert.ok(code === 0 || code === 1, stderr);
  const { findings, healthy } = JSON.parse(stdout);
  assert.equal(code, healthy ? 0 : 1);
  const of = (check) => findings.filter((finding) => finding.check === check);
  return { code, stdout, stderr, findings, of, wrong: findings.filter(({ verdict }) => verdict === "wrong") };
}

/** Looks from within the test, which is quicker than a program of its own. */
async function lookHere(url, args = FROM) {
  const findings = await examine(/** @type {Usage} */ (readUsage([url, ...args])));
  return { isWell: isHealthy(findings), of: (check) => findings.filter((finding) => finding.check === check) };
}

/** An address where nothing listens. */
async function freeAddress() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  return `http://127.0.0.1:${port}`;
}

const isPreflight = ({ method }) => method === "OPTIONS";
const isChat = ({ path, method }) => path === CHAT && method === "POST";

/**
 * Faults on the way, each with what the doctor has to say.
 *
 * @type {[what: string, change: import("./support/meddler.mjs").Change, check: string, says: RegExp, args?: string[]][]}
 */
const FAULTS = [
  [
    "a page where the worker should be",
    (answer) => Object.assign(answer, { status: 200, headers: new Headers(), body: "<h1>Parked</h1>" }),
    "reachable",
    /Something else answers/,
  ],
  [
    "Cloudflare's own error",
    (answer) => Object.assign(answer, { status: 530, headers: new Headers(), body: "error code: 1016" }),
    "reachable",
    /status 530/,
  ],
  [
    "a preflight that allows another origin",
    (answer, request) => isPreflight(request) && answer.headers.set("access-control-allow-origin", "https://a.example"),
    "origin",
    /Access-Control-Allow-Origin is another/,
  ],
  [
    "a preflight without the headers that pages send",
    (answer, request) => isPreflight(request) && answer.headers.set("access-control-allow-headers", "Content-Type"),
    "origin",
    /shopper-pass is not allowed/,
  ],
  [
    "a preflight without POST",
    (answer, request) => isPreflight(request) && answer.headers.set("access-control-allow-methods", "GET"),
    "origin",
    /POST is not allowed/,
  ],
  [
    "a preflight that is an error",
    (answer, request) => isPreflight(request) && request.origin === ORIGIN && Object.assign(answer, { status: 502 }),
    "origin",
    /status 502/,
  ],
  [
    "refusals that a page cannot read",
    (answer, request) => isChat(request) && answer.headers.delete("access-control-allow-origin"),
    "errors",
    /cannot read why it is refused/,
  ],
  [
    "headers that are hidden from a page",
    (answer, request) => isChat(request) && answer.headers.set("access-control-expose-headers", "X-Request-Id, Allow"),
    "errors",
    /cannot read retry-after, shopper-pass/,
  ],
  [
    "refusals that were changed",
    (answer, request) => isChat(request) && Object.assign(answer, { status: 503, body: "busy" }),
    "errors",
    /answered by 503/,
  ],
  [
    "headers that let everybody read",
    (answer) => answer.headers.set("access-control-allow-origin", "*"),
    "strangers",
    /can read the answers/,
  ],
  [
    "a stranger who is not refused",
    (answer, request) => isChat(request) && request.origin !== ORIGIN && Object.assign(answer, { status: 400 }),
    "strangers",
    /is not refused/,
  ],
  [
    "a widget that is not there",
    (answer, { path }) => path.includes("concierge-panel") && Object.assign(answer, { status: 404 }),
    "widget",
    /concierge-panel-[A-Z0-9]+\.js has the status 404/,
  ],
  [
    "a widget that an isolated page may not load",
    (answer, { path }) => path.endsWith(".js") && answer.headers.delete("cross-origin-resource-policy"),
    "widget",
    /isolated page/,
  ],
  [
    "a widget that no other site may load",
    (answer, { path }) => path === "/concierge.js" && answer.headers.delete("access-control-allow-origin"),
    "widget",
    /another site may not load \/concierge\.js/,
  ],
  [
    "a widget that is no script",
    (answer, { path }) => path === "/concierge.js" && answer.headers.set("content-type", "text/plain"),
    "widget",
    /not served as a script/,
  ],
  [
    "a widget that stays old",
    (answer, { path }) => path === "/concierge.js" && answer.headers.set("cache-control", "max-age=604800"),
    "widget",
    /keep an old \/concierge\.js/,
  ],
  [
    "a widget that is loaded each time",
    (answer, { path }) => path.includes("concierge-panel") && answer.headers.set("cache-control", "no-cache"),
    "widget",
    /again and again/,
  ],
  [
    "capabilities that are not there",
    (answer, { path }) => path.endsWith("/capabilities") && Object.assign(answer, { status: 404, body: "{}" }),
    "assistant",
    /answered by 404/,
  ],
];

/**
 * What is not wrong in itself.
 *
 * @type {typeof FAULTS}
 */
const WARNINGS = [
  [
    "a clock that is five minutes off",
    (answer) => answer.headers.set("date", new Date(Date.now() - 300_000).toUTCString()),
    "clock",
    /(299|300|301) s apart/,
  ],
  [
    "another version",
    (answer, { path }) => path === "/concierge.js" && Object.assign(answer, { body: `${answer.body}//` }),
    "version",
    /another version/,
  ],
  [
    "another assistant",
    (answer, { path }) =>
      path.endsWith("/capabilities") && Object.assign(answer, { body: '{"assistant":"homie","history":true}' }),
    "assistant",
    /homie answers, with history/,
  ],
  [
    "a limiter that is far away",
    (answer, request) => isChat(request) && answer.headers.set("server-timing", "limiter;dur=400, total;dur=900"),
    "limiter",
    /answers in 400 ms/,
    [...FROM, "--spend"],
  ],
  [
    "an assistant that is slow",
    (answer, request) => isChat(request) && answer.headers.set("server-timing", "upstream;dur=20000, total;dur=20100"),
    "latency",
    /assistant 20000, limiter 0, worker 100/,
    [...FROM, "--spend"],
  ],
];

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
    for (const check of ["key", "limiter", "latency"]) assert.equal(of(check)[0].verdict, "right", check);
    assert.equal((await world.simulator.requests()).length, 1);
    await world.simulator.reset();
  });

  for (const [what, change, check, says, args] of FAULTS) {
    test(`sees ${what}`, async () => {
      meddler.change = change;
      const { isWell, of } = await lookHere(meddler.url, args);
      assert.ok(!isWell);
      const found = of(check).find(({ verdict }) => verdict === "wrong");
      assert.match(found?.text ?? "", says);
      assert.ok(found?.todo);
    });
  }

  for (const [what, change, check, says, args] of WARNINGS) {
    test(`warns of ${what}`, async () => {
      meddler.change = change;
      const { isWell, of } = await lookHere(meddler.url, args);
      assert.ok(isWell);
      assert.equal(of(check)[0].verdict, "warning");
      assert.match(of(check)[0].text, says);
      assert.ok(of(check)[0].todo);
    });
  }

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

  test("sees whether the workers.dev address is open", async () => {
    meddler.change = () => {};
    const open = await look(release.folder, meddler.url, [...FROM, "--workers-dev", world.url.href]);
    assert.equal(open.of("workers.dev")[0].verdict, "warning");
    const closed = await look(release.folder, meddler.url, [...FROM, "--workers-dev", await freeAddress()]);
    assert.equal(closed.of("workers.dev")[0].verdict, "right");
  });

  test("looks from the origins of the folder's settings, and from one for each pattern", async (t) => {
    const { folder, read, close } = openFolder();
    t.after(close);
    const list = `${ORIGIN}, https://*-123.shopifypreview.com, https://gone.example.com`;
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

suite("the doctor, over https", () => {
  let world;
  let release;
  before(async () => {
    world = await openWorld();
    release = openFolder();
  });
  after(async () => {
    release.close();
    await world.close();
  });

  /** Looks at the worker behind such a certificate, which the doctor's Node trusts or not. */
  async function lookBehind(t, name, days, isTrusted) {
    const { key, cert } = certify(release.folder, name, days);
    const meddler = await Meddler.listen(world.url, { key: readFileSync(key), cert: readFileSync(cert) });
    t.after(() => meddler.close());
    return look(release.folder, meddler.url, FROM, isTrusted ? { NODE_EXTRA_CA_CERTS: cert } : {});
  }

  test("finds a certificate good, and counts its days", async (t) => {
    const { code, of } = await lookBehind(t, "localhost", 90, true);
    assert.equal(code, 0);
    assert.match(of("certificate")[0].text, /^It is good for (89|90) more days\.$/);
  });

  test("warns of a certificate that ends soon", async (t) => {
    const { of } = await lookBehind(t, "localhost", 5, true);
    assert.equal(of("certificate")[0].verdict, "warning");
    assert.match(of("certificate")[0].text, /good for [45] more days/);
  });

  test("sees a certificate that a browser refuses", async (t) => {
    for (const [name, isTrusted] of /** @type {const} */ ([
      ["localhost", false],
      ["elsewhere.example", true],
    ])) {
      const { code, findings } = await lookBehind(t, name, 60, isTrusted);
      assert.equal(code, 1);
      assert.equal(findings[0].check, "certificate");
      assert.match(findings[0].text, /^A browser refuses it: /);
    }
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
