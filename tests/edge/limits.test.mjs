// The limits hold: under real concurrency, across eviction of the object, and without a write that
// is not needed.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { NAMES } from "./support/assistants.mjs";
import { SPIED, atOnce, eventually, openWorld, tally } from "./support/world.mjs";

for (const name of NAMES) {
  suite(`200 requests at once to ${name}`, () => {
    const CAP = 20;
    let world;
    before(async () => {
      world = await openWorld({
        assistant: name,
        vars: { SHOPPER_LIMITS: `${CAP}/day`, NETWORK_LIMITS: "60/day", NEWCOMER_LIMITS: "40/day" },
      });
    });
    after(() => world.close());

    test("of one shopper against a cap of 20: exactly 20 pass", async () => {
      let prompt;
      const all = await atOnce(async (tries) => {
        prompt = `at once, ${tries}`;
        const caller = world.caller();
        const first = await caller.chat({ prompt: "first" });
        const pass = { "shopper-pass": first.headers.get("shopper-pass") };
        const rest = Array.from({ length: 199 }, () => caller.chat({ prompt }, pass));
        return [first, ...(await Promise.all(rest))];
      });
      assert.deepEqual(tally(all), { 200: CAP, 429: 200 - CAP });
      assert.equal((await world.simulator.requestsWith(prompt)).length, CAP - 1);
    });

    test("of newcomers on one network against a cap of 40: exactly 40 pass", async () => {
      const all = await atOnce(() => {
        const { address } = world.caller();
        return Promise.all(Array.from({ length: 200 }, () => world.caller({ address }).chat({ prompt: "new" })));
      });
      assert.deepEqual(tally(all), { 200: 40, 429: 160 });
      const refused = await all.find(({ status }) => status === 429).json();
      assert.equal(refused.tier, "newcomer");
    });

    test("of many shoppers on one network against a cap of 60: exactly 60 pass", async () => {
      const all = await atOnce(async () => {
        const { address } = world.caller();
        const chat = (headers) => world.caller({ address }).chat({ prompt: "crowd" }, headers);
        const firsts = await Promise.all(Array.from({ length: 40 }, () => chat({})));
        const passes = firsts.map(({ headers }) => headers.get("shopper-pass"));
        const pass = (i) => ({ "shopper-pass": passes[i % passes.length] });
        return [...firsts, ...(await Promise.all(Array.from({ length: 200 }, (_, i) => chat(pass(i)))))];
      });
      assert.deepEqual(tally(all), { 200: 60, 429: 180 });
      const refused = await all.find(({ status }) => status === 429).json();
      assert.equal(refused.tier, "network");
    });

    test("of one shopper whose object is evicted in the middle: exactly 20 pass", async () => {
      const caller = world.caller();
      const first = await caller.chat({ prompt: "first" });
      const pass = { "shopper-pass": first.headers.get("shopper-pass") };
      const chats = () => Promise.all(Array.from({ length: 15 }, () => caller.chat({ prompt: "evicted" }, pass)));
      const before = await chats();
      await world.evictLimiters();
      assert.deepEqual(tally([first, ...before, ...(await chats())]), { 200: CAP, 429: 11 });
    });
  });
}

// The object does not know which assistant its chats are for.
suite("the object", () => {
  test("counts on after its eviction", async (t) => {
    const world = await openWorld({ vars: { SHOPPER_LIMITS: "3/day" } });
    t.after(() => world.close());
    const caller = world.caller();
    const first = await caller.chat({ prompt: "one" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    await caller.chat({ prompt: "two" }, pass);
    await world.evictLimiters();
    assert.equal((await caller.chat({ prompt: "three" }, pass)).status, 200);
    await world.evictLimiters();
    assert.equal((await caller.chat({ prompt: "four" }, pass)).status, 429);
  });

  test("writes nothing for a refusal", async (t) => {
    const world = await openWorld({ modules: SPIED, vars: { SHOPPER_LIMITS: "1/day" } });
    t.after(() => world.close());
    const caller = world.caller();
    const first = await caller.chat({ prompt: "one" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    const [before] = await world.spyOnLimiters();
    assert.equal(before.put, 1);
    const refused = await Promise.all(Array.from({ length: 10 }, () => caller.chat({ prompt: "over" }, pass)));
    assert.deepEqual(tally(refused), { 429: 10 });
    // Were a refusal to write, it would have by the end of the second.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const [after] = await world.spyOnLimiters();
    assert.ok(after.admit > before.admit, "the object was asked");
    assert.deepEqual({ ...after, admit: before.admit }, before);
  });

  test("counts no refusal", async (t) => {
    const world = await openWorld({ vars: { SHOPPER_LIMITS: "2/day", NETWORK_LIMITS: "3/day" } });
    t.after(() => world.close());
    const caller = world.caller();
    const first = await caller.chat({ prompt: "one" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    const more = [];
    for (let i = 0; i < 5; i += 1) more.push(await caller.chat({ prompt: "more" }, pass));
    assert.deepEqual(tally(more), { 200: 1, 429: 4 });
    // The network's third place is still there, though its shopper was refused four times.
    assert.equal((await caller.chat({ prompt: "somebody else" })).status, 200);
    assert.equal((await caller.chat({ prompt: "a fourth" })).status, 429);
  });

  test("is not asked again for a shopper whom it has refused, until that may have changed", async (t) => {
    const world = await openWorld({
      modules: SPIED,
      vars: { SHOPPER_LIMITS: "1/minute", NEWCOMER_LIMITS: "1/minute" },
    });
    t.after(() => world.close());
    const caller = world.caller();
    const first = await caller.chat({ prompt: "one" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    for (const headers of [pass, {}]) {
      const refused = [];
      for (let i = 0; i < 10; i += 1) refused.push(await caller.chat({ prompt: "over" }, headers));
      assert.deepEqual(tally(refused), { 429: 10 });
      const waits = refused.map((response) => Number(response.headers.get("retry-after")));
      assert.ok(
        waits.every((wait) => wait > 50 && wait <= 60),
        waits.join(),
      );
    }
    const [{ admit }] = await world.spyOnLimiters();
    assert.equal(admit, 3, "the admission, a refusal of the shopper, and one of newcomers");
  });

  test("writes at once, then once a second, and sets one alarm", async (t) => {
    const world = await openWorld({ modules: SPIED });
    t.after(() => world.close());
    const caller = world.caller();
    await caller.chat({ prompt: "one" });
    const [{ put, setAlarm, alarm }] = await world.spyOnLimiters();
    assert.deepEqual({ put, setAlarm }, { put: 1, setAlarm: 1 });
    assert.ok(alarm > Date.now());
    await Promise.all(Array.from({ length: 50 }, () => caller.chat({ prompt: "many" })));
    const flushed = await eventually(async () => {
      const [after] = await world.spyOnLimiters();
      return after.put > 1 && after;
    }, "the flush");
    assert.ok(flushed.put <= 3, `${flushed.put} writes`);
    assert.equal(flushed.setAlarm, 1);
  });

  test("refuses no newcomer's place to the shoppers who are known", async (t) => {
    const world = await openWorld({ vars: { NEWCOMER_LIMITS: "1/day" } });
    t.after(() => world.close());
    const caller = world.caller();
    const first = await caller.chat({ prompt: "known" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    assert.equal((await caller.chat({ prompt: "new" })).status, 429);
    assert.equal((await caller.chat({ prompt: "known" }, pass)).status, 200);
  });

  test("drops by its alarm what no window needs, and its storage with the last of it", async (t) => {
    const caps = "5/second";
    const world = await openWorld({
      modules: SPIED,
      vars: { SHOPPER_LIMITS: caps, NEWCOMER_LIMITS: caps, NETWORK_LIMITS: caps },
    });
    t.after(() => world.close());
    await world.caller().chat({ prompt: "soon forgotten" });
    const [cleared] = await eventually(async () => {
      const all = await world.spyOnLimiters();
      return all.every(({ deleteAll }) => deleteAll === 1) && all;
    }, "the clearing");
    assert.ok(cleared.put >= 1 && cleared.setAlarm >= 1, "it was stored, and an alarm was set");
    assert.deepEqual({ stored: cleared.stored, alarm: cleared.alarm }, { stored: null, alarm: null });
  });
});
