// Every answer there is can be read by a browser: CORS, Vary, the exposed headers, the envelope and
// the request id.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ORIGIN, PATH, openWorld } from "./support/world.mjs";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const EXPOSED = [
  "allow",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "server-timing",
  "shopper-pass",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-tier",
  "x-ratelimit-window",
  "x-request-id",
];

async function readable(response, status, code) {
  assert.equal(response.status, status);
  const { headers } = response;
  assert.equal(headers.get("access-control-allow-origin"), ORIGIN);
  assert.equal(headers.get("vary"), "Origin");
  assert.match(headers.get("x-request-id"), UUID);
  const exposed = headers.get("access-control-expose-headers").toLowerCase().split(", ");
  assert.deepEqual(exposed.sort(), EXPOSED);
  if (code) {
    const body = await response.json();
    assert.equal(body.error, code);
    assert.equal(body.request_id, headers.get("x-request-id"));
    assert.ok(body.message.length > 0);
    return body;
  }
}

suite("a page can read", () => {
  let world;
  before(async () => {
    world = await openWorld({ vars: { SHOPPER_LIMITS: "1/day" } });
  });
  after(() => world.close());

  test("a chat", async () => {
    await readable(await world.caller().chat({ prompt: "hat" }), 200);
  });

  test("an unknown route", async () => {
    await readable(await world.caller().send("POST", "/v2/chat"), 404, "not_found");
  });

  test("a wrong method", async () => {
    await readable(await world.caller().send("GET", PATH), 405, "method_not_allowed");
  });

  test("a broken body", async () => {
    await readable(await world.caller().chat("{"), 400, "invalid_json_body");
  });

  test("a limit, its figures and the seconds to wait", async () => {
    const caller = world.caller();
    const first = await caller.chat({ prompt: "hat" });
    assert.equal(first.headers.get("ratelimit-policy"), '"shopper";q=1;w=86400');
    assert.equal(first.headers.get("ratelimit"), '"shopper";r=0;t=86400');
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    const second = await caller.chat({ prompt: "hat" }, pass);
    const body = await readable(second, 429, "rate_limited");
    assert.equal(body.limit_window, "day");
    assert.equal(body.limit, 1);
    assert.equal(body.tier, "shopper");
    const wait = Number(second.headers.get("retry-after"));
    assert.ok(wait > 86_390 && wait <= 86_400, `${wait} s`);
    assert.equal(second.headers.get("ratelimit"), `"shopper";r=0;t=${wait}`);
    assert.equal(second.headers.get("x-ratelimit-remaining"), "0");
    assert.equal(second.headers.get("shopper-pass"), null);
  });

  test("the health, and only its state", async () => {
    const response = await world.caller().send("GET", "/healthz");
    await readable(response, 200);
    assert.equal(await response.text(), '{"status":"ok"}');
  });

  for (const path of [PATH, "/v2/chat", "/healthz"]) {
    test(`what a preflight of ${path} allows`, async () => {
      const response = await world.caller().send("OPTIONS", path, {
        headers: {
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type,shopper-pass",
        },
      });
      await readable(response, 204);
      assert.equal(response.headers.get("access-control-allow-methods"), "POST");
      assert.equal(response.headers.get("access-control-allow-headers"), "Content-Type, Shopper-Pass");
      assert.equal(response.headers.get("access-control-max-age"), "7200");
    });
  }

  test("nothing of it as another origin", async () => {
    const caller = world.caller({ origin: "https://evil.example" });
    const headers = { "access-control-request-method": "POST" };
    for (const response of [
      await caller.chat({ prompt: "hat" }),
      await caller.send("GET", "/nowhere"),
      await caller.send("OPTIONS", PATH, { headers }),
    ]) {
      assert.equal(response.headers.get("access-control-allow-origin"), null);
      assert.equal(response.headers.get("vary"), "Origin");
    }
  });
});

suite("a worker whose settings are wrong", () => {
  const wrong = "https://wrong.example.com/a-path-that-must-not-be-quoted";
  let world;
  before(async () => {
    world = await openWorld({
      key: null,
      vars: { ALLOWED_ORIGINS: `${ORIGIN}, ${wrong}`, SHOPPER_LIMITS: "many", NEWCOMER_LIMITS: 7 },
    });
  });
  after(() => world.close());

  const NAMES = ["CONCIERGE_API_KEY", "ALLOWED_ORIGINS", "SHOPPER_LIMITS", "NEWCOMER_LIMITS"];

  function namesAll(message) {
    for (const name of NAMES) assert.ok(message.includes(name), name);
    for (const value of [wrong, "must-not-be-quoted", "many"]) assert.ok(!message.includes(value));
  }

  test("refuses every chat readably, names the settings and never their values", async () => {
    for (const send of [
      () => world.caller().chat({ prompt: "hat" }),
      () => world.caller().chat("{"),
      () => world.caller().send("GET", PATH),
      () => world.caller().send("POST", "/nowhere"),
    ]) {
      const { message } = await readable(await send(), 500, "misconfigured_proxy");
      namesAll(message);
    }
    assert.deepEqual(await world.simulator.requests(), []);
  });

  test("refuses a page that it does not know with the same words", async () => {
    const response = await world.caller({ origin: "https://evil.example" }).chat({ prompt: "hat" });
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  });

  test("answers preflights of the origins that could be read", async () => {
    const headers = { "access-control-request-method": "POST" };
    await readable(await world.caller().send("OPTIONS", PATH, { headers }), 204);
  });

  test("says so to /healthz and in the log", async () => {
    const { message } = await readable(await world.caller().send("GET", "/healthz"), 500, "misconfigured_proxy");
    namesAll(message);
    const line = await world.line(({ outcome }) => outcome === "misconfigured_proxy");
    namesAll(line.detail);
  });
});

suite("a worker that is not set up at all", () => {
  test("fails closed", async (t) => {
    const world = await openWorld({ key: null, vars: { ALLOWED_ORIGINS: "" } });
    t.after(() => world.close());
    const response = await world.caller().chat({ prompt: "hat" });
    assert.equal(response.status, 500);
    const { error, message } = await response.json();
    assert.equal(error, "misconfigured_proxy");
    assert.match(message, /CONCIERGE_API_KEY is missing/);
    assert.match(message, /ALLOWED_ORIGINS is missing/);
  });
});
