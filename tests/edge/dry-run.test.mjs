// Limits that are only tried out, in the bundle that would be deployed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { openWorld } from "./support/world.mjs";

suite("limits that are only tried out", () => {
  test("refuse nothing, and say of each chat what they would have done", async (t) => {
    const vars = {
      LIMITS_DRY_RUN: "on",
      SHOPPER_LIMITS: "2/hour",
      NEWCOMER_LIMITS: "9/hour",
      NETWORK_LIMITS: "9/hour",
    };
    const world = await openWorld({ vars });
    t.after(() => world.close());
    const health = await fetch(new URL("/healthz", world.url));
    assert.deepEqual(await health.json(), { status: "ok", limits: "dry_run" });
    const caller = world.caller();
    const first = await caller.chat({ prompt: "a hat" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    const answers = [first];
    while (answers.length < 5) answers.push(await caller.chat({ prompt: "a hat" }, pass));
    assert.deepEqual(
      answers.map(({ status, headers }) => [status, headers.get("x-ratelimit-dry-run")]),
      [
        ...Array(2).fill([200, "admitted"]),
        // Nothing about it is remembered, so each one goes to the limiter and to the assistant.
        ...Array(3).fill([200, "refused; tier=shopper; window=hour"]),
      ],
    );
    assert.equal((await world.simulator.requestsWith("a hat")).length, 5);
    assert.match(first.headers.get("access-control-expose-headers") ?? "", /X-RateLimit-Dry-Run/);
    const line = await world.lineOf(answers[4]);
    assert.deepEqual([line.outcome, line.dry_run, line.budget, line.window], ["ok", true, "shopper", "hour"]);
  });
});
