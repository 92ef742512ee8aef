// What is tried again upstream, how often, where and with which key: each fault before each
// arrangement of URLs and keys. The deadline is waited for in upstream-faults.test.mjs.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { postRaw } from "./support/socket.mjs";
import { ORIGIN, PATH, eventually, newKey, openWorld } from "./support/world.mjs";

const P = "primary current";
const F = "fallback current";
const N = "primary next";

/** Where the attempts of a chat go that fails in the same way each time. */
const RULES = {
  never: { alone: [P], "with a fallback": [P], rotating: [N] },
  again: { alone: [P, P, P], "with a fallback": [P, P, P], rotating: [N, N, N] },
  elsewhere: { alone: [P, P, P], "with a fallback": [P, F, P], rotating: [N, N, N] },
  once: { alone: [P, P], "with a fallback": [P, P], rotating: [N, N] },
  otherKey: { alone: [P], "with a fallback": [P], rotating: [N, P] },
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
  ...["gateway-429", "status:429", "throttled:1"].map((fault) => [
    fault,
    "elsewhere",
    "gateway_throttled",
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
  // Too long to be read: what its status says.
  ...["error:upstream_error", "oversized-error:20000"].map((fault) => [
    fault,
    "once",
    "upstream_error",
    502,
    "upstream_error",
  ]),
  ["error:invalid_api_key", "otherKey", "key_refused", 500, "misconfigured_api_key"],
  ...["invalid_json_body", "body_must_be_object", "body_too_large", "missing_prompt", "prompt_too_long"].map((code) => [
    `error:${code}`,
    "never",
    code,
    400,
    code,
  ]),
  ["error:misconfigured_api_key", "never", "misconfigured_api_key", 500, "misconfigured_api_key"],
  ...[
    ...["not-json", "json-as-html", "gateway-403", "gateway-413", "redirect", "html-504"],
    ...["unknown-error", "key-echo", "error:method_not_allowed"],
    ...[301, 304, 400, 404, 413, 500, 504, 520, 524, 599].map((n) => `status:${n}`),
  ].map((fault) => [fault, "never", "upstream_error", 502, "upstream_error"]),
  ["empty-chunked", "never", "answered", 502, "upstream_empty_response"],
  ...["empty", "status:204", "status:205"].map((fault) => [
    fault,
    "never",
    "upstream_empty_response",
    502,
    "upstream_empty_response",
  ]),
  ["reset-before", "never", "broken", 502, "upstream_invoke_error"],
];

/** Three of these in a row send the next chats to the fallback. */
const unsettles = (fault) => ["html-504", "status:504", "status:520", "status:524", "reset-before"].includes(fault);

/** Each of these shuts the door for the chats after it. */
const STORE_FAULTS = ["error:rate_limited", "bad-retry-after"];

/**
 * Arrangement, UPSTREAM_ATTEMPTS, fault, then where the attempts go, how they end, what is told.
 *
 * @type {[string, string, string, string[], string | string[], number, string?][]}
 */
// biome-ignore format: a row a line
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
  ["rotating", "1", "error:invalid_api_key | ok", [N], "key_refused", 500, "misconfigured_api_key"],
  ["alone", "4", "html-502", [P, P, P, P], Array(4).fill("gateway_failed"), 502, "upstream_error"],
  ["with a fallback", "4", "status:522", [P, F, P, F], Array(4).fill("no_connection"), 502, "upstream_invoke_error"],
  // Each URL begins the sequence for itself. A failure of the engine's stays where it is.
  ["with a fallback", "4", "status:522 | error:upstream_function_error | ok", [P, F, P, P],
    ["no_connection", "no_connection", "upstream_function_error", "answered"], 200],
  ["rotating", "3", "error:invalid_api_key | ok", [N, P], ["key_refused", "answered"], 200],
  ["rotating", "3", "error:invalid_api_key | html-502", [N, P, P],
    ["key_refused", "gateway_failed", "gateway_failed"], 502, "upstream_error"],
  ["rotating", "4", "error:invalid_api_key | html-502 | error:invalid_api_key | ok", [N, P, P],
    ["key_refused", "gateway_failed", "key_refused"], 500, "misconfigured_api_key"],
];

/** Has a chat meet a fault; the browser, the log and either URL must tell the same story. */
async function expect(world, fault, ways, endings, status, code, caller = world.caller()) {
  const met = await world.meet(fault, caller);
  assert.equal(met.response.status, status, met.text);
  if (status !== 200) assert.equal(JSON.parse(met.text).error, code);
  assert.equal(met.response.headers.get("access-control-allow-origin"), ORIGIN);
  const { attempts = [] } = met.line;
  assert.deepEqual(
    attempts.map(({ url, key }) => `${url} ${key}`),
    ways,
  );
  assert.deepEqual(
    attempts.map(({ ended }) => ended),
    [endings].flat(),
  );
  const { current, next } = world.keys;
  const keysAt = (url) =>
    ways.filter((way) => way.startsWith(url)).map((way) => (way.endsWith("next") ? next : current).slice(-6));
  assert.deepEqual(
    met.primary.map(({ key }) => key),
    keysAt("primary"),
  );
  assert.deepEqual(
    met.fallback.map(({ key }) => key),
    keysAt("fallback"),
  );
  const requests = [...met.primary, ...met.fallback];
  assert.ok(requests.every(({ path, body }) => path === PATH && body === requests[0].body));
  return met;
}

/** The same where all attempts end alike. */
const expectAll = (world, fault, ways, ended, ...rest) =>
  expect(
    world,
    fault,
    ways,
    ways.map(() => ended),
    ...rest,
  );

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

suite("upstream", { concurrency: 2 }, () => {
  suite("attempts", { concurrency: 10 }, () => {
    for (const [arrangement, options] of Object.entries(ARRANGEMENTS)) {
      const rows = (rules) => FAULTS.filter(([, rule]) => rules.includes(rule));

      const [first] = RULES.never[arrangement];

      suite(`not again, ${arrangement}`, { concurrency: 8 }, () => {
        const world = worldOf(options());
        for (const [fault, rule, ...end] of rows(["never"]).filter(([fault]) => !unsettles(fault))) {
          const ways = RULES[rule][arrangement];
          test(`${fault}: ${ways.join(", ")}`, () => expectAll(world(), fault, ways, ...end));
        }
      });

      suite(`not again, ${arrangement}, one by one`, { concurrency: 1 }, () => {
        const world = worldOf(options());
        for (const [fault, rule, ...end] of rows(["never"]).filter(([fault]) => unsettles(fault))) {
          const ways = RULES[rule][arrangement];
          test(`${fault}: ${ways.join(", ")}`, async () => {
            await expectAll(world(), fault, ways, ...end);
            await expect(world(), "ok", [first], "answered", 200);
          });
        }
      });

      // One after the other, since these teach the worker where to go first, with which key, and
      // whether at all. They mostly wait, so two worlds share them.
      for (const half of [0, 1]) {
        suite(`again, ${arrangement}, half ${half}`, { concurrency: 1 }, () => {
          const world = worldOf(options());
          const retried = rows(["again", "once", "elsewhere", "otherKey"]);
          for (const [fault, rule, ...end] of retried.filter((_, row) => row % 2 === half)) {
            const ways = RULES[rule][arrangement];
            test(`${fault}: ${ways.join(", ")}`, async () => {
              await world().recover();
              await expect(world(), "ok", [first], "answered", 200);
              await expectAll(world(), fault, ways, ...end);
            });
          }
        });
      }

      for (const fault of STORE_FAULTS) {
        inWorld(`${fault}, ${arrangement}: once, and no chats until then`, options(), async (world) => {
          const met = await expect(world, fault, [first], "store_limited", 429, "rate_limited");
          const wait = ({ response }) => Number(response.headers.get("retry-after"));
          for (const next of ["ok", fault]) {
            const refused = await expect(world, next, ...REFUSED);
            assert.equal(JSON.parse(refused.text).tier, "store");
            assert.ok(wait(refused) > 0 && wait(refused) <= wait(met), `${wait(refused)} s`);
          }
        });
      }

      inWorld(`none while the store's hour is spent, ${arrangement}`, options(), async (world) => {
        const { current, next = current } = world.keys;
        await world.simulator.limits(next, { hour: 0 });
        await expect(world, "ok", [first], "store_limited", 429, "rate_limited");
        // On one network: so many limiters that start at once may be too slow.
        const { address } = world.caller();
        await Promise.all(FAULTS.map(([fault]) => expect(world, fault, ...REFUSED, world.caller({ address }))));
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
      for (let i = 0; i < 7; i += 1) {
        await world.recover();
        met.push(await world.meet("html-502"));
      }
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

    inWorld("a Retry-After that no gateway can mean shuts nobody out", {}, async (world) => {
      const ends = ["gateway_throttled", 502, "upstream_error"];
      await expect(world, "throttled:99999999", [P], ...ends);
      await expect(world, "ok", [P], "answered", 200);
    });

    const [old, coming] = [newKey(), newKey()];
    inWorld(
      "the next key goes first, and one that is gone is not missed",
      { key: old, keyNext: coming, known: [coming] },
      async (world) => {
        for (let i = 0; i < 3; i += 1) await expect(world, "ok", [N], "answered", 200);
        assert.deepEqual(world.notices(), []);
      },
    );

    inWorld(
      "a next key that is refused is tried once, and told once",
      { key: old, keyNext: coming, known: [old] },
      async (world) => {
        await expect(world, "ok", [N, P], ["key_refused", "answered"], 200);
        for (let i = 0; i < 3; i += 1) await expect(world, "ok", [P], "answered", 200);
        assert.deepEqual(world.notices(), [{ notice: "key_refused", key: "next" }]);
        const all = JSON.stringify(world.logs);
        assert.ok(!all.includes(old) && !all.includes(coming), "no key in the log");
      },
    );

    for (const name of NAMES.filter((other) => ASSISTANTS[other].newKey)) {
      const { newKey: make, requests } = ASSISTANTS[name];
      const keys = { key: make?.(), keyNext: make?.() };
      for (const [known, firsts, notices] of [
        ["key", ["next", ...Array(requests).fill("current")], [{ notice: "key_refused", key: "next" }]],
        ["keyNext", Array(requests).fill("next"), []],
      ]) {
        inWorld(
          `a rotation before ${name}, while only ${known} works`,
          { assistant: name, ...keys, known: [keys[known]] },
          async (world) => {
            const { response, text, line } = await world.meet("ok");
            assert.equal(response.status, 200, text);
            assert.deepEqual(
              line.attempts.map(({ key }) => key),
              firsts,
            );
            const again = await world.meet("ok");
            assert.deepEqual(
              again.line.attempts.map(({ key }) => key),
              Array(requests).fill(firsts.at(-1)),
            );
            assert.deepEqual(world.notices(), notices);
          },
        );
      }
    }

    const gone = { keyNext: newKey(), known: [newKey()] };
    inWorld("two keys that are gone are told once each", gone, async (world) => {
      const ends = [["key_refused", "key_refused"], 500, "misconfigured_api_key"];
      await expect(world, "ok", [N, P], ...ends);
      // Whichever was refused last goes last.
      for (let i = 0; i < 2; i += 1) await expect(world, "ok", [P, N], ...ends);
      const keys = world.notices().map(({ notice, key }) => `${notice} ${key}`);
      assert.deepEqual(keys, ["key_refused next", "key_refused current"]);
    });
  });

  suite("an engine that fails", { concurrency: 4 }, () => {
    const FAIL = "error:upstream_function_error";
    const requests = (met) => met.primary.length;

    inWorld(
      "is asked once for each of one network's chats",
      { vars: { NETWORK_LIMITS: "20/minute" } },
      async (world) => {
        const caller = world.caller();
        let sent = 0;
        const statuses = {};
        for (let i = 0; i < 30; i += 1) {
          const met = await world.meet(FAIL, caller);
          sent += requests(met);
          statuses[met.response.status] = (statuses[met.response.status] ?? 0) + 1;
        }
        // The network's budget holds for requests, not for chats.
        assert.equal(sent, 20);
        assert.equal(statuses[429], 30 - statuses[502]);
        assert.ok(statuses[502] < 20, JSON.stringify(statuses));
      },
    );

    inWorld(
      "opens the circuit after five blocks of networks, and looked at by one chat in three seconds",
      {},
      async (world) => {
        const failAt = (block) => world.meet(FAIL, world.caller({ address: `203.0.${block}.1` }));
        for (let block = 0; block < 4; block += 1) await failAt(block);
        // It opens after this.
        const before = Date.now();
        await failAt(4);
        const { response, text, line, primary } = await world.meet("ok");
        assert.equal(response.status, 502);
        assert.equal(JSON.parse(text).error, "upstream_invoke_error");
        assert.ok(["1", "2", "3"].includes(response.headers.get("retry-after")));
        assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
        assert.deepEqual([line.detail, line.limiter_ms, primary.length], ["upstream: circuit open", undefined, 0]);
        // Of all who ask when the rest is over, one is sent, and it closes the breaker.
        const probe = await eventually(
          async () => {
            const met = await world.meet("ok");
            return met.response.status === 200 && met;
          },
          "the probe",
          10_000,
        );
        assert.ok(Date.now() - before >= 2_500, `${Date.now() - before} ms`);
        assert.equal(requests(probe), 1);
        await expect(world, "ok", [P], "answered", 200);
      },
    );

    inWorld("is not kept shut by whoever looks and leaves", {}, async (world) => {
      for (let i = 0; i < 5; i += 1) await world.meet(FAIL, world.caller({ address: `203.0.${i}.1` }));
      const end = Date.now() + 12_000;
      let left = 0;
      const leaver = (async () => {
        const { address } = world.caller({ address: "203.0.113.1" });
        while (Date.now() < end) {
          const body = JSON.stringify({ prompt: "leaves", context: { simulator_fault: "delay:5000" } });
          const headers = `Content-Length: ${body.length}\r\nCF-Connecting-IP: ${address}`;
          const { socket } = postRaw(world.url, headers, [body]);
          await new Promise((resolve) => setTimeout(resolve, 120));
          socket.resetAndDestroy();
          left += 1;
        }
      })();
      // The engine is well: as soon as one honest chat may look, the shop is open.
      await eventually(
        async () => (await world.meet("ok", world.caller({ address: "203.0.200.1" }))).response.status === 200,
        "an answer",
        10_000,
      );
      const answers = [];
      while (Date.now() < end)
        answers.push((await world.meet("ok", world.caller({ address: "203.0.201.1" }))).response.status);
      await leaver;
      assert.ok(left > 20, `${left} leavers`);
      assert.deepEqual(new Set(answers), new Set([200]));
    });

    inWorld("opens no circuit for what neighbours do", {}, async (world) => {
      for (let i = 0; i < 10; i += 1) await world.meet(FAIL, world.caller({ address: `203.0.113.${i}` }));
      await expect(world, "ok", [P], "answered", 200);
    });
  });
});
