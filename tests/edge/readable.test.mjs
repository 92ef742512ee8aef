// Every answer there is can be read by a browser: CORS, Vary, the exposed headers, the envelope and
// the request id.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { ORIGIN, PATH, openWorld } from "./support/world.mjs";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const EXPOSED = [
  "allow",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "server-timing",
  "shopper-pass",
  "x-ratelimit-dry-run",
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

for (const name of NAMES) {
  suite(`a page before ${name} can read`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant: name, vars: { SHOPPER_LIMITS: "1/day" } });
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
        assert.equal(response.headers.get("access-control-allow-headers"), "Content-Type, Shopper-Pass, Authorization");
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
}

/** What is set wrongly, and how: the values must not be quoted. */
const WRONG = {
  "sales-associate": { CONCIERGE_API_KEY: "must-not-be-quoted" },
  homie: { CONCIERGE_API_KEY: "must not be quoted", HOMIE_CHATBOT_ID: "must-not-be-quoted" },
  rewardsbot: { SIGNING_KEY: "must-not-be-quoted", REWARDS_PROGRAM: "must-not-be-quoted\u0007" },
  omniops: { CONCIERGE_API_KEY: "must not be quoted", OMNIOPS_DOMAIN: "https://must-not-be-quoted" },
  "omniops as built": { SIGNING_KEY: "must-not-be-quoted", OMNIOPS_DOMAIN: "https://must-not-be-quoted" },
};

/** What has to be set. */
const REQUIRED = {
  "sales-associate": ["CONCIERGE_API_KEY"],
  homie: ["CONCIERGE_API_KEY", "HOMIE_CHATBOT_ID"],
  rewardsbot: ["SIGNING_KEY"],
  omniops: ["CONCIERGE_API_KEY", "CONCIERGE_BASE_URL", "OMNIOPS_DOMAIN"],
  "omniops as built": ["SIGNING_KEY", "CONCIERGE_BASE_URL", "OMNIOPS_DOMAIN"],
};

for (const name of NAMES) {
  suite(`a worker before ${name} whose settings are wrong`, () => {
    const wrong = "https://wrong.example.com/a-path-that-must-not-be-quoted";
    let world;
    before(async () => {
      world = await openWorld({
        assistant: name,
        key: null,
        vars: { ALLOWED_ORIGINS: `${ORIGIN}, ${wrong}`, SHOPPER_LIMITS: "many", NEWCOMER_LIMITS: 7, ...WRONG[name] },
      });
    });
    after(() => world.close());

    const settings = ["ALLOWED_ORIGINS", "SHOPPER_LIMITS", "NEWCOMER_LIMITS", ...Object.keys(WRONG[name])];

    function namesAll(message) {
      for (const setting of settings) assert.ok(message.includes(setting), `${setting}: ${message}`);
      for (const value of [wrong, "must-not-be-quoted", "must not be quoted", "many"]) {
        assert.ok(!message.includes(value), message);
      }
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

  test(`a worker before ${name} that is not set up at all fails closed`, async (t) => {
    const { ASSISTANT = "", OMNIOPS_DIALECT = "", ...others } = ASSISTANTS[name].vars;
    const vars = { CONCIERGE_BASE_URL: "", ALLOWED_ORIGINS: "", ASSISTANT, OMNIOPS_DIALECT };
    for (const setting of Object.keys(others)) vars[setting] = "";
    const world = await openWorld({ assistant: name, key: null, vars });
    t.after(() => world.close());
    const response = await world.caller().chat({ prompt: "hat" });
    assert.equal(response.status, 500);
    const { error, message } = await response.json();
    assert.equal(error, "misconfigured_proxy");
    const missing = [...message.matchAll(/([A-Z_]+) is missing/g)].map(([, setting]) => setting);
    assert.deepEqual(missing.sort(), ["ALLOWED_ORIGINS", ...REQUIRED[name]].sort());
  });
}

suite("a setting of another assistant", () => {
  for (const name of NAMES) {
    test(`is a mistake before ${name}, which shows that the wrong one is chosen`, async (t) => {
      const of = (other) => ASSISTANTS[other].vars.ASSISTANT ?? "sales-associate";
      const own = ["CONCIERGE_BASE_URL", ...Object.keys(ASSISTANTS[name].vars)];
      const others = NAMES.filter((other) => of(other) !== of(name)).map((other) => ASSISTANTS[other].vars);
      const vars = Object.assign({}, ...others, { SIGNING_KEY: "" }, ASSISTANTS[name].vars);
      vars.ASSISTANT = of(name);
      const world = await openWorld({ assistant: name, vars });
      t.after(() => world.close());
      const { error, message } = await (await world.caller().chat({ prompt: "hat" })).json();
      assert.equal(error, "misconfigured_proxy");
      const foreign = Object.keys(vars).filter((setting) => !["SIGNING_KEY", ...own, "ASSISTANT"].includes(setting));
      for (const setting of foreign)
        assert.match(message, new RegExp(`${setting} is for \\w+, but ASSISTANT is ${of(name)}`));
    });
  }

  test("and an assistant that does not exist are told with the names that exist", async (t) => {
    const world = await openWorld({ vars: { ASSISTANT: "nobody" } });
    t.after(() => world.close());
    const { message } = await (await world.caller().chat({ prompt: "hat" })).json();
    assert.match(message, /ASSISTANT must be sales-associate or homie or rewardsbot or omniops/);
  });
});
