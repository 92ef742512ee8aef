// How a question fails: always by one error, which says what is known.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";

import { Concierge, ConciergeError } from "@concierge-proxy/client";

import { settle, stopClock } from "./support/clock.mjs";
import {
  REQUEST_ID,
  URL_OF_WORKER,
  answer,
  capabilities,
  events,
  json,
  refusal,
  silence,
  workerWith,
} from "./support/worker.mjs";

const clientOf = (worker) => new Concierge({ url: URL_OF_WORKER, storage: "memory", fetch: worker.fetch });

/** Returns the error that a question fails with. */
async function errorOf(asked) {
  const error = await asked.then(
    () => assert.fail("there was an answer"),
    (error) => error,
  );
  assert.ok(error instanceof ConciergeError && error instanceof Error, error);
  assert.equal(error.name, "ConciergeError");
  return error;
}

suite("an error", () => {
  for (const [status, code, headers, more] of /** @type {[number, string, Record<string, string>, object][]} */ ([
    [400, "missing_prompt", {}, {}],
    [403, "origin_not_allowed", {}, {}],
    [404, "session_not_found", {}, {}],
    [409, "in_progress", { "Retry-After": "12" }, {}],
    [429, "rate_limited", { "Retry-After": "1800" }, { tier: "network", limit_window: "hour" }],
    [500, "internal_error", {}, {}],
    [502, "upstream_error", {}, {}],
    [504, "upstream_timeout", {}, {}],
  ])) {
    test(`says what ${status} ${code} says`, async () => {
      const worker = workerWith(refusal(status, code, headers, more));
      const error = await errorOf(clientOf(worker).ask("A gift"));
      const { message, requestId, retryAfter, tier } = error;
      assert.deepEqual([error.code, error.status], [code, status]);
      assert.deepEqual([message, requestId], [`About ${code}.`, REQUEST_ID]);
      assert.equal(retryAfter, headers["Retry-After"] && Number(headers["Retry-After"]));
      assert.equal(tier, "tier" in more ? more.tier : undefined);
    });
  }

  test("is unreachable without an answer, and has its cause", async () => {
    const cause = new TypeError("Failed to fetch");
    const error = await errorOf(clientOf(workerWith(cause)).ask("A gift"));
    assert.deepEqual([error.code, error.status, error.cause], ["unreachable", undefined, cause]);
  });

  for (const [what, response] of /** @type {[string, () => Response][]} */ ([
    ["is no JSON", () => new Response("<html>", { status: 200, headers: { "X-Request-Id": REQUEST_ID } })],
    ["is null", () => json(null)],
    ["is a page of a gateway", () => new Response("<html>", { status: 500, headers: { "X-Request-Id": REQUEST_ID } })],
    [
      "breaks off",
      () => {
        const body = events(['{"session_id":', new TypeError("terminated")]).body;
        return new Response(body, { headers: { "X-Request-Id": REQUEST_ID } });
      },
    ],
  ])) {
    test(`is unreadable if the answer ${what}`, async () => {
      const error = await errorOf(clientOf(workerWith(response())).ask("A gift"));
      assert.deepEqual([error.code, error.requestId], ["unreadable", REQUEST_ID]);
    });
  }
});

suite("a timeout", () => {
  test("ends a question after 65 seconds, and its request with it", async (t) => {
    const pass = stopClock(t);
    let signal;
    const worker = workerWith((given) => {
      signal = given;
      return silence(given);
    });
    const asked = errorOf(clientOf(worker).ask("A gift"));
    await pass(64_900);
    assert.equal(signal.aborted, false);
    await pass(100);
    assert.equal((await asked).code, "timeout");
    assert.equal(signal.aborted, true);
    assert.equal(worker.requests.length, 1);
  });

  test("ends an answer that stands still", async (t) => {
    const pass = stopClock(t);
    const stuck = new Response(new ReadableStream({}), { headers: { "Content-Type": "application/json" } });
    const asked = errorOf(clientOf(workerWith(stuck)).ask("A gift"));
    await pass(65_000);
    assert.equal((await asked).code, "timeout");
  });

  test("leaves no timer behind after an answer", async (t) => {
    const pass = stopClock(t);
    let signal;
    const worker = workerWith(async (given) => {
      signal = given;
      return answer();
    });
    await clientOf(worker).ask("A gift");
    await pass(70_000);
    assert.equal(signal.aborted, false);
  });
});

suite("an abort", () => {
  test("is not listened for any more after an answer", async () => {
    const { signal } = new AbortController();
    await clientOf(workerWith(answer())).ask("A gift", { signal });
    assert.deepEqual(getEventListeners(signal, "abort"), []);
  });

  test("before a question sends nothing", async () => {
    const worker = workerWith();
    const error = await errorOf(clientOf(worker).ask("A gift", { signal: AbortSignal.abort() }));
    assert.equal(error.code, "aborted");
    assert.deepEqual(worker.requests, []);
  });

  test("ends a question that is under way, and its request with it", async () => {
    const controller = new AbortController();
    let signal;
    const worker = workerWith((given) => {
      signal = given;
      return silence(given);
    });
    const asked = errorOf(clientOf(worker).ask("A gift", { signal: controller.signal }));
    await settle();
    controller.abort();
    assert.equal((await asked).code, "aborted");
    assert.equal(signal.aborted, true);
  });

  test("ends a wait, and nothing more is sent", async (t) => {
    const pass = stopClock(t);
    const controller = new AbortController();
    const worker = workerWith(refusal(429, "rate_limited", { "Retry-After": "5" }));
    const asked = errorOf(clientOf(worker).ask("A gift", { signal: controller.signal }));
    await pass(2_000);
    controller.abort();
    assert.equal((await asked).code, "aborted");
    await pass(10_000);
    assert.equal(worker.requests.length, 1);
  });

  test("ends an answer in parts, and no listener hears more", async () => {
    const controller = new AbortController();
    const heard = [];
    const delta = (text) => `event: delta\ndata: ${JSON.stringify({ text })}\n\n`;
    const worker = workerWith(capabilities({ streaming: true }), events([delta("a") + delta("b"), delta("c")]));
    const onDelta = (text) => {
      heard.push(text);
      controller.abort();
    };
    const error = await errorOf(clientOf(worker).ask("A gift", { signal: controller.signal, onDelta }));
    await settle();
    assert.deepEqual([error.code, heard], ["aborted", ["a"]]);
  });

  test("ends a history, too", async () => {
    const controller = new AbortController();
    const worker = workerWith(answer(), capabilities({ history: true }), silence);
    const client = clientOf(worker);
    await client.ask("A gift");
    const asked = errorOf(client.history({ signal: controller.signal }));
    await settle();
    controller.abort();
    assert.equal((await asked).code, "aborted");
  });
});
