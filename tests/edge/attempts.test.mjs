// What is tried again upstream, how often, where and with which key: each fault before each
// arrangement of URLs and keys. The deadline is waited for in upstream-faults.test.mjs.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ORIGIN, PATH, newKey, openWorld, tally } from "./support/world.mjs";

const P = "primary current";
const F = "fallback current";
const N = "primary next";

/** Where the attempts of a chat go that fails in the same way each time. */
const RULES = {
  never: { alone: [P], "with a fallback": [P], rotating: [P] },
  again: { alone: [P, P, P], "with a fallback": [P, P, P], rotating: [P, P, P] },
  elsewhere: { alone: [P, P, P], "with a fallback": [P, F, P], rotating: [P, P, P] },
  once: { alone: [P, P], "with a fallback": [P, P], rotating: [P, P] },
  otherKey: { alone: [P], "with a fallback": [P], rotating: [P, N] },
};

const ARRANGEMENTS = {
  alone: () => ({}),
  "with a fallback": () => ({ fallback: true }),
  rotating: () => ({ keyNext: newKey() }),
};

/** The fault, its rule, how each attempt ended, and what the browser is told. */
const FAULTS = [
  ...["ok", "delay:50", "trickle:1", "broken-json", "gzip", "headers", "quota:400"].map((fault) => [
    fault,
    "never",
    "answered",
    200,
  ]),
  ...[521, 522, 523, 525, 526, 530].map((status) => [
    `status:${status}`,
    "elsewhere",
    "no_connection",
    502,
    "upstream_invoke_error",
  ]),
  ...["html-502", "html-503", "unavailable:0", "unavailable:1"].map((fault) => [
    fault,
    "elsewhere",
    "gateway_failed",
    502,
    "upstream_error",
  ]),
  ...["upstream_invoke_error", "upstream_function_error", "upstream_empty_response"].map((code) => [
    `error:${code}`,
    "again",
    code,
    502,
    code,
  ]),
  ["no-request-id", "again", "upstream_function_error", 502, "upstream_function_error"],
  ["error:upstream_error", "once", "upstream_error", 502, "upstream_error"],
  ["error:invalid_api_key", "otherKey", "key_refused", 500, "misconfigured_api_key"],
  ...["invalid_json_body", "body_must_be_object", "body_too_large", "missing_prompt", "prompt_too_long"].map(
    (code) => [`error:${code}`, "never", code, 400, code],
  ),
  ["error:misconfigured_api_key", "never", "misconfigured_api_key", 500, "misconfigured_api_key"],
  ...[
    ...["not-json", "json-as-html", "gateway-403", "gateway-413", "redirect", "html-504"],
    ...["unknown-error", "key-echo", "error:method_not_allowed"],
    ...[301, 304, 400, 404, 413, 500, 504, 520, 524, 599].map((n) => `status:${n}`),
  ].map((fault) => [fault, "never", "upstream_error", 502, "upstream_error"]),
  ...["empty", "status:204", "status:205"].map((fault) => [
    fault,
    "never",
    "upstream_empty_response",
    502,
    "upstream_empty_response",
  ]),
  ["reset-before", "never", "broken", 502, "upstream_invoke_error"],
];

/** Each of these shuts the door for the chats after it. */
const STORE_FAULTS = ["error:rate_limited", "gateway-429", "bad-retry-after", "status:429"];

/** Arrangement, UPSTREAM_ATTEMPTS, fault, then where the attempts go, how they end, what is told. */
const SEQUENCES = [
  ["alone", "3", "html-502 | ok", [P, P], ["gateway_failed", "answered"], 200],
  ["alone", "3", "error:upstream_function_error | error:upstream_invoke_error | ok", [P, P, P],
    ["upstream_function_error", "upstream_invoke_error", "answered"], 200],
  ["alone", "3", "error:upstream_error | ok", [P, P], ["upstream_error", "answered"], 200],
  ["alone", "3", "status:522 | error:rate_limited | ok", [P, P], ["no_connection", "store_limited"], 429, "rate_limited"],
  ["alone", "3", "html-502 | reset-before | ok", [P, P], ["gateway_failed", "broken"], 502, "upstream_invoke_error"],
  // Once is once in a chat, whatever came between.
  ["alone", "4", "error:upstream_error | html-502 | error:upstream_error | ok", [P, P, P],
    ["upstream_error", "gateway_failed", "upstream_error"], 502, "upstream_error"],
  ["alone", "1", "html-502 | ok", [P], "gateway_failed", 502, "upstream_error"],
  ["with a fallback", "1", "status:522 | ok", [P], "no_connection", 502, "upstream_invoke_error"],
  ["rotating", "1", "error:invalid_api_key | ok", [P], "key_refused", 500, "misconfigured_api_key"],
  ["alone", "4", "html-502", [P, P, P, P], Array(4).fill("gateway_failed"), 502, "upstream_error"],
  ["with a fallback", "4", "status:522", [P, F, P, F], Array(4).fill("no_connection"), 502, "upstream_invoke_error"],
  // Each URL begins the sequence for itself. A failure of the engine's stays where it is.
  ["with a fallback", "4", "status:522 | error:upstream_function_error | ok", [P, F, P, P],
    ["no_connection", "no_connection", "upstream_function_error", "answered"], 200],
  ["rotating", "3", "error:invalid_api_key | ok", [P, N], ["key_refused", "answered"], 200],
  ["rotating", "3", "error:invalid_api_key | html-502", [P, N, N],
    ["key_refused", "gateway_failed", "gateway_failed"], 502, "upstream_error"],
  ["rotating", "4", "error:invalid_api_key | html-502 | error:invalid_api_key | ok", [P, N, N],
    ["key_refused", "gateway_failed", "key_refused"], 500, "misconfigured_api_key"],
];

/** Has a chat meet a fault; the browser, the log and either URL must tell the same story. */
async function expect(world, fault, ways, endings, status, code) {
  const met = await world.meet(fault);
  assert.equal(met.response.status, status, met.text);
  if (status !== 200) assert.equal(JSON.parse(met.text).error, code);
  assert.equal(met.response.headers.get("access-control-allow-origin"), ORIGIN);
  const { attempts = [] } = met.line;
  assert.deepEqual(attempts.map(({ url, key }) => `${url} ${key}`), ways);
  assert.deepEqual(attempts.map(({ ended }) => ended), [endings].flat());
  const { current, next } = world.keys;
  const keysAt = (url) =>
    ways.filter((way) => way.startsWith(url)).map((way) => (way.endsWith("next") ? next : current).slice(-6));
  assert.deepEqual(met.primary.map(({ key }) => key), keysAt("primary"));
  assert.deepEqual(met.fallback.map(({ key }) => key), keysAt("fallback"));
  const requests = [...met.primary, ...met.fallback];
  assert.ok(requests.every(({ path, body }) => path === PATH && body === requests[0].body));
  return met;
}

/** The same where all attempts end alike. */
const expectAll = (world, fault, ways, ended, ...rest) =>
  expect(world, fault, ways, ways.map(() => ended), ...rest);

/** The world of a suite. */
function worldOf(options) {
  let world;
  before(async () => {
    world = await openWorld(options);
  });
  after(() => world.close());
  return () => world;
}

/** A test in a world of its own. */
const inWorld = (name, options, run) =>
  test(name, async (t) => {
    const world = await openWorld(options);
    t.after(() => world.close());
    await run(world);
  });

const REFUSED = [[], [], 429, "rate_limited"];

suite("attempts", { concurrency: 8 }, () => {
  for (const [arrangement, options] of Object.entries(ARRANGEMENTS)) {
    const rows = (rules) => FAULTS.filter(([, rule]) => rules.includes(rule));

    suite(`at one place, ${arrangement}`, { concurrency: 8 }, () => {
      const world = worldOf(options());
      for (const [fault, rule, ...end] of rows(["never", "again", "once"])) {
        const ways = RULES[rule][arrangement];
        test(`${fault}: ${ways.join(", ")}`, () => expectAll(world(), fault, ways, ...end));
      }
    });

    // One after the other, since these teach the worker where to go first and with which key.
    suite(`at both places, ${arrangement}`, { concurrency: 1 }, () => {
      const world = worldOf(options());
      for (const [fault, rule, ...end] of rows(["elsewhere", "otherKey"])) {
        const ways = RULES[rule][arrangement];
        test(`${fault}: ${ways.join(", ")}`, async () => {
          // A good answer of the primary ends its row of failures.
          await expect(world(), "ok", [P], "answered", 200);
          await expectAll(world(), fault, ways, ...end);
        });
      }
    });

    for (const fault of arrangement === "alone" ? STORE_FAULTS : STORE_FAULTS.slice(0, 2)) {
      inWorld(`${fault}, ${arrangement}: once, and no chats until then`, options(), async (world) => {
        const first = await expect(world, fault, [P], "store_limited", 429, "rate_limited");
        const wait = (met) => Number(met.response.headers.get("retry-after"));
        for (const next of ["ok", fault]) {
          const refused = await expect(world, next, ...REFUSED);
          assert.equal(JSON.parse(refused.text).tier, "store");
          assert.ok(wait(refused) > 0 && wait(refused) <= wait(first), `${wait(refused)} s`);
        }
      });
    }

    inWorld(`none while the store's hour is spent, ${arrangement}`, options(), async (world) => {
      await world.simulator.limits(world.key, { hour: 0 });
      await expect(world, "ok", [P], "store_limited", 429, "rate_limited");
      await Promise.all(FAULTS.map(([fault]) => expect(world, fault, ...REFUSED)));
    });
  }

  for (const [arrangement, most, fault, ways, endings, status, code] of SEQUENCES) {
    const options = { ...ARRANGEMENTS[arrangement](), vars: { UPSTREAM_ATTEMPTS: most } };
    inWorld(`${fault}, ${arrangement}, at most ${most}: ${ways.join(", ")}`, options, async (world) => {
      await expect(world, fault, ways, endings, status, code);
    });
  }

  for (const most of ["0", "5", "x"]) {
    inWorld(`at most ${most} is no setting`, { vars: { UPSTREAM_ATTEMPTS: most } }, async (world) => {
      const met = await expect(world, "ok", [], [], 500, "misconfigured_proxy");
      assert.match(JSON.parse(met.text).message, /UPSTREAM_ATTEMPTS/);
    });
  }

  inWorld("the pauses are short, the second up to twice as long, and chance", {}, async (world) => {
    const met = [];
    for (let i = 0; i < 7; i += 1) met.push(await world.meet("html-502"));
    for (const [i, most] of [200, 400].entries()) {
      const pauses = met.map(({ primary }) => primary[i + 1].at - primary[i].at).sort((a, b) => a - b);
      // A machine that is slow makes some of them longer than they were meant.
      assert.ok(pauses[3] <= most + 300, pauses.join());
      assert.ok(pauses[6] <= most + 5_000, pauses.join());
      assert.ok(new Set(pauses).size > 2, pauses.join());
    }
  });

  inWorld("a Retry-After is waited for", {}, async (world) => {
    const { response, primary } = await world.meet("unavailable:1 | ok");
    assert.equal(response.status, 200);
    assert.equal(primary.length, 2);
    assert.ok(primary[1].at - primary[0].at >= 1_000);
  });

  inWorld("a Retry-After beyond the deadline is not waited for", {}, async (world) => {
    const ends = ["gateway_failed", 502, "upstream_error"];
    const { line } = await expect(world, "unavailable:60 | ok", [P], ...ends);
    assert.ok(line.total_ms < 10_000, `${line.total_ms} ms`);
  });

  const [old, coming] = [newKey(), newKey()];
  inWorld("a key that is gone is tried once, and told once", { key: old, keyNext: coming, known: [coming] }, async (world) => {
    await expect(world, "ok", [P, N], ["key_refused", "answered"], 200);
    for (let i = 0; i < 3; i += 1) await expect(world, "ok", [N], "answered", 200);
    assert.deepEqual(world.notices(), [{ notice: "key_refused", key: "current" }]);
    const all = JSON.stringify(world.logs);
    assert.ok(!all.includes(old) && !all.includes(coming), "no key in the log");
  });

  const gone = { keyNext: newKey(), known: [newKey()] };
  inWorld("two keys that are gone are told once each", gone, async (world) => {
    const ends = [["key_refused", "key_refused"], 500, "misconfigured_api_key"];
    for (let i = 0; i < 3; i += 1) await expect(world, "ok", [P, N], ...ends);
    const keys = world.notices().map(({ notice, key }) => `${notice} ${key}`);
    assert.deepEqual(keys, ["key_refused current", "key_refused next"]);
  });
});
