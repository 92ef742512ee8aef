// What a chat may cost, in figures that are the same on every machine: each fails when it grows.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";

import { countCalls } from "../../bench/counting.mjs";
import { ROOT, SPIED, openWorld, tally } from "./support/world.mjs";

/** Kilobytes (1,000 bytes) of gzip: all that is uploaded. */
const GZIP_KB = 192;
/** Calls from wasm to JavaScript. */
const CALLS = {
  accepted: { worker: 77, object: 1 },
  refused: { worker: 22, object: 0 },
};
const LIMITERS = 60;
/** More at once might wait so long for a limiter to start that they are refused. */
const AT_ONCE = 20;

suite("the budget", () => {
  test(`of the upload: ${GZIP_KB} KB gzip`, () => {
    const files = readdirSync(join(ROOT, "dist")).filter((name) => /\.(wasm|js)$/.test(name));
    const bytes = files.map((name) => gzipSync(readFileSync(join(ROOT, "dist", name)), { level: 9 }));
    const size = bytes.reduce((sum, { length }) => sum + length, 0) / 1_000;
    assert.ok(size <= GZIP_KB, `${size.toFixed(1)} KB`);
  });

  test("of calls from wasm to JavaScript", async () => {
    for (const [kind, { worker, object }] of Object.entries(await countCalls())) {
      assert.ok(worker <= CALLS[kind].worker, `${worker} in the worker, ${kind}`);
      assert.ok(object <= CALLS[kind].object, `${object} in the object, ${kind}`);
    }
  });

  test("of chats that come alone: one object call and two rows each", async (t) => {
    const world = await openWorld({ modules: SPIED });
    t.after(() => world.close());
    const answers = [];
    while (answers.length < LIMITERS) {
      const chats = Array.from({ length: AT_ONCE }, () => world.caller().chat({ prompt: "alone" }));
      answers.push(...(await Promise.all(chats)));
    }
    assert.deepEqual(tally(answers), { 200: LIMITERS });
    const spies = await world.spyOnLimiters();
    const sum = (name) => spies.reduce((total, spy) => total + spy[name], 0);
    assert.equal(spies.length, LIMITERS);
    assert.equal(sum("admit"), LIMITERS);
    assert.equal(sum("put") + sum("setAlarm"), 2 * LIMITERS);
  });
});
