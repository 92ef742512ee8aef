// Who a shopper is: by a pass, or by the session id of the last answer, and by nothing that a
// client picks.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { openWorld, tally } from "./support/world.mjs";

for (const name of NAMES) {
  suite(`a shopper of ${name}`, () => {
    const CAP = 4;
    let world;
    let talks = 0;
    before(async () => {
      world = await openWorld({ assistant: name, vars: { SHOPPER_LIMITS: `${CAP}/day` } });
    });
    after(() => world.close());

    /** A first chat, and what the page keeps of its answer. */
    async function begin(caller, body = { prompt: "begin" }) {
      const response = await caller.chat(body);
      assert.equal(response.status, 200);
      const { session_id: session } = await response.json();
      return { session, pass: response.headers.get("shopper-pass") };
    }

    /** The conversation in which the chat with this prompt went upstream, or null for one that has no id yet. */
    async function conversationOf(prompt) {
      const [{ session_id: id }] = await world.simulator.requestsWith(prompt);
      return id;
    }

    /** A first chat and a second one, and the conversation that they belong to upstream. */
    async function converse(caller) {
      const { pass, session } = await begin(caller);
      talks += 1;
      const prompt = `talk ${talks}`;
      await caller.chat({ prompt, session_id: session }, { "shopper-pass": pass });
      return { pass, session, conversation: await conversationOf(prompt) };
    }

    test("with only the published contract keeps its conversation and is counted as one", async () => {
      const caller = world.caller();
      // As the contract's own example does: an id of its own first, then the one of each answer.
      let session = crypto.randomUUID();
      const sessions = [];
      const responses = [];
      for (let turn = 0; turn < CAP + 2; turn += 1) {
        const response = await caller.chat({ prompt: `turn ${turn}`, session_id: session });
        responses.push(response);
        if (response.ok) session = (await response.json()).session_id;
        sessions.push(session);
      }
      assert.deepEqual(tally(responses), { 200: CAP, 429: 2 });
      assert.equal(new Set(sessions).size, 1);
      const conversations = await Promise.all([1, 2, 3].map((turn) => conversationOf(`turn ${turn}`)));
      assert.equal(new Set(conversations).size, 1);
      assert.ok(conversations[0]);
    });

    test("is given a pass once, and none again while it is fresh", async () => {
      const caller = world.caller();
      const { pass } = await begin(caller);
      assert.match(pass, /^[A-Za-z0-9_-]{108}$/);
      const second = await caller.chat({ prompt: "again" }, { "shopper-pass": pass });
      assert.equal(second.headers.get("shopper-pass"), null);
    });

    test("is counted by its limiter wherever its pass is carried", async () => {
      const { pass } = await begin(world.caller());
      const elsewhere = await Promise.all(
        Array.from({ length: CAP + 1 }, () => world.caller().chat({ prompt: "abroad" }, { "shopper-pass": pass })),
      );
      assert.deepEqual(tally(elsewhere), { 200: CAP - 1, 429: 2 });
    });

    test("keeps a conversation on another network, with its pass", async () => {
      const { pass, session } = await begin(world.caller());
      const response = await world
        .caller()
        .chat({ prompt: "from the train", session_id: session }, { "shopper-pass": pass });
      assert.equal((await response.json()).session_id, session);
    });

    /** @type {[name: string, spoil: (pass: string) => string][]} */
    const spoilt = [
      ["forged", (pass) => pass.slice(0, 40) + (pass[40] === "A" ? "B" : "A") + pass.slice(41)],
      ["truncated", (pass) => pass.slice(0, -4)],
      ["padded", (pass) => `${pass}=`],
      ["sent twice", (pass) => `${pass}, ${pass}`],
      [
        "of another worker",
        () => "AV_MLz4u0UC7731CNT9rclMe9fP3LtFAu-99QjU_a3JTHvXz92sCP1BrAj9QSblJVGg_rJDeP6p4kR7oRi31",
      ],
    ];
    for (const [how, spoil] of spoilt) {
      test(`with a pass that is ${how} is a newcomer, not an error`, async () => {
        const caller = world.caller();
        const { pass } = await begin(caller);
        const response = await caller.chat({ prompt: "spoilt" }, { "shopper-pass": spoil(pass) });
        assert.equal(response.status, 200);
        assert.match(response.headers.get("shopper-pass"), /^[A-Za-z0-9_-]{108}$/);
        assert.equal(response.headers.get("x-ratelimit-remaining"), String(CAP - 1));
      });
    }

    suite("who knows another shopper's session id", () => {
      for (const [place, withPass] of [
        ["the same network", true],
        ["another network", true],
        ["another network", false],
      ]) {
        test(`does not join on ${place}, ${withPass ? "with" : "without"} a pass of its own`, async () => {
          const victim = world.caller();
          const { session, conversation } = await converse(victim);
          const address = place === "the same network" ? victim.address : undefined;
          const thief = world.caller({ address });
          const headers = withPass ? { "shopper-pass": (await begin(thief)).pass } : {};
          const prompt = `theft ${place} ${withPass}`;
          const response = await thief.chat({ prompt, session_id: session }, headers);
          assert.equal(response.status, 200);
          assert.notEqual(await conversationOf(prompt), conversation);
          assert.notEqual((await response.json()).session_id, session);
        });
      }

      test("spends that shopper's own budget where it joins on its network without a pass", async () => {
        const victim = world.caller();
        const { session, conversation } = await converse(victim);
        const same = world.caller({ address: victim.address });
        const prompt = "the same household";
        const response = await same.chat({ prompt, session_id: session });
        assert.equal(response.headers.get("x-ratelimit-remaining"), String(CAP - 3));
        assert.equal(await conversationOf(prompt), conversation);
      });
    });

    // Elsewhere the ids are the assistant's, and one that a page has made begins a new conversation each time.
    if (!ASSISTANTS[name].translated)
      test("who keeps to an id of its own has one conversation, another one than its neighbour", async () => {
        const own = "my-own-id";
        const ids = [];
        for (const caller of [world.caller(), world.caller()]) {
          const { pass, session } = await begin(caller, { prompt: "own", session_id: own });
          const response = await caller.chat({ prompt: "own again", session_id: own }, { "shopper-pass": pass });
          assert.equal((await response.json()).session_id, session);
          ids.push(session);
        }
        assert.notEqual(ids[0], ids[1]);
        assert.ok(!ids.includes(own));
      });

    test("without an id begins a conversation with each chat", async () => {
      const caller = world.caller();
      const { pass, session } = await begin(caller);
      const response = await caller.chat({ prompt: "afresh" }, { "shopper-pass": pass });
      assert.notEqual((await response.json()).session_id, session);
    });

    test("shares a limiter with its IPv6 household and not with the next one", async () => {
      const first = await begin(world.caller({ address: "2001:db8:1:1100::1" }));
      const session_id = first.session;
      const remaining = async (address) => {
        const response = await world.caller({ address }).chat({ prompt: "v6", session_id });
        return response.headers.get("x-ratelimit-remaining");
      };
      assert.equal(await remaining("2001:db8:1:11ff:ffff::2"), String(CAP - 2));
      assert.equal(await remaining("2001:db8:1:1200::1"), String(CAP - 1));
    });
  });
}
