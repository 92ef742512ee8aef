// A chat that the engine never had costs its shopper nothing; any other one is charged.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, TRANSLATED } from "./support/assistants.mjs";
import { postRaw } from "./support/socket.mjs";
import { eventually, newKey, openWorld } from "./support/world.mjs";

const CAP = 50;

/**
 * A test in a world of its own, with these settings.
 *
 * @param {string} name
 * @param {import("./support/world.mjs").WorldOptions} options
 * @param {(world: any) => Promise<void>} run
 */
const inWorld = (name, { vars, ...options }, run) =>
  test(name, async (t) => {
    const world = await openWorld({ ...options, vars: { SHOPPER_LIMITS: `${CAP}/hour`, ...vars } });
    t.after(() => world.close());
    await run(world);
  });

const remaining = ({ response }) => Number(response.headers.get("x-ratelimit-remaining"));

/** A shopper with a pass, who has had one chat. */
async function shopper(world) {
  const caller = world.caller();
  const first = await world.meet("ok", caller);
  assert.equal(first.response.status, 200, first.text);
  const pass = { "shopper-pass": first.response.headers.get("shopper-pass") };
  return { caller, pass, meet: (fault) => world.meet(fault, caller, pass) };
}

/** What is refunded, and what the shopper is told then. */
const GIVEN_BACK = [
  ["status:522", 502],
  ["status:530", 502],
  ["error:invalid_api_key", 500],
  ["error:rate_limited", 429],
  ["error:invalid_api_key", 500, { keyNext: newKey() }],
  ["status:522", 502, { fallback: true }],
];

/** What is charged, once, however many attempts it took. */
const CHARGED = [
  ["ok", 200],
  ["html-502", 502],
  ["html-504", 502],
  ["not-json", 502],
  ["error:missing_prompt", 400],
  ["error:upstream_function_error", 502],
  ["error:upstream_error", 502],
  ["reset-before", 502],
  ["reset-after", 502],
  ["truncated", 502],
  ["hang-after", 504],
  ["status:522 | ok", 200],
  // One of its attempts reached the engine.
  ["error:upstream_function_error | status:522", 502],
  ["status:522 | html-502 | status:522", 502],
];

/** What holds for every assistant: a world for each, with one attempt, so that nothing is learnt for the next test. */
const EVERYWHERE = {
  "given back": [
    ["status:522", 502],
    ["status:530", 502],
  ],
  charged: [
    ["ok", 200],
    ["html-502", 502],
    ["html-504", 502],
    ["not-json", 502],
    ["empty-chunked", 502],
    ["reset-before", 502],
    ["reset-after", 502],
    ["truncated", 502],
  ],
};

suite("giving back", { concurrency: 8 }, () => {
  for (const [fault, status, options = {}] of GIVEN_BACK) {
    const where = Object.keys(options).join();
    inWorld(`${fault} ${where} costs nothing`, options, async (world) => {
      const { meet } = await shopper(world);
      const met = await meet(fault);
      assert.equal(met.response.status, status, met.text);
      assert.equal(remaining(met), CAP - 1);
      assert.equal(met.line.refunded, true);
    });
  }

  for (const [fault, status] of CHARGED) {
    inWorld(`${fault} is charged`, {}, async (world) => {
      const { meet } = await shopper(world);
      const met = await meet(fault);
      assert.equal(met.response.status, status, met.text);
      assert.equal(remaining(met), CAP - 2);
      assert.equal(met.line.refunded, undefined);
      assert.equal(remaining(await meet("ok")), CAP - 3);
    });
  }

  inWorld("a chat whose shopper left is charged", {}, async (world) => {
    const { pass, meet } = await shopper(world);
    const prompt = "gone before the answer";
    await world.prepare(prompt, "delay:5000");
    const body = JSON.stringify({ prompt });
    const headers = `Content-Length: ${body.length}\r\nShopper-Pass: ${pass["shopper-pass"]}`;
    const { socket } = postRaw(world.url, headers, [body]);
    const arrived = async () => (await world.simulator.requestsWith(prompt)).length === 1;
    await eventually(arrived, "the chat upstream");
    socket.resetAndDestroy();
    const line = await world.line(({ outcome }) => outcome === "shopper_left");
    assert.deepEqual(line.attempts, [{ url: "primary", key: "current", ended: "shopper_left" }]);
    assert.equal(line.refunded, undefined);
    assert.equal(remaining(await meet("ok")), CAP - 3);
  });

  inWorld("the network has its place back", { vars: { NETWORK_LIMITS: "2/hour" } }, async (world) => {
    const { meet } = await shopper(world);
    await meet("status:522");
    assert.equal((await meet("ok")).response.status, 200);
    const refused = await meet("ok");
    assert.equal(refused.response.status, 429);
    assert.equal(JSON.parse(refused.text).tier, "network");
  });

  inWorld("a newcomer's place is kept", { vars: { NEWCOMER_LIMITS: "1/hour" } }, async (world) => {
    const caller = world.caller();
    const first = await world.meet("status:522", caller);
    assert.equal(first.line.refunded, true);
    const second = await world.meet("ok", caller);
    assert.equal(second.response.status, 429);
    assert.equal(JSON.parse(second.text).tier, "newcomer");
    // The first one is no newcomer any more.
    const pass = { "shopper-pass": first.response.headers.get("shopper-pass") };
    assert.equal((await world.meet("ok", caller, pass)).response.status, 200);
  });

  inWorld("ten a minute, the eleventh is charged", { vars: { UPSTREAM_ATTEMPTS: "1" } }, async (world) => {
    const { meet } = await shopper(world);
    for (let i = 0; i < 10; i += 1) {
      const met = await meet("status:522");
      assert.deepEqual([met.line.refunded, remaining(met)], [true, CAP - 1]);
    }
    const met = await meet("status:522");
    assert.deepEqual([met.line.refunded, remaining(met)], [undefined, CAP - 2]);
    // Another limiter has ten of its own.
    assert.equal((await world.meet("status:522")).line.refunded, true);
  });

  inWorld("an object that was restarted knows no receipt", { vars: { UPSTREAM_ATTEMPTS: "4" } }, async (world) => {
    const { meet, caller, pass } = await shopper(world);
    let charged = 1;
    // The pauses are chance: until one is long enough for the eviction to come in the middle.
    for (let i = 0; i < 10; i += 1) {
      const prompt = `evicted ${i}`;
      await world.prepare(prompt, "status:522");
      const chat = caller.chat({ prompt }, pass);
      const requests = () => world.simulator.requestsWith(prompt);
      await eventually(async () => (await requests()).length > 0, "the first attempt");
      await world.evictLimiters();
      const evicted = Date.now();
      const response = await chat;
      const { refunded } = await world.lineOf(response);
      if ((await requests()).at(-1).at > evicted) {
        assert.equal(refunded, undefined);
        assert.equal(remaining({ response }), CAP - charged - 1);
        assert.equal(remaining(await meet("ok")), CAP - charged - 2);
        return;
      }
      if (!refunded) charged += 1;
    }
    assert.fail("no eviction came in the middle of a chat");
  });

  for (const name of TRANSLATED) {
    suite(`with ${name}`, { concurrency: 1 }, () => {
      const { requests } = ASSISTANTS[name];
      let world;
      before(async () => {
        // One that takes two requests for a first chat has to have three.
        const vars = { SHOPPER_LIMITS: `${CAP}/hour`, UPSTREAM_ATTEMPTS: requests > 1 ? "3" : "1" };
        world = await openWorld({ assistant: name, vars });
      });
      after(() => world.close());

      for (const [what, faults] of Object.entries(EVERYWHERE)) {
        const isBack = what === "given back";
        for (const [fault, status] of faults) {
          test(`${fault} is ${what}`, async () => {
            const { meet } = await shopper(world);
            const met = await meet(fault);
            assert.equal(met.response.status, status, met.text);
            assert.equal(met.line.refunded, isBack ? true : undefined);
            assert.equal(remaining(met), isBack ? CAP - 1 : CAP - 2);
          });
        }
      }

      test("a chat whose shopper left is charged", async () => {
        const { pass, meet } = await shopper(world);
        const prompt = `gone from ${name}`;
        await world.prepare(prompt, "delay:5000");
        const body = JSON.stringify({ prompt });
        const headers = `Content-Length: ${body.length}\r\nShopper-Pass: ${pass["shopper-pass"]}`;
        const { socket } = postRaw(world.url, headers, [body]);
        await eventually(async () => (await world.simulator.requestsWith(prompt)).length === 1, "the chat upstream");
        socket.resetAndDestroy();
        const line = await world.line(({ outcome }) => outcome === "shopper_left");
        assert.equal(line.attempts.at(-1).ended, "shopper_left");
        assert.equal(line.refunded, undefined);
        assert.equal(remaining(await meet("ok")), CAP - 3);
      });
    });
  }
});
