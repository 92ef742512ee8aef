// What is an assistant's own stays between it and the worker: no id of its, no inside, in no answer, header or log
// line. And what a proxy must never call is never called.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, TRANSLATED } from "./support/assistants.mjs";
import { openWorld } from "./support/world.mjs";

/** The endpoints that each assistant may be asked for. */
const ALLOWED = {
  homie: ["create", "message", "history"],
  rewardsbot: ["chat", "pages", "clicks", "signup"],
  omniops: ["chat", "history"],
  "omniops as built": ["chat", "history"],
};
/** What its answers hold beside what a page needs. */
const INSIDES = {
  homie: ["organizationId", "chatbotId", "userId", "chatId", "c2a7e5d4-90b1-4f3e-8d16-52fb08a9c7e3"],
  rewardsbot: ["convo_id", "presentation_id", "ranking", "rebate_pct", "pagination"],
  omniops: ["metadata", "tokensUsed", "internal-model", "searchResults", "conversationId", "relevance"],
  "omniops as built": ["searchMetadata", "mcpMetadata", "search_products", "tokensSaved", "sources", "conversation_id"],
};
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

for (const name of TRANSLATED) {
  const { offers, vars } = ASSISTANTS[name];

  suite(`what is ${name}'s own`, () => {
    let world;
    /** All that a page or the log has had. */
    let told = "";
    before(async () => {
      world = await openWorld({ assistant: name });
    });
    after(() => world.close());

    const read = async (response) => {
      const text = await response.text();
      told += JSON.stringify([...response.headers]) + text;
      await world.lineOf(response);
      return JSON.parse(text);
    };

    test("is in no answer, header or log line", async () => {
      const chat = { prompt: "A birthday gift for a friend" };
      for (let i = 0; i < 3; i += 1) {
        const caller = world.caller();
        const first = await caller.chat(chat);
        const pass = { "shopper-pass": first.headers.get("shopper-pass") };
        const { session_id, next_page: page, products } = await read(first);
        await read(await caller.chat({ prompt: "Under $200", session_id }, pass));
        if (offers.includes("history")) await read(await caller.history(session_id, pass));
        if (page) await read(await caller.products(page, pass));
        if (offers.includes("signup")) {
          const body = { session_id, email: "a@example.com", consent: true, product_id: products[0].id };
          for (const path of ["signup", "clicks"]) await read(await caller.post(`/v1/concierge/${path}`, body, pass));
        }
      }
      for (const fault of ["not-json", "html-502", "error:500", "truncated", "key-echo"]) {
        const { response, text } = await world.meet(fault);
        told += JSON.stringify([...response.headers]) + text;
      }
      told += JSON.stringify(world.logs);

      const requests = await world.simulator.requests();
      const ours = new Set(world.lines().map(({ request_id: id }) => id));
      const seen = requests.map(({ path, query, body, session_id: id }) => `${path} ${query} ${body} ${id}`).join();
      const state = JSON.stringify(await world.simulator.state());
      const ids = new Set([...`${seen} ${state}`.matchAll(UUID)].map(([id]) => id));
      for (const [, id] of seen.matchAll(/\/chat\/([0-9a-f]{32})/g)) ids.add(id);
      // The worker's own request id is a click's id. A product's id is for the page.
      const shown = new Set([...told.matchAll(/"id":"([^"]*)"/g)].map(([, id]) => id));
      const secret = [...ids].filter((id) => !ours.has(id) && !shown.has(id));
      assert.ok(secret.length >= 3, `${secret.length} ids`);
      for (const id of secret) {
        assert.ok(!told.includes(id), id);
        assert.ok(!told.includes(id.replaceAll("-", "")), id);
      }
      for (const inside of INSIDES[name]) assert.ok(!told.includes(inside), inside);
    });

    test("is asked for by the endpoints that a proxy may call, and by no other", async () => {
      const endpoints = new Set((await world.simulator.requests()).map(({ endpoint }) => endpoint));
      for (const endpoint of endpoints) assert.ok(ALLOWED[name].includes(endpoint), endpoint);
      for (const path of ["/spy/x", "/offers", "/v1/discovery/criteria-sets", "/clickthrough/x", "/api/training"]) {
        const response = await world.caller().send("GET", path);
        assert.deepEqual([response.status, (await response.json()).error], [404, "not_found"]);
      }
      const paths = (await world.simulator.requests()).map(({ path }) => path);
      assert.ok(!paths.some((path) => /spy|offers|discovery|training/.test(path)));
    });

    test("is not shown by a setting either", async () => {
      const program = vars.REWARDS_PROGRAM ?? vars.HOMIE_CHATBOT_ID ?? vars.OMNIOPS_DOMAIN;
      assert.ok(name.startsWith("omniops") || !told.includes(program), program);
    });
  });
}
