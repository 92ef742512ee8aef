// What is counted, on its way to the object of its day: once, in time, and kept as long as it is promised.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Merchant, newToken, passMidnight } from "./support/merchant.mjs";
import { BROKEN, DEPLOYED, esModule, eventually, openWorld } from "./support/world.mjs";

const ADMIN_TOKEN = newToken();
const DAY_MS = 86_400_000;
const SPIED = () => [esModule("tests/edge/support/spied-counts.js"), ...DEPLOYED()];

const open = async (t, options) => {
  const world = await openWorld({ vars: { ADMIN_TOKEN }, ...options });
  t.after(() => world.close());
  return { world, merchant: new Merchant(world, ADMIN_TOKEN) };
};

suite("what is counted", { concurrency: true }, () => {
  test("is stored at once and at the end of that second, and deleted 31 days after its day", async (t) => {
    await passMidnight();
    const { world } = await open(t, { modules: SPIED });
    await world.caller().chat({ prompt: "hat" });
    const day = `usage-${new Date().toISOString().slice(0, 10)}`;
    const ask = async (what) => /** @type {any} */ ((await fetch(`${world.url.origin}/${day}/${what}`)).json());
    const { stored, alarm } = await eventually(
      async () => {
        const spied = await ask("spy");
        return spied.puts === 2 && spied;
      },
      "the second write",
      12_000,
    );
    assert.ok(stored > 0);
    assert.equal(alarm, (Math.floor(Date.now() / DAY_MS) + 32) * DAY_MS);
    await ask("ring");
    assert.equal((await ask("spy")).stored, 0);
  });

  test("has the time until an answer by events began", async (t) => {
    const { world, merchant } = await open(t, { assistant: "homie", flags: ["--homie-pace=50"] });
    const response = await world.caller().chat({ prompt: "hat" }, { accept: "text/event-stream" });
    const [, begun] = response.headers.get("server-timing")?.match(/total;dur=(\d+)/) ?? [];
    assert.match(await response.text(), /^event: delta/m);
    assert.equal((await world.lineOf(response)).total_ms, Number(begun));
    const { chats, latency_ms: latency } = await merchant.usage(({ chats }) => chats.total > 0);
    assert.equal(chats.ok, 1);
    assert.ok(latency.total.p50 >= Number(begun) && latency.total.p50 <= Number(begun) * 1.125 + 1);
  });

  test("is an answer, too, that is passed on as it arrives", async (t) => {
    const { world, merchant } = await open(t, {});
    const { response } = await world.meet("stream");
    assert.equal(response.status, 200);
    assert.equal((await merchant.usage(({ chats }) => chats.total > 0)).chats.ok, 1);
  });

  test("is an error, too, if the answer breaks off", async (t) => {
    const { world, merchant } = await open(t, {});
    const { response, text } = await world.meet("stream-cut");
    assert.match(text, /event: error/);
    const report = await merchant.usage(({ upstream }) => upstream.errors > 0);
    assert.deepEqual([report.chats.ok, report.upstream], [1, { requests: 1, errors: 1 }]);
    const [{ request_id, outcome }] = report.errors;
    assert.deepEqual([request_id, outcome], [response.headers.get("x-request-id"), "upstream_error"]);
  });

  test("is one request, if its response cannot be made", async (t) => {
    const { world, merchant } = await open(t, { modules: BROKEN });
    const response = await world.caller().chat({ prompt: "hat" }, { "x-break": "response-once" });
    assert.equal(response.status, 500);
    const { chats } = await merchant.usage(({ chats }) => chats.total > 0);
    assert.deepEqual(chats.by_outcome, { internal_error: 1 });
  });
});
