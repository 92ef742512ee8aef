// Conversations: each is its shopper's alone, its history and its pages of products, too.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { openWorld } from "./support/world.mjs";

const SHOPPERS = 6;
const TURNS = 3;

/** A shopper who has chatted: what the page keeps, and what it was answered. */
async function begin(caller, prompt = "A birthday gift for a friend") {
  const response = await caller.chat({ prompt });
  assert.equal(response.status, 200);
  const answer = await response.json();
  const pass = { "shopper-pass": response.headers.get("shopper-pass") };
  return { caller, pass, answer, session: answer.session_id };
}

async function refused(response, status, code) {
  const body = await response.json();
  assert.deepEqual([response.status, body.error], [status, code], JSON.stringify(body));
  assert.equal(body.request_id, response.headers.get("x-request-id"));
}

for (const name of NAMES) {
  const { offers, translated } = ASSISTANTS[name];

  suite(`conversations with ${name}`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant: name });
    });
    after(() => world.close());

    test("of shoppers who talk at once are never mixed", async () => {
      // Half of them behind one address.
      const { address } = world.caller();
      const shoppers = Array.from({ length: SHOPPERS }, (_, i) =>
        world.caller({ address: i % 2 ? address : undefined }),
      );
      const talk = async (caller, who) => {
        let pass = {};
        /** @type {string | undefined} */
        let session;
        const prompts = [];
        for (let turn = 0; turn < TURNS; turn += 1) {
          const prompt = `A gift from shopper ${who}, turn ${turn}`;
          const response = await caller.chat({ prompt, session_id: session }, pass);
          assert.equal(response.status, 200);
          session = (await response.json()).session_id;
          if (turn === 0) pass = { "shopper-pass": response.headers.get("shopper-pass") };
          prompts.push(prompt);
        }
        return { caller, pass, session, prompts };
      };
      const talks = await Promise.all(shoppers.map(talk));
      assert.equal(new Set(talks.map(({ session }) => session)).size, SHOPPERS);
      const conversations = [];
      for (const { prompts } of talks) {
        const seen = await Promise.all(prompts.map((prompt) => world.simulator.requestsWith(prompt)));
        // An assistant that makes the ids itself has none in the first chat.
        const ids = seen.flat().map(({ session_id: id }) => id);
        assert.equal(ids.length, TURNS);
        assert.equal(new Set(ids.slice(1)).size, 1);
        assert.ok(ids[0] === ids[1] || ids[0] === null);
        conversations.push(ids[1]);
      }
      assert.equal(new Set(conversations).size, SHOPPERS);
      if (!offers.includes("history")) return;
      const histories = await Promise.all(
        talks.map(async ({ caller, session, pass }) => (await caller.history(session, pass)).json()),
      );
      for (const [i, { messages, session_id: session }] of histories.entries()) {
        assert.equal(session, talks[i].session);
        const said = messages.filter(({ role }) => role === "user").map(({ text }) => text);
        assert.deepEqual(said, talks[i].prompts);
        assert.equal(messages.length, 2 * TURNS);
        assert.deepEqual(Object.keys(messages[1]), ["role", "text", "products", "at"]);
      }
    });

    if (offers.includes("history")) {
      test("have a history for their own shopper alone, and nobody else's question goes upstream", async () => {
        const victim = await begin(world.caller());
        const thief = await begin(world.caller());
        const neighbour = await begin(world.caller({ address: victim.caller.address }));
        const before = (await world.simulator.requests()).length;
        for (const { caller, pass } of [thief, neighbour]) {
          await refused(await caller.history(victim.session, pass), 404, "session_not_found");
        }
        await refused(await world.caller().history(victim.session), 404, "session_not_found");
        const { session } = victim;
        const other = session.slice(0, 20) + (session[20] === "A" ? "B" : "A") + session.slice(21);
        for (const id of ["", "none", other, `${session}A`, crypto.randomUUID()]) {
          await refused(await victim.caller.history(id, victim.pass), 404, "session_not_found");
        }
        assert.equal((await world.simulator.requests()).length, before);
        for (const [caller, headers] of [
          [victim.caller, victim.pass],
          [world.caller(), victim.pass],
          [world.caller({ address: victim.caller.address }), {}],
        ]) {
          const response = await caller.history(session, headers);
          assert.equal(response.status, 200);
          assert.equal((await response.json()).messages.length, 2);
        }
      });

      test("have no history once the assistant has forgotten them", async () => {
        const { caller, pass, session } = await begin(world.caller());
        await world.simulator.reset();
        await refused(await caller.history(session, pass), 404, "session_not_found");
      });
    }

    if (offers.includes("pages")) {
      test("have more products, page by page, each once", async () => {
        const { caller, pass, answer } = await begin(world.caller());
        const all = answer.products.map(({ title }) => title);
        assert.ok(all.length > 0);
        let page = answer.next_page;
        assert.match(page, /^[\w-]{1,512}$/);
        let pages = 0;
        while (page) {
          const response = await caller.products(page, pass);
          const body = await response.json();
          assert.equal(response.status, 200, JSON.stringify(body));
          assert.deepEqual(Object.keys(body), ["products", "next_page", "request_id"]);
          assert.ok(body.products.length > 0);
          all.push(...body.products.map(({ title }) => title));
          page = body.next_page;
          pages += 1;
        }
        assert.ok(pages > 1, `${pages} pages`);
        assert.equal(new Set(all).size, all.length);
      });

      test("have pages for their own shopper alone, and no wrong one goes upstream", async () => {
        const victim = await begin(world.caller());
        const thief = await begin(world.caller());
        const page = victim.answer.next_page;
        const before = (await world.simulator.requests()).length;
        await refused(await thief.caller.products(page, thief.pass), 404, "page_not_found");
        await refused(await world.caller().products(page), 404, "page_not_found");
        for (const wrong of ["", "none", `${page}A`, page.slice(1), victim.session, "..%2f..%2fspy"]) {
          await refused(await victim.caller.products(wrong, victim.pass), 404, "page_not_found");
        }
        assert.equal((await world.simulator.requests()).length, before);
      });

      for (const expired of ["gone", "not-found"]) {
        test(`have pages that end readably, where the assistant says ${expired}`, async () => {
          const { caller, pass, answer } = await begin(world.caller());
          await world.simulator.switches({ rewardsbot: { lifetime: 0, expired } });
          const late = await begin(world.caller());
          await refused(await late.caller.products(late.answer.next_page, late.pass), 404, "page_not_found");
          await world.simulator.switches({ rewardsbot: { lifetime: 900_000 } });
          assert.equal((await caller.products(answer.next_page, pass)).status, 200);
        });
      }
    }

    if (translated) {
      test("that the assistant has forgotten begin anew, without a word about it", async () => {
        const { caller, pass, session } = await begin(world.caller());
        await world.simulator.reset();
        const response = await caller.chat({ prompt: "A scarf, after the reset", session_id: session }, pass);
        assert.equal(response.status, 200);
        const again = (await response.json()).session_id;
        const next = await caller.chat({ prompt: "Under $200, after the reset", session_id: again }, pass);
        assert.equal((await next.json()).session_id, again);
        const [{ session_id: one }] = await world.simulator.requestsWith("Under $200, after the reset");
        const other = (await world.simulator.requestsWith("A scarf, after the reset")).at(-1).session_id;
        assert.ok(other === null || other === one);
      });
    }
  });
}

suite("a change of the assistant, with one signing key", () => {
  const vars = { SIGNING_KEY: randomBytes(32).toString("hex"), SHOPPER_LIMITS: "9/day" };
  /** @type {Record<string, any>} */
  const worlds = {};
  before(async () => {
    const all = NAMES.map(async (name) => (worlds[name] = await openWorld({ assistant: name, vars })));
    await Promise.all(all);
  });
  after(() => Promise.all(Object.values(worlds).map((world) => world.close())));

  for (const [i, from] of NAMES.entries()) {
    const to = NAMES[(i + 1) % NAMES.length];
    // The two dialects are one assistant: its conversations go on.
    const same = from.startsWith("omniops") && to.startsWith("omniops");

    test(`from ${from} to ${to} keeps the shopper, and ${same ? "goes on" : "begins a new conversation"}`, async () => {
      const old = worlds[from];
      const { caller, pass, session } = await begin(old.caller());
      const lineOf = (world, response) => world.lineOf(response);
      const first = await caller.chat({ prompt: "before the change", session_id: session }, pass);
      const before = await lineOf(old, first);
      const world = worlds[to];
      const moved = world.caller({ address: caller.address });
      /** @type {[headers: Record<string, string>, what: string][]} */
      const ways = [
        [pass, "by the pass"],
        [{}, "by the session id"],
      ];
      for (const [headers, what] of ways) {
        const prompt = `after the change, ${what}, from ${from}`;
        const response = await moved.chat({ prompt, session_id: session }, headers);
        assert.equal(response.status, 200);
        const now = await lineOf(world, response);
        assert.deepEqual([now.shopper, now.limiter], [before.shopper, before.limiter], what);
        const [{ session_id: upstream }] = await world.simulator.requestsWith(prompt);
        const { session_id: next } = await response.json();
        assert.equal(next === session, same && to !== "sales-associate");
        const [{ session_id: known }] = await old.simulator.requestsWith("before the change");
        if (!same) assert.notEqual(upstream, known);
      }
    });
  }
});
