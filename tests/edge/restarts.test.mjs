// `wrangler dev`, configured as wrangler documents it, and what a restart and a crash of the whole
// process leave of the limits.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import { startDev } from "./support/dev.mjs";
import { startSimulator } from "./support/simulator.mjs";
import { Caller, newKey, settings, tally } from "./support/world.mjs";

const CAP = 12;

/** A worker that can be ended and started again, with one shopper who has chatted once. */
async function begin(t) {
  const key = newKey();
  const folder = mkdtempSync(join(tmpdir(), "concierge-proxy-"));
  const simulator = await startSimulator([`${key}:internal`]);
  const vars = settings(simulator.baseUrl, { CONCIERGE_API_KEY: key, SHOPPER_LIMITS: `${CAP}/day` });
  let dev = await startDev(vars, folder);
  t.after(async () => {
    await dev.kill();
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const caller = new Caller(dev.url);
  const first = await caller.chat({ prompt: "first" });
  assert.equal(first.status, 200);
  const pass = { "shopper-pass": first.headers.get("shopper-pass") };
  return {
    chats: (count) => Promise.all(Array.from({ length: count }, () => caller.chat({ prompt: "more" }, pass))),
    again: async (end) => {
      await end(dev);
      dev = await startDev(vars, folder);
      caller.url = dev.url;
    },
  };
}

/** What is older than a second is written. */
function written() {
  return new Promise((resolve) => setTimeout(resolve, 3_000));
}

suite("wrangler dev", () => {
  test("takes its settings by --var, and its limits outlive a restart", async (t) => {
    const { chats, again } = await begin(t);
    assert.deepEqual(tally(await chats(5)), { 200: 5 });
    await written();
    await again((dev) => dev.stop());
    assert.deepEqual(tally(await chats(CAP)), { 200: CAP - 6, 429: 6 });
  });

  test("forgets at most the last second when it is killed", async (t) => {
    const { chats, again } = await begin(t);
    await chats(5);
    await written();
    await chats(1);
    await chats(2);
    await again((dev) => dev.kill());
    const { 200: passed } = tally(await chats(CAP));
    assert.ok(passed >= CAP - 9, `${passed} passed: something was counted twice`);
    assert.ok(passed <= CAP - 6, `${passed} passed: more than a second was forgotten`);
  });
});
