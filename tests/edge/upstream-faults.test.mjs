// Each fault of the upstream is answered in the envelope, within the deadline, and without a word
// of what the upstream said.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, TRANSLATED } from "./support/assistants.mjs";
import { ORIGIN, PATH, eventually, newKey, openWorld } from "./support/world.mjs";

/**
 * What answers whom, after how many attempts: fault, status, code, attempts.
 *
 * @type {[fault: string, status: number, code: string | null, attempts: number][]}
 */
const FAULTS = [
  ["reset-before", 502, "upstream_invoke_error", 1],
  ["reset-after", 502, "upstream_error", 1],
  ["truncated", 502, "upstream_error", 1],
  ["not-json", 502, "upstream_error", 1],
  ["json-as-html", 502, "upstream_error", 1],
  ["empty", 502, "upstream_empty_response", 1],
  ["html-502", 502, "upstream_error", 3],
  ["html-504", 502, "upstream_error", 1],
  ["gateway-403", 502, "upstream_error", 1],
  ["gateway-413", 502, "upstream_error", 1],
  ["redirect", 502, "upstream_error", 1],
  ["unknown-error", 502, "upstream_error", 1],
  // No envelope that could be read: what its status says.
  ["oversized-error:3000000", 502, "upstream_error", 2],
  ["no-request-id", 502, null, 3],
  ["key-echo", 502, "upstream_error", 1],
  ["status:204", 502, "upstream_empty_response", 1],
  ["status:301", 502, "upstream_error", 1],
  ["status:404", 502, "upstream_error", 1],
  ["status:418", 502, "upstream_error", 1],
  ["status:500", 502, "upstream_error", 1],
  ["status:503", 502, "upstream_error", 3],
  ["status:522", 502, "upstream_invoke_error", 3],
  ["status:530", 502, "upstream_invoke_error", 3],
  ["error:invalid_json_body", 400, "invalid_json_body", 1],
  ["error:body_must_be_object", 400, "body_must_be_object", 1],
  ["error:body_too_large", 400, "body_too_large", 1],
  ["error:missing_prompt", 400, "missing_prompt", 1],
  ["error:prompt_too_long", 400, "prompt_too_long", 1],
  ["error:invalid_api_key", 500, "misconfigured_api_key", 1],
  ["error:method_not_allowed", 502, "upstream_error", 1],
  ["error:misconfigured_api_key", 500, "misconfigured_api_key", 1],
  ["error:upstream_invoke_error", 502, "upstream_invoke_error", 3],
  ["error:upstream_function_error", 502, "upstream_function_error", 3],
  ["error:upstream_error", 502, "upstream_error", 2],
  ["error:upstream_empty_response", 502, "upstream_empty_response", 3],
  ["gateway-429", 502, "upstream_error", 3],
  ["throttled:99999999", 502, "upstream_error", 1],
  ["bad-retry-after", 429, "rate_limited", 1],
  ["error:rate_limited", 429, "rate_limited", 1],
];

suite("upstream", { concurrency: 3 }, () => {
  suite("the upstream's fault", { concurrency: 8 }, () => {
    let world;
    before(async () => {
      world = await openWorld();
    });
    after(() => world.close());

    const chat = (fault, prompt = `fault ${fault}`, where = world) =>
      where.caller().chat({ prompt, context: { simulator_fault: fault } });

    /** A world beside the one of all other faults. */
    const ownWorld = async (t, options) => {
      const own = await openWorld(options);
      t.after(() => own.close());
      return own;
    };

    test("no first byte within 25 s is answered then, and the upstream let go", { timeout: 40_000 }, async () => {
      const started = Date.now();
      const response = await chat("hang-before");
      const took = Date.now() - started;
      assert.equal(response.status, 504);
      assert.equal((await response.json()).error, "upstream_timeout");
      assert.ok(took >= 24_500 && took < 35_000, `${took} ms`);
      const line = await world.line(({ outcome }) => outcome === "upstream_timeout");
      assert.ok(line.upstream_ms >= 24_500 && line.upstream_ms < 27_000, `${line.upstream_ms} ms`);
      // The upstream notices a moment after the reply.
      const letGo = async () => {
        const requests = await world.simulator.requestsWith("fault hang-before");
        assert.equal(requests.length, 1);
        return requests[0].aborted;
      };
      assert.ok(await eventually(letGo, "the end of the connection"));
    });

    for (const options of [{ fallback: true }, { keyNext: newKey() }]) {
      test(`no first byte is not tried again, ${Object.keys(options)}`, { timeout: 40_000 }, async (t) => {
        const { response, text, line, primary, fallback } = await (await ownWorld(t, options)).meet("hang-before");
        assert.equal(response.status, 504, text);
        const key = options.keyNext ? "next" : "current";
        assert.deepEqual(line.attempts, [{ url: "primary", key, ended: "timeout" }]);
        assert.deepEqual([primary.length, fallback.length], [1, 0]);
      });
    }

    for (const [fault, status, code, attempts] of FAULTS) {
      test(`${fault} is answered ${status} ${code ?? ""}, attempts: ${attempts}`, async (t) => {
        // What is tried again, or shuts the door, teaches the worker something for the chats after it.
        const where = attempts > 1 || status === 429 ? await ownWorld(t) : world;
        const response = await chat(fault, `fault ${fault} of the table`, where);
        const text = await response.text();
        assert.equal(response.status, status, text);
        const body = JSON.parse(text);
        if (code) assert.equal(body.error, code);
        if (fault === "bad-retry-after") assert.equal(response.headers.get("retry-after"), "60");
        if (status === 429) assert.deepEqual([body.tier, body.limit], ["store", undefined]);
        assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
        assert.ok(response.headers.get("shopper-pass"), "an admitted newcomer gets its pass");
        assert.ok(!text.includes("<"), "no markup of the upstream's");
        assert.ok(!text.includes(where.key), "no key");
        const requests = await where.simulator.requestsWith(`fault ${fault} of the table`);
        assert.equal(requests.length, attempts);
      });
    }

    test("a redirect is not followed", async () => {
      await chat("redirect");
      const paths = (await world.simulator.requests()).map(({ path }) => path);
      assert.ok(
        paths.every((path) => path === PATH),
        paths.join(),
      );
    });

    test("an error's request id is the upstream's, and ours stays in the header", async () => {
      const response = await chat("error:missing_prompt");
      const { request_id: id } = await response.json();
      assert.notEqual(id, response.headers.get("x-request-id"));
      const line = await world.line((line) => line.upstream_request_id === id);
      assert.equal(line.request_id, response.headers.get("x-request-id"));
    });

    test("an error's request id is ours where the upstream's is none", async () => {
      const response = await chat("no-request-id");
      assert.equal((await response.json()).request_id, response.headers.get("x-request-id"));
    });

    test("a large answer comes through whole", async () => {
      const response = await chat("oversized:3000000");
      assert.ok((await response.text()).length >= 3_000_000);
    });

    suite("an upstream that is not there", { concurrency: 2 }, () => {
      const deadWorld = async (t, options) => {
        const world = await openWorld(options);
        t.after(() => world.close());
        await world.simulator.stop();
        return world;
      };
      const gone = { url: "primary", key: "current", ended: "no_connection" };

      test("is answered at once, and nothing is charged", async (t) => {
        const world = await deadWorld(t, { vars: { SHOPPER_LIMITS: "5/hour" } });
        const { response, text, line } = await world.meet("ok");
        assert.equal(response.status, 502);
        assert.equal(JSON.parse(text).error, "upstream_invoke_error");
        assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
        assert.deepEqual(line.attempts, [gone, gone, gone]);
        assert.equal(response.headers.get("x-ratelimit-remaining"), "5");
        assert.equal(line.refunded, true);
      });

      test("is stood in for by the fallback, which goes first after three failures", async (t) => {
        const world = await deadWorld(t, { fallback: true });
        const answered = { url: "fallback", key: "current", ended: "answered" };
        for (const attempts of [...Array(3).fill([gone, answered]), ...Array(3).fill([answered])]) {
          const { response, line, fallback } = await world.meet("ok");
          assert.equal(response.status, 200);
          assert.deepEqual(line.attempts, attempts);
          assert.deepEqual(
            fallback.map(({ key }) => key),
            [world.key.slice(-6)],
          );
        }
      });
    });
  });

  /**
   * What answers whom where answers are translated: fault, status, code, attempts. The attempts are those of the
   * message, as far as three requests allow. A row of an assistant's own goes before the one of all.
   *
   * @typedef {[fault: string, status: number, code: string | null, attempts: number]} Row
   *
   * @type {Row[]}
   */
  const OF_ALL = [
    ["ok", 200, null, 1],
    ["delay:50", 200, null, 1],
    ["trickle:1", 200, null, 1],
    ["gzip", 200, null, 1],
    ["headers", 200, null, 1],
    ["extra-fields", 200, null, 1],
    ["hostile-html", 200, null, 1],
    ["hostile-links", 200, null, 1],
    ["hostile-nulls", 200, null, 1],
    ["hostile-types", 502, "upstream_empty_response", 1],
    ["hostile-many", 502, "upstream_error", 1],
    ["oversized:300000", 200, null, 1],
    ["oversized:3000000", 502, "upstream_error", 1],
    ["not-json", 502, "upstream_error", 1],
    ["json-as-html", 502, "upstream_error", 1],
    ["broken-json", 502, "upstream_error", 1],
    ["empty", 502, "upstream_empty_response", 1],
    ["empty-chunked", 502, "upstream_empty_response", 1],
    ["truncated", 502, "upstream_error", 1],
    ["reset-after", 502, "upstream_error", 1],
    ["reset-before", 502, "upstream_invoke_error", 1],
    ["redirect", 502, "upstream_error", 1],
    ["html-502", 502, "upstream_error", 3],
    ["html-503", 502, "upstream_error", 3],
    ["html-504", 502, "upstream_error", 1],
    ["gateway-413", 502, "upstream_error", 1],
    ["throttled:1", 502, "upstream_error", 3],
    ["status:204", 502, "upstream_empty_response", 1],
    ["status:301", 502, "upstream_error", 1],
    ["status:418", 502, "upstream_error", 1],
    ["status:522", 502, "upstream_invoke_error", 3],
    ["status:530", 502, "upstream_invoke_error", 3],
    ["error:400", 502, "upstream_error", 1],
    ["error:500", 502, "upstream_error", 2],
  ];

  /** @type {Record<string, Row[]>} */
  const OF_ONE = {
    homie: [
      // The chat may be gone, and a new one takes the last request.
      ["gateway-403", 500, "misconfigured_api_key", 1],
      ["unavailable:0", 502, "upstream_error", 3],
      ["error:401", 500, "misconfigured_api_key", 1],
      ["error:502", 502, "upstream_error", 3],
      ["error:503", 502, "upstream_error", 3],
      ["unknown-error", 502, "upstream_error", 2],
      ["key-echo", 502, "upstream_error", 2],
      ["oversized-error:3000000", 502, "upstream_error", 2],
      ["error:404", 502, "upstream_error", 1],
    ],
    rewardsbot: [
      ["hostile-nulls", 502, "upstream_empty_response", 1],
      ["gateway-403", 502, "upstream_error", 1],
      ["unavailable:0", 502, "upstream_error", 3],
      ["error:401", 502, "upstream_error", 1],
      ["error:404", 502, "upstream_error", 1],
      ["error:410", 502, "upstream_error", 1],
      ["error:422", 502, "upstream_error", 1],
      ["error:503", 502, "upstream_error", 3],
      ["unknown-error", 502, "upstream_error", 2],
      ["key-echo", 502, "upstream_error", 2],
      ["oversized-error:3000000", 502, "upstream_error", 2],
    ],
    omniops: [
      ["gateway-403", 500, "misconfigured_api_key", 1],
      ["unavailable:0", 502, "upstream_error", 2],
      ["error:AUTH_INVALID", 500, "misconfigured_api_key", 1],
      ["error:INVALID_REQUEST", 502, "upstream_error", 1],
      ["error:RESOURCE_NOT_FOUND", 502, "upstream_error", 1],
      ["error:INTERNAL_ERROR", 502, "upstream_error", 2],
      ["error:DOMAIN_NOT_CONFIGURED", 500, "misconfigured_proxy", 1],
      ["error:INSUFFICIENT_CREDITS", 500, "misconfigured_proxy", 1],
      ["error:RATE_LIMIT_EXCEEDED", 429, "rate_limited", 1],
      ["bad-retry-after", 429, "rate_limited", 1],
      ["unknown-error", 502, "upstream_error", 2],
      ["key-echo", 502, "upstream_error", 2],
      ["oversized-error:3000000", 502, "upstream_error", 2],
    ],
    "omniops as built": [
      ["gateway-403", 502, "upstream_error", 1],
      ["unavailable:0", 502, "upstream_error", 2],
      ["error:503", 502, "upstream_error", 2],
      ["error:429", 429, "rate_limited", 1],
      ["unknown-error", 502, "upstream_error", 2],
      ["key-echo", 502, "upstream_error", 2],
    ],
  };

  suite("the fault of an assistant that is translated", { concurrency: 4 }, () => {
    for (const name of TRANSLATED) {
      const { requests, newKey } = ASSISTANTS[name];
      const own = OF_ONE[name];
      const rows = [...own, ...OF_ALL.filter(([fault]) => !own.some(([other]) => other === fault))];
      // What is tried again teaches the worker something for the chats after it.
      rows.sort(([, , , one], [, , , other]) => one - other);

      suite(name, { concurrency: 1 }, () => {
        let world;
        before(async () => {
          world = await openWorld({ assistant: name });
        });
        after(() => world.close());

        for (const [fault, status, code, most] of rows) {
          const attempts = Math.min(most, 4 - requests);
          test(`${fault} is answered ${status} ${code ?? ""}, attempts: ${attempts}`, async (t) => {
            let where = world;
            if (status === 429) {
              where = await openWorld({ assistant: name });
              t.after(() => where.close());
            }
            if (attempts > 1) await where.recover();
            const { response, text, line, primary } = await where.meet(fault);
            assert.equal(response.status, status, text);
            const body = JSON.parse(text);
            if (code) assert.equal(body.error, code);
            if (status === 429) assert.deepEqual([body.tier, body.limit], ["store", undefined]);
            assert.equal(primary.length, attempts);
            assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
            assert.ok(response.headers.get("shopper-pass"), "an admitted newcomer gets its pass");
            assert.equal(body.request_id, response.headers.get("x-request-id"));
            assert.equal(line.outcome, code ?? "ok");
            if (status !== 200) assert.ok(!text.includes("<"), "no markup of the upstream's");
            if (newKey) assert.ok(!text.includes(where.key), "no key");
          });
        }

        test("a machine that is down is answered at once, and nothing is charged", async (t) => {
          const dead = await openWorld({ assistant: name, vars: { SHOPPER_LIMITS: "5/hour" } });
          t.after(() => dead.close());
          await dead.simulator.stop();
          const { response, text, line } = await dead.meet("ok");
          assert.equal(response.status, 502);
          assert.equal(JSON.parse(text).error, "upstream_invoke_error");
          assert.equal(line.attempts.length, 3);
          assert.equal(response.headers.get("x-ratelimit-remaining"), "5");
          assert.equal(line.refunded, true);
        });
      });
    }
  });

  suite("an assistant that is too slow", { concurrency: true }, () => {
    // As built, an answer of Omniops may take a minute. The native tests wait that long.
    for (const name of TRANSLATED.filter((other) => other !== "omniops as built")) {
      for (const fault of ["hang-before", "hang-after"]) {
        test(`${fault} of ${name} is answered after 25 s`, { timeout: 40_000 }, async (t) => {
          const world = await openWorld({ assistant: name });
          t.after(() => world.close());
          const started = Date.now();
          const { response, text, line, primary } = await world.meet(fault);
          const took = Date.now() - started;
          assert.equal(response.status, 504);
          assert.equal(JSON.parse(text).error, "upstream_timeout");
          assert.ok(took >= 24_500 && took < 35_000, `${took} ms`);
          assert.ok(line.upstream_ms < 28_000, `${line.upstream_ms} ms`);
          assert.equal(line.attempts.at(-1).ended, "timeout");
          assert.equal(primary.length, 1);
        });
      }
    }
  });

  // The request before the first message of a conversation, which has no text of the shopper's.
  suite("the fault of a chat's creation", { concurrency: 1 }, () => {
    const name = "homie";
    let world;
    before(async () => {
      world = await openWorld({ assistant: name, vars: { SHOPPER_LIMITS: "9/hour" } });
    });
    after(() => world.close());

    for (const [fault, times, ends, status, code, left] of [
      ["html-502", 1, ["gateway_failed", "continued", "answered"], 200, null, 8],
      ["html-502", 3, Array(3).fill("gateway_failed"), 502, "upstream_error", 9],
      ["status:522", 3, Array(3).fill("no_connection"), 502, "upstream_invoke_error", 9],
      ["error:401", 1, ["key_refused"], 500, "misconfigured_api_key", 9],
      ["error:403", 1, ["key_refused"], 500, "misconfigured_api_key", 9],
      ["error:404", 1, ["misconfigured_proxy"], 500, "misconfigured_proxy", 9],
      ["error:500", 2, Array(2).fill("upstream_error"), 502, "upstream_error", 9],
      ["not-json", 1, ["upstream_error"], 502, "upstream_error", 9],
      ["hostile-types", 1, ["continued", "answered"], 200, null, 8],
      ["empty", 1, ["upstream_empty_response"], 502, "upstream_empty_response", 9],
      ["truncated", 1, ["upstream_error"], 502, "upstream_error", 9],
    ]) {
      test(`${fault}, ${times} times: ${code ?? "answered"}`, async () => {
        await world.recover();
        await world.simulator.fault(String(fault), { endpoint: "create", times: Number(times) });
        const { response, text, line } = await world.meet("ok");
        assert.equal(response.status, status, text);
        if (code) assert.equal(JSON.parse(text).error, code);
        assert.deepEqual(
          line.attempts.map(({ ended }) => ended),
          ends,
        );
        assert.equal(response.headers.get("x-ratelimit-remaining"), String(left));
        assert.equal(line.refunded, left === 9 ? true : undefined);
        await world.simulator.noFault();
      });
    }
  });
});
