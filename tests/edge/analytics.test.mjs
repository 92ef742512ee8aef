// The data points of chats, from the bundle that would be deployed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DEPLOYED, esModule, eventually, openWorld } from "./support/world.mjs";

const modules = () => [esModule("tests/edge/support/analysed-worker.js"), ...DEPLOYED()];

suite("a dataset", () => {
  test("gets one data point of each chat, with the figures of its log line", async (t) => {
    const world = await openWorld({ modules });
    t.after(() => world.close());
    const caller = world.caller();
    const answer = await caller.chat({ prompt: "a hat" });
    const refusal = await caller.chat({ prompt: "" });
    await caller.send("GET", "/v1/concierge/capabilities");
    await caller.history("none");
    /** @type {{ indexes: string[], blobs: string[], doubles: number[] }[]} */
    const points = await (await fetch(new URL("/points", world.url))).json().then((all) => /** @type {any} */ (all));
    const lines = [await world.lineOf(answer), await world.lineOf(refusal)];
    assert.deepEqual(
      points.map(({ indexes, blobs, doubles }) => [indexes[0], blobs[1], blobs[4], blobs[5], doubles[0], doubles[1]]),
      lines.map((line) => [
        line.outcome,
        "sales-associate",
        line.shopper ?? "",
        line.limiter ?? "",
        line.status,
        line.total_ms,
      ]),
    );
    assert.deepEqual([points[0].blobs.length, points[0].doubles.length], [8, 7]);
    assert.ok(!JSON.stringify(points).includes("a hat"));
  });

  test("that fails costs no chat, and is reported", async (t) => {
    const world = await openWorld({ modules, vars: { BREAK_DATASET: "yes" } });
    t.after(() => world.close());
    assert.equal((await world.caller().chat({ prompt: "a hat" })).status, 200);
    const isReported = () => world.logs.some(({ message }) => message.includes("the data point was not written"));
    await eventually(isReported, "the report");
  });
});
