// A limiter that gives no answer lets nothing through.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { ORIGIN, SPIED, openWorld } from "./support/world.mjs";

suite("a limiter that", () => {
  for (const [breakage, detail] of [
    ["throw", "limiter: failed"],
    ["hang", "limiter: timeout"],
    ["babble", "limiter: unreadable"],
  ]) {
    test(`should ${breakage} refuses within its second, readably and in the log`, async (t) => {
      const world = await openWorld({ modules: SPIED, vars: { BREAK_LIMITER: breakage } });
      t.after(() => world.close());
      const started = Date.now();
      const response = await world.caller().chat({ prompt: "hat" });
      assert.ok(Date.now() - started < 2_000);
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      assert.ok(Number(response.headers.get("retry-after")) > 0);
      assert.equal(response.headers.get("shopper-pass"), null);
      assert.equal((await response.json()).error, "limiter_unavailable");
      assert.deepEqual(await world.simulator.requests(), []);
      const line = await world.line(({ outcome }) => outcome === "limiter_unavailable");
      assert.equal(line.detail, detail);
      assert.equal(line.status, 503);
    });
  }
});
