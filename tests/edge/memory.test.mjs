// What shoppers ask to be remembered at omi.me: for the person of the token alone, and nowhere in the log.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { Merchant, newToken } from "./support/merchant.mjs";
import { DOORS, claims, jwt } from "./support/shoppers.mjs";
import { simulate } from "./support/simulator.mjs";
import { openWorld, tally } from "./support/world.mjs";

const APP = "app-of-the-shop";
const ADMIN_TOKEN = newToken();
const KEY = "omi-key-of-the-shop-1234";
const ALL = "create_memories create_conversations read_memories read_conversations";
let people = 0;

/** A person: who they are at the shop and at omi.me, and what their token allows. */
function person(scope = ALL) {
  people += 1;
  const [sub, uid] = [`customer-${people}`, `omi-uid-${people}/ü`.replace("ü", "x")];
  return { sub, uid, token: jwt(claims(sub, { omi_uid: uid, scope })) };
}

suite("omi.me", () => {
  let omi, world;
  before(async () => {
    omi = await simulate(
      (url) => url,
      ["--assistant", "omi", "--omi-keys", KEY, "--omi-app", APP, "--omi-conversation-limit", "1000"],
    );
    const vars = {
      ...DOORS,
      ADMIN_TOKEN,
      OMI_APP_ID: APP,
      OMI_APP_KEY: KEY,
      OMI_BASE_URL: omi.baseUrl,
      OMI_CAPABILITIES: ALL.replaceAll(" ", ", "),
      OMI_LIMITS: "10/hour",
    };
    world = await openWorld({ vars });
  });
  after(() => Promise.all([world?.close(), omi?.stop()]));

  test("is asked nothing that counts as the assistant's", async () => {
    const anna = person();
    await get(anna, "memories");
    await world.caller().chat({ prompt: "hat" });
    const merchant = new Merchant(world, ADMIN_TOKEN);
    const { upstream } = await merchant.usage(({ chats, operations }) => chats.total > 0 && operations.total > 0);
    const chats = world.lines().filter(({ operation }) => operation === undefined);
    assert.equal(upstream.requests, chats.flatMap(({ attempts = [] }) => attempts).length);
  });

  const with_ = ({ token }) => ({ authorization: `Bearer ${token}` });
  const post = (who, what, body, caller = world.caller()) =>
    caller.post(`/v1/omi/${what}`, { consent: true, ...body }, with_(who));
  const get = (who, what, query = "", caller = world.caller()) =>
    caller.send("GET", `/v1/omi/${what}${query}`, { headers: with_(who) });
  const order = async (which) => {
    const response = await fetch(`${omi.url}/_simulator/fault`, {
      method: "PUT",
      body: JSON.stringify({ assistant: "omi", ...which }),
    });
    assert.ok(response.ok, await response.text());
  };

  async function refused(response, status, code) {
    const body = await response.json();
    assert.deepEqual([response.status, body.error], [status, code], JSON.stringify(body));
    assert.equal(body.request_id, response.headers.get("x-request-id"));
    assert.ok(response.headers.get("access-control-allow-origin"));
  }

  test("remembers what a person asks for, and shows it to them alone", async () => {
    const [anna, berta] = [person(), person()];
    const facts = [{ content: "Wears size 42", tags: ["size"] }, { content: "Likes blue" }];
    const taken = await post(anna, "memories", { memories: facts });
    assert.equal(taken.status, 202);
    assert.equal(taken.headers.get("cache-control"), "no-store");
    assert.equal(taken.headers.get("shopper-pass"), null);
    const mine = await get(anna, "memories");
    assert.equal(mine.headers.get("cache-control"), "no-store");
    const { memories, next_offset: next } = await mine.json();
    assert.deepEqual(memories.map(({ content }) => content).sort(), ["Likes blue", "Wears size 42"]);
    assert.deepEqual(Object.keys(memories[0]), ["id", "content", "created_at", "tags"]);
    assert.equal(next, null);
    assert.deepEqual((await (await get(berta, "memories")).json()).memories, []);
    const page = await (await get(anna, "memories", "?limit=1")).json();
    assert.deepEqual([page.memories.length, page.next_offset], [1, 1]);
  });

  test("keeps a conversation once, however often it is sent at once", async () => {
    const anna = person();
    const body = { text: "I like hats. So do I.", idempotency_key: "key-1" };
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(anna, "conversations", body)));
    const counts = tally(answers);
    assert.ok(counts[202] >= 1 && counts[202] + (counts[409] ?? 0) === 12, JSON.stringify(counts));
    for (const answer of answers.filter(({ status }) => status === 409)) {
      assert.ok(Number(answer.headers.get("retry-after")) <= 60);
      assert.equal((await answer.json()).error, "in_progress");
    }
    assert.equal((await post(anna, "conversations", body)).status, 202);
    const kept = await (await get(anna, "conversations")).json();
    assert.equal(kept.conversations.length, 1);
    assert.match(kept.conversations[0].text, /hats/);
    // Another key is another conversation, and so is another person's.
    await post(anna, "conversations", { ...body, idempotency_key: "key-2" });
    assert.equal((await (await get(anna, "conversations")).json()).conversations.length, 2);
    const berta = person();
    await post(berta, "conversations", body);
    assert.equal((await (await get(berta, "conversations")).json()).conversations.length, 1);
  });

  test("keeps a conversation under the same key once what refused it is mended", async () => {
    const anna = person();
    const body = { text: "Keep this as soon as I may", idempotency_key: "key" };
    await order({ fault: "error:403", text: body.text, times: 1 });
    await refused(await post(anna, "conversations", body), 403, "omi_not_enabled");
    assert.equal((await post(anna, "conversations", body)).status, 202);
    assert.equal((await (await get(anna, "conversations")).json()).conversations.length, 1);
  });

  test("keeps a conversation under the same key after an attempt that never arrived", async () => {
    const anna = person();
    const body = { text: "Keep this, please", idempotency_key: "key" };
    await order({ fault: "status:522", text: body.text, times: 3 });
    await refused(await post(anna, "conversations", body), 502, "upstream_invoke_error");
    assert.equal((await post(anna, "conversations", body)).status, 202);
    assert.equal((await (await get(anna, "conversations")).json()).conversations.length, 1);
  });

  test("is not told again what it may have heard", async () => {
    const anna = person();
    for (const [fault, code] of [
      ["reset-before", "upstream_invoke_error"],
      ["html-502", "upstream_error"],
      ["status:500", "upstream_error"],
    ]) {
      const text = `A text that is lost by ${fault}`;
      await order({ fault, text, times: 1 });
      await refused(await post(anna, "conversations", { text, idempotency_key: fault }), 502, code);
      await refused(await post(anna, "conversations", { text, idempotency_key: fault }), 409, "in_progress");
      assert.equal((await omi.requestsWith(text)).length, 1);
    }
  });

  test("is asked exactly as often as a person may, from 30 networks at once, and chats go on", async () => {
    const anna = person();
    const answers = await Promise.all(Array.from({ length: 30 }, () => get(anna, "memories")));
    assert.deepEqual(tally(answers), { 200: 10, 429: 20 });
    const full = answers.find(({ status }) => status === 429);
    const { tier, limit } = await full.json();
    assert.deepEqual([tier, limit], ["shopper", 10]);
    const chat = await world.caller().chat({ prompt: "hat" }, with_(anna));
    assert.equal(chat.status, 200);
  });

  test("is closed to whoever has no token, no uid or no scope, and to a scope that was revoked", async () => {
    const before = (await omi.requests()).length;
    const anna = person("read_memories");
    const revoked = { ...anna, token: jwt(claims(anna.sub, { omi_uid: anna.uid, scope: "" })) };
    const stranger = { token: jwt(claims(anna.sub, { scope: ALL })) };
    for (const who of [revoked, stranger]) {
      for (const what of ["memories", "conversations"]) {
        await refused(await get(who, what), 403, "insufficient_scope");
        await refused(await post(who, what, { text: "a" }), 403, "insufficient_scope");
      }
    }
    await refused(await post(anna, "memories", { text: "a" }), 403, "insufficient_scope");
    await refused(await world.caller().send("GET", "/v1/omi/memories"), 401, "invalid_shopper_token");
    const evil = world.caller({ origin: "https://evil.example.com" });
    assert.equal((await get(person(), "memories", "", evil)).status, 403);
    assert.equal((await omi.requests()).length, before);
  });

  test("answers in one way, whichever of its documents is right", async () => {
    for (const switches of [
      { "text-null": "required" },
      { nulls: "present" },
      { conversations: "source" },
      { answers: "when-done" },
    ]) {
      await omi.switches({
        omi: { "text-null": "optional", nulls: "omitted", conversations: "published", answers: "at-once", ...switches },
      });
      const anna = person();
      assert.equal((await post(anna, "memories", { memories: [{ content: "Likes blue" }] })).status, 202);
      assert.equal((await post(anna, "conversations", { text: "Hats. Scarves." })).status, 202);
      const { memories } = await (await get(anna, "memories")).json();
      assert.deepEqual(
        memories.map(({ content }) => content),
        ["Likes blue"],
        JSON.stringify(switches),
      );
      const { conversations } = await (await get(anna, "conversations")).json();
      assert.match(conversations[0].text, /Hats.*\n?.*Scarves/, JSON.stringify(switches));
      const fields = ["id", "created_at", "started_at", "finished_at", "title", "overview", "text"];
      assert.deepEqual(Object.keys(conversations[0]), fields);
    }
  });

  test("that refuses is told readably, in no word of its own", async () => {
    const anna = person();
    for (const [fault, status, code] of [
      ["error:401", 500, "misconfigured_proxy"],
      ["error:403", 403, "omi_not_enabled"],
      ["error:404", 500, "misconfigured_proxy"],
      ["error:422", 502, "upstream_error"],
      ["hostile-types", 200, undefined],
      ["not-json", 502, "upstream_error"],
      ["truncated", 502, "upstream_error"],
    ]) {
      await order({ fault, endpoint: "read-memories", times: 1 });
      const response = await get(anna, "memories");
      const text = await response.text();
      assert.equal(response.status, status, `${fault}: ${text}`);
      assert.equal(JSON.parse(text).error, code, text);
      assert.ok(!text.includes("detail") && !text.includes(anna.uid), text);
    }
  });

  test("leaves no trace in the log or in the assistant's requests", async () => {
    const anna = person();
    await post(anna, "memories", { text: "My secret is marzipan." });
    await get(anna, "memories");
    await world.caller().chat({ prompt: "hat" }, with_(anna));
    const line = await world.line(({ operation }) => operation === "create_memories");
    assert.equal(line.verified, true);
    const log = JSON.stringify(world.logs);
    const upstream = JSON.stringify(await world.simulator.requests());
    for (const secret of [anna.uid, anna.sub, anna.token, "marzipan", KEY, "omi-uid", "customer-"]) {
      assert.ok(!log.includes(secret), secret);
      assert.ok(!upstream.includes(secret), secret);
    }
  });

  test("is listed among the capabilities", async () => {
    const response = await world.caller().send("GET", "/v1/concierge/capabilities");
    const names = ["create_memories", "create_conversations", "read_memories", "read_conversations"];
    assert.deepEqual((await response.json()).omi, names);
  });

  suite("as a hint for the assistant", () => {
    let reminding;
    before(async () => {
      const vars = { ...DOORS, OMI_APP_ID: APP, OMI_APP_KEY: KEY, OMI_BASE_URL: omi.baseUrl };
      reminding = await openWorld({
        vars: { ...vars, OMI_CAPABILITIES: "read_memories, create_memories", OMI_CONTEXT: "on" },
      });
    });
    after(() => reminding?.close());

    /** A chat, and the context that the assistant was given with it. */
    async function ask(who, prompt, session) {
      const began = Date.now();
      const body = { prompt, session_id: session, context: { locale: "en", shopper_memories: ["forged"] } };
      const response = await reminding.caller().chat(body, with_(who));
      assert.equal(response.status, 200);
      const ms = Date.now() - began;
      const [sent] = await reminding.simulator.requestsWith(prompt);
      return { ms, answer: await response.json(), context: JSON.parse(sent.body).context };
    }
    const reads = async (who) =>
      (await omi.requests()).filter(({ session_id: uid, endpoint }) => uid === who.uid && endpoint === "read-memories")
        .length;

    test("goes along once read, and is read once a conversation", async () => {
      let anna;
      let first;
      // A busy machine may take longer to read them than a chat waits, and then leaves them out.
      for (let tries = 0; tries < 5 && !first?.context.shopper_memories; tries += 1) {
        anna = person();
        await post(anna, "memories", { memories: [{ content: "Wears size 42" }] }, reminding.caller());
        first = await ask(anna, `A hat that fits me, ${tries}`);
      }
      assert.deepEqual(first.context, { locale: "en", shopper_memories: ["Wears size 42"] });
      const second = await ask(anna, "Another one", first.answer.session_id);
      assert.deepEqual(second.context.shopper_memories, ["Wears size 42"]);
      assert.equal(await reads(anna), 1);
      await ask(anna, "A new conversation");
      assert.equal(await reads(anna), 2);
    });

    test("stays out if it is slow, fails, or is not the shopper's wish", async () => {
      for (const fault of ["delay:3000", "reset-before", "status:500", "trickle:500", "hang-before", "not-json"]) {
        const anna = person();
        await post(anna, "memories", { memories: [{ content: "Wears size 42" }] }, reminding.caller());
        await order({ fault, endpoint: "read-memories", times: 1 });
        const { ms, context } = await ask(anna, `A hat in spite of ${fault}`);
        assert.deepEqual(context, { locale: "en" }, fault);
        assert.ok(ms < 2_000, `${ms} ms`);
      }
      const berta = person("create_memories");
      await ask(berta, "A hat without memories");
      assert.equal(await reads(berta), 0);
    });
  });
});
