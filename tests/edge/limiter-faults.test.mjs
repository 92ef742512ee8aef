// A limiter that gives no answer lets nothing through.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { ORIGIN, SPIED, openWorld } from "./support/world.mjs";

suite("a limiter that", () => {
  for (const [breakage, detail] of [
    ["throw", "limiter: broken on purpose"],
    ["hang", "limiter: timeout"],
    ["babble", "limiter: unreadable answer"],
  ]) {
    test(`should ${breakage} refuses within its second, readably and in the log`, async (t) => {
      const world = await openWorld({ modules: SPIED, vars: { BREAK_LIMITER: breakage } });
      t.after(() => world.close());
      await world.caller().send("GET", "/healthz");
      const started = Date.now();
      const response = await world.caller().chat({ prompt: "hat" });
      assert.ok(Date.now() - started < 5_000);
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      assert.ok(Number(response.headers.get("retry-after")) > 0);
      assert.equal(response.headers.get("shopper-pass"), null);
      assert.equal((await response.json()).error, "limiter_unavailable");
      assert.deepEqual(await world.simulator.requests(), []);
      const line = await world.line(({ outcome }) => outcome === "limiter_unavailable");
      assert.equal(line.detail, detail);
      assert.equal(line.status, 503);
      assert.ok(line.total_ms < 2_000, `${line.total_ms} ms`);
    });
  }
});

suite("a limiter object", () => {
  test("whose storage throws once refuses once, and goes on from what is stored", async (t) => {
    const world = await openWorld({
      modules: SPIED,
      vars: { BREAK_LIMITER: "first-put", SHOPPER_LIMITS: "2/day" },
    });
    t.after(() => world.close());
    const caller = world.caller();
    assert.equal((await caller.chat({ prompt: "hat" })).status, 503);
    const second = await caller.chat({ prompt: "hat" });
    assert.equal(second.status, 200);
    const pass = { "shopper-pass": second.headers.get("shopper-pass") };
    assert.equal((await caller.chat({ prompt: "hat" }, pass)).status, 200);
    assert.equal((await caller.chat({ prompt: "hat" }, pass)).status, 429);
  });

  test("that cannot read what is stored refuses until its alarm, and is sound after that", async (t) => {
    const world = await openWorld({
      modules: SPIED,
      vars: { BREAK_LIMITER: "unreadable" },
    });
    t.after(() => world.close());
    const caller = world.caller();
    const response = await caller.chat({ prompt: "hat" });
    assert.equal(response.status, 503);
    const line = await world.line(({ outcome }) => outcome === "limiter_unavailable");
    assert.equal(line.detail, "limiter: the stored ledger cannot be read");
    await world.ringAlarms();
    assert.equal((await caller.chat({ prompt: "hat" })).status, 200);
  });
});
