// The page's client library, as it is built, with the worker that would be deployed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Concierge } from "../../client/dist/concierge-client.js";
import { DOORS, claims, jwt } from "./support/shoppers.mjs";
import { simulate } from "./support/simulator.mjs";
import { openWorld } from "./support/world.mjs";

const GIFT = "A birthday gift for my mother, under 100";

/** Opens a world for a test, and a page in it with the library. */
async function openPage(t, options = {}, clientOptions = {}) {
  const world = await openWorld(options);
  t.after(() => world.close());
  const caller = world.caller();
  const send = (url, { method, headers, body, signal }) => {
    const { pathname, search } = new URL(url);
    return caller.send(method, pathname + search, { headers, body, signal });
  };
  const fetch = /** @type {typeof globalThis.fetch} */ (/** @type {unknown} */ (send));
  const client = new Concierge({ url: world.url.origin, storage: "memory", fetch, ...clientOptions });
  return { world, client };
}

suite("the client library", () => {
  test("asks, and goes on with the conversation as the same shopper", async (t) => {
    const { world, client } = await openPage(t);
    const first = await client.ask(GIFT, { context: { budget_max: 100 } });
    assert.ok(first.message.length > 0 && first.products.length > 0);
    const second = await client.ask("Under $50");
    assert.equal(second.session_id, first.session_id);
    const lines = await Promise.all([GIFT, "Under $50"].map((prompt) => world.simulator.requestsWith(prompt)));
    assert.equal(lines.flat().length, 2);
    const [one, two] = world.lines();
    assert.ok(one.shopper && one.shopper === two.shopper);
    client.reset();
    assert.notEqual((await client.ask(GIFT)).session_id, first.session_id);
  });

  test("hears Homie's answer in parts, and shows what was said", async (t) => {
    const { client } = await openPage(t, { assistant: "homie", flags: ["--homie-pace=50"] });
    let said = "";
    const onDelta = (text) => {
      said += text;
    };
    const { message } = await client.ask(GIFT, { onDelta });
    assert.ok(said.length > 0 && message.startsWith(said), said);
    const messages = await client.history();
    assert.deepEqual(
      messages.map(({ role }) => role),
      ["user", "assistant"],
    );
    assert.equal(messages[0].text, GIFT);
    await assert.rejects(client.nextPage("x"), { name: "ConciergeError", code: "not_offered", status: 404 });
  });

  test("shows more of RewardsBot's products", async (t) => {
    const { client } = await openPage(t, { assistant: "rewardsbot" });
    assert.equal((await client.capabilities()).pages, true);
    const { products, next_page: next } = await client.ask("A gift");
    assert.ok(next);
    const page = await client.nextPage(next);
    assert.ok(page.products.length > 0);
    assert.notDeepEqual(page.products, products);
  });

  test("waits out a budget of a second, and says so", async (t) => {
    const { world, client } = await openPage(t, { vars: { SHOPPER_LIMITS: "1/second" } });
    const heard = [];
    client.addEventListener("limited", ({ detail }) => heard.push(detail.seconds));
    // The second one may come so late that it does not have to wait.
    for (let chat = 0; heard.length === 0 && chat < 10; chat++) await client.ask(GIFT);
    assert.deepEqual(heard, [1, 0]);
    assert.ok(world.lines().some(({ outcome }) => outcome === "rate_limited"));
  });

  test("fails with a budget that is used up for longer", async (t) => {
    const { client } = await openPage(t, { vars: { SHOPPER_LIMITS: "1/hour" } });
    await client.ask(GIFT);
    const error = await client.ask(GIFT).catch((error) => error);
    assert.deepEqual([error.code, error.status, error.tier], ["rate_limited", 429, "shopper"]);
    assert.ok(error.retryAfter > 3_000, error.retryAfter);
  });

  test("fails with the code and the request id that the log has", async (t) => {
    const { world, client } = await openPage(t);
    const error = await client.ask(" ").catch((error) => error);
    assert.deepEqual([error.name, error.code, error.status], ["ConciergeError", "missing_prompt", 400]);
    const line = await world.line(({ request_id: id }) => id === error.requestId);
    assert.equal(line.outcome, "missing_prompt");
  });

  test("renews a shopper's token that has run out", async (t) => {
    const tokens = [claims("anna", { exp: 1_000_000_000 }), claims("anna")].map((payload) => jwt(payload));
    const token = async () => tokens.shift();
    const { world, client } = await openPage(t, { vars: DOORS }, { token });
    assert.ok((await client.ask(GIFT)).message);
    const outcomes = world.lines().map(({ outcome, verified }) => [outcome, verified]);
    assert.deepEqual(outcomes.at(-1), ["ok", true]);
    assert.equal(outcomes[0][0], "invalid_shopper_token");
  });

  test("has a conversation kept once, however often it is sent", async (t) => {
    const omi = await simulate(
      (url) => url,
      ["--assistant", "omi", "--omi-keys", "omi-key-of-the-shop-1234", "--omi-app", "app"],
    );
    t.after(() => omi.stop());
    const vars = {
      ...DOORS,
      OMI_APP_ID: "app",
      OMI_APP_KEY: "omi-key-of-the-shop-1234",
      OMI_BASE_URL: omi.baseUrl,
      OMI_CAPABILITIES: "create_memories, create_conversations",
    };
    const scope = "create_memories create_conversations";
    const token = async () => jwt(claims("anna", { omi_uid: "omi-anna", scope }));
    const { client } = await openPage(t, { vars }, { token, locale: "en" });
    await client.remember([{ content: "Wears size 42", tags: ["size"] }]);
    const text = "I like hats. So do I.";
    await client.keep(text);
    await client.keep(text);
    assert.equal((await omi.requestsWith(text)).length, 1);
  });
});
