// Where limiter objects are: what the platform is told with each call, by the bundle that would be deployed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DEPLOYED, esModule, openWorld } from "./support/world.mjs";

const modules = () => [esModule("tests/edge/support/placed-worker.js"), ...DEPLOYED()];

suite("a limiter", () => {
  for (const [vars, told] of /** @type {const} */ ([
    [{}, [null, null]],
    [{ LIMITER_LOCATION: "enam" }, [null, { locationHint: "enam" }]],
    [{ LIMITER_JURISDICTION: "eu" }, ["eu", null]],
    [{ LIMITER_JURISDICTION: "eu", LIMITER_LOCATION: "weur" }, ["eu", { locationHint: "weur" }]],
  ])) {
    test(`is addressed as ${JSON.stringify(told)}`, async (t) => {
      const world = await openWorld({ modules, vars });
      t.after(() => world.close());
      assert.equal((await world.caller().chat({ prompt: "a hat" })).status, 200);
      assert.deepEqual(await (await fetch(new URL("/told", world.url))).json(), [told]);
    });
  }
});
