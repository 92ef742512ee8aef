// What is over leaves nothing behind: the short form of `npm run soak`.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Random } from "../chaos/random.mjs";
import * as chats from "../soak/chats.mjs";
import * as limiters from "../soak/limiters.mjs";
import * as leavers from "../soak/leavers.mjs";
import * as faults from "../soak/faults.mjs";
import { repeat } from "../soak/repetitions.mjs";

/** @type {[act: typeof chats | typeof faults | typeof limiters | typeof leavers, count: number][]} */
const SHORT = [
  [limiters, 40],
  [leavers, 32],
  [faults, 4],
  [chats, 200],
];

suite("nothing is left of", { concurrency: true }, () => {
  for (const [act, count] of SHORT) {
    test(act.NAME, async () => {
      const { broken } = await repeat(act, { repetitions: 2, count, random: new Random(1) });
      assert.deepEqual(broken, []);
    });
  }
});
