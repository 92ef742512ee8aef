// What is sent again, how often, and after how long.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Concierge } from "@concierge-proxy/client";

import { stopClock } from "./support/clock.mjs";
import { URL_OF_WORKER, answer, json, refusal, workerWith } from "./support/worker.mjs";

const clientOf = (worker) => new Concierge({ url: URL_OF_WORKER, storage: "memory", fetch: worker.fetch });
const PAGE = { products: [], next_page: null, request_id: "x" };
/** No retry waits longer after what the worker asks for. */
const SOON_MS = 1_000;

/** @typedef {[status: number, code: string, retryAfter?: number]} Row */

suite("a question", () => {
  for (const [status, code, retryAfter] of /** @type {Row[]} */ ([
    [502, "upstream_error"],
    [502, "upstream_invoke_error"],
    [503, "upstream_error"],
    [503, "unknown"],
    [504, "upstream_timeout"],
    [500, "internal_error"],
    [500, "internal_error", 1],
    [504, "upstream_timeout", 1],
    [503, "unknown", 1],
  ])) {
    test(`may have been a turn after ${status} ${code}${retryAfter ? " with a wait" : ""}, so it is not sent again`, async (t) => {
      const pass = stopClock(t);
      /** @type {Record<string, string>} */
      const headers = retryAfter ? { "Retry-After": String(retryAfter) } : {};
      const worker = workerWith(refusal(status, code, headers));
      const asked = assert.rejects(clientOf(worker).ask("A gift"), { code });
      await pass(10_000);
      await asked;
      assert.equal(worker.requests.length, 1);
    });
  }

  test("is not sent again without a connection", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(new TypeError("Failed to fetch"));
    const asked = assert.rejects(clientOf(worker).ask("A gift"), { code: "unreachable" });
    await pass(10_000);
    await asked;
    assert.equal(worker.requests.length, 1);
  });

  test("is not sent again after a gateway's own 502, which may hide an answer", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(new Response("<html>", { status: 502, headers: { "Retry-After": "1" } }));
    const asked = assert.rejects(clientOf(worker).ask("A gift"), { code: "unreadable", status: 502 });
    await pass(10_000);
    await asked;
    assert.equal(worker.requests.length, 1);
  });

  for (const [status, code, retryAfter] of /** @type {[number, string, number][]} */ ([
    [503, "limiter_unavailable", 5],
    [502, "upstream_invoke_error", 3],
  ])) {
    test(`that the worker did not take (${status} ${code}) is sent once more, not before it may be`, async (t) => {
      const pass = stopClock(t);
      const refused = () => refusal(status, code, { "Retry-After": String(retryAfter) });
      const worker = workerWith(refused(), answer());
      const asked = clientOf(worker).ask("A gift");
      await pass(retryAfter * 1_000);
      assert.equal(worker.requests.length, 1);
      await pass(SOON_MS);
      assert.equal((await asked).session_id, "session-1");
      assert.equal(worker.requests.length, 2);

      const twice = workerWith(refused(), refused());
      const failed = assert.rejects(clientOf(twice).ask("A gift"), { code });
      await pass(20_000);
      await failed;
      assert.equal(twice.requests.length, 2);
    });
  }

  test("that would have to wait longer than 20 seconds is not sent again", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(refusal(502, "upstream_error", { "Retry-After": "21" }));
    const asked = assert.rejects(clientOf(worker).ask("A gift"), { retryAfter: 21 });
    await pass(30_000);
    await asked;
    assert.equal(worker.requests.length, 1);
  });
});

suite("a page of products", () => {
  for (const status of [502, 503, 504]) {
    test(`is asked for once more after a ${status}`, async (t) => {
      const pass = stopClock(t);
      const worker = workerWith(refusal(status, "upstream_error"), json(PAGE));
      const asked = clientOf(worker).nextPage("p");
      await pass(SOON_MS);
      assert.deepEqual(await asked, PAGE);
    });
  }

  test("is asked for twice at most", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(refusal(504, "upstream_timeout"), refusal(502, "upstream_error"));
    const asked = assert.rejects(clientOf(worker).nextPage("p"), { code: "upstream_error" });
    await pass(10_000);
    await asked;
    assert.equal(worker.requests.length, 2);
  });

  test("is not asked for again after any other failure", async (t) => {
    const pass = stopClock(t);
    for (const [status, code] of /** @type {Row[]} */ ([
      [404, "page_not_found"],
      [500, "internal_error"],
    ])) {
      const worker = workerWith(refusal(status, code));
      const asked = assert.rejects(clientOf(worker).nextPage("p"), { code });
      await pass(5_000);
      await asked;
      assert.equal(worker.requests.length, 1);
    }
  });

  test("is asked for again at a moment that differs from page to page", async (t) => {
    const pass = stopClock(t);
    const moments = [];
    for (const random of [0, 0.99]) {
      t.mock.method(Math, "random", () => random);
      const began = Date.now();
      const worker = workerWith(refusal(503, "upstream_error"), async () => {
        moments.push(Date.now() - began);
        return json(PAGE);
      });
      const asked = clientOf(worker).nextPage("p");
      await pass(SOON_MS);
      await asked;
    }
    assert.ok(moments[0] >= 500 && moments[1] - moments[0] >= 400, String(moments));
  });
});

suite("a budget that is used up", () => {
  test("is waited out once, and each second says how many are left", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(refusal(429, "rate_limited", { "Retry-After": "3" }), answer());
    const client = clientOf(worker);
    const heard = [];
    client.addEventListener("limited", (event) => heard.push([event.detail.seconds, Date.now()]));
    const began = Date.now();
    const asked = client.ask("A gift");
    await pass(2_900);
    assert.equal(worker.requests.length, 1);
    await pass(100);
    await asked;
    assert.equal(worker.requests.length, 2);
    assert.deepEqual(
      heard.map(([seconds, at]) => [seconds, at - began]),
      [
        [3, 0],
        [2, 1_000],
        [1, 2_000],
        [0, 3_000],
      ],
    );
  });

  test("is waited out for a page of products, too", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(refusal(429, "rate_limited", { "Retry-After": "1" }), json(PAGE));
    const asked = clientOf(worker).nextPage("p");
    await pass(1_000);
    assert.deepEqual(await asked, PAGE);
  });

  test("is not waited out a second time", async (t) => {
    const pass = stopClock(t);
    const refused = () => refusal(429, "rate_limited", { "Retry-After": "2" }, { tier: "shopper" });
    const worker = workerWith(refused(), refused());
    const asked = assert.rejects(clientOf(worker).ask("A gift"), {
      code: "rate_limited",
      retryAfter: 2,
      tier: "shopper",
    });
    await pass(10_000);
    await asked;
    assert.equal(worker.requests.length, 2);
  });

  for (const [seconds, sent] of [
    ["20", 2],
    ["21", 1],
    ["soon", 1],
  ]) {
    test(`for ${seconds} seconds leads to ${sent} requests`, async (t) => {
      const pass = stopClock(t);
      const worker = workerWith(refusal(429, "rate_limited", { "Retry-After": String(seconds) }), answer());
      const asked = clientOf(worker)
        .ask("A gift")
        .catch(() => {});
      await pass(30_000);
      await asked;
      assert.equal(worker.requests.length, sent);
    });
  }

  test("may follow a retry, and each is done once", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(
      refusal(503, "limiter_unavailable", { "Retry-After": "5" }),
      refusal(429, "rate_limited", { "Retry-After": "1" }),
      answer(),
    );
    const asked = clientOf(worker).ask("A gift");
    await pass(7_100);
    await asked;
    assert.equal(worker.requests.length, 3);
  });

  test("is counted in whole seconds though timers are a little late", async (t) => {
    const pass = stopClock(t);
    const client = clientOf(workerWith(refusal(429, "rate_limited", { "Retry-After": "3" }), answer()));
    const heard = [];
    client.addEventListener("limited", ({ detail }) => heard.push(detail.seconds));
    const asked = client.ask("A gift");
    for (let second = 0; second < 4; second++) {
      await pass(1);
      t.mock.timers.setTime(Date.now() + 1_003);
    }
    await pass(1);
    await asked;
    assert.deepEqual(heard, [3, 2, 1, 0]);
  });

  test("is waited out in time on a page whose timers are slowed down", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(refusal(429, "rate_limited", { "Retry-After": "10" }), answer());
    const asked = clientOf(worker).ask("A gift");
    await pass(1);
    // The browser wakes the page once, a minute later.
    t.mock.timers.setTime(Date.now() + 60_000);
    await pass(1);
    await asked;
  });
});
