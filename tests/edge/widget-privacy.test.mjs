// What is kept beyond a visit at a Shopify shop: nothing without the visitor's consent. The tests play Shopify's API.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { openShopping } from "./support/shopping.mjs";
import { eventually } from "./support/world.mjs";

const LOADED = "{ customerPrivacy: { preferencesProcessingAllowed: () => globalThis.isAllowed } }";
/** It loads the API when the page says so. */
const LATE = `{ loadFeatures([{ name }], done) {
  if (name === "consent-tracking-api") globalThis.load = () => { Object.assign(Shopify, ${LOADED}); done(); };
} }`;
const NAMES = ["concierge-pass", "concierge-session"];

suite("the consent of a visitor", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world;
  before(async () => {
    shopping = await openShopping({ world: {} });
    ({ world } = shopping.worlds);
  });
  after(() => shopping?.close());

  async function enter(t, shopify, isAllowed = false) {
    const me = await shopping.enter(t, world);
    await me.page.addInitScript(`globalThis.isAllowed = ${isAllowed}; if (${shopify}) globalThis.Shopify = ${shopify}`);
    await me.visit({ attributes: 'storage="local"' });
    await me.open();
    const kept = async () => {
      const names = (storage) => `Object.keys(${storage}).filter((name) => name.startsWith("concierge-")).sort()`;
      return {
        local: await me.page.evaluate(names("localStorage")),
        session: await me.page.evaluate(names("sessionStorage")),
      };
    };
    const decide = (allowed) =>
      me.page.evaluate(`isAllowed = ${allowed}; document.dispatchEvent(new CustomEvent("visitorConsentCollected"))`);
    return { me, kept, decide };
  }

  for (const [shop, shopify, isAllowed, where] of /** @type {[string, string, boolean, string][]} */ ([
    ["a page without Shopify", "undefined", false, "local"],
    ["a visitor who agreed", LOADED, true, "local"],
    ["a visitor who did not", LOADED, false, "session"],
    ["a theme without the API", "{}", true, "session"],
    ["an API that fails", "{ customerPrivacy: { preferencesProcessingAllowed: () => x.y } }", true, "session"],
    ["an API that cannot be loaded", "{ loadFeatures: () => x.y }", true, "session"],
  ])) {
    test(`${shop}: what is kept is in ${where} storage`, async (t) => {
      const { me, kept } = await enter(t, shopify, isAllowed);
      await me.converse("a hat");
      assert.deepEqual(await kept(), { local: [], session: [], [where]: NAMES });
      await me.isUnharmed();
    });
  }

  test("is waited for where Shopify loads late", async (t) => {
    const { me, kept } = await enter(t, LATE, true);
    const asked = [];
    me.page.on("request", (request) => asked.push(request.url()));
    await me.ask("a hat");
    await eventually(() => me.page.evaluate("!!globalThis.load"), "Shopify");
    assert.deepEqual(
      asked.filter((url) => url.includes("/v1/")),
      [],
    );
    await me.page.evaluate("load()");
    await me.products.first().waitFor();
    assert.deepEqual(await kept(), { local: NAMES, session: [] });
  });

  test("is not waited for as long as Shopify likes", async (t) => {
    const me = await shopping.enter(t, world);
    await me.page.clock.install();
    await me.page.addInitScript(`globalThis.Shopify = ${LATE}`);
    await me.visit({ attributes: 'storage="local"' });
    await me.open();
    await me.ask("a hat");
    await eventually(() => me.page.evaluate("!!globalThis.load"), "Shopify");
    await me.page.clock.runFor(2_000);
    await me.products.first().waitFor();
    assert.deepEqual(await me.page.evaluate("Object.keys(localStorage)"), []);
  });

  test("moves what was kept at once when it is withdrawn or given, and the conversation goes on", async (t) => {
    const { me, kept, decide } = await enter(t, LOADED, true);
    const prompts = ["a hat to keep", "a scarf to keep", "a bag to keep"];
    await me.converse(prompts[0]);
    await decide(false);
    assert.deepEqual(await kept(), { local: [], session: NAMES });
    await me.converse(prompts[1]);
    assert.deepEqual(await kept(), { local: [], session: NAMES });
    await decide(true);
    assert.deepEqual(await kept(), { local: NAMES, session: [] });
    await me.converse(prompts[2]);
    const asked = await Promise.all(prompts.map((prompt) => world.simulator.requestsWith(prompt)));
    const sessions = asked.map(([{ session_id: session }]) => session);
    assert.ok(sessions[0] && new Set(sessions).size === 1, String(sessions));
    await me.isUnharmed();
  });

  test("holds for an answer that was on its way, too", async (t) => {
    const { me, kept, decide } = await enter(t, LOADED, true);
    await world.prepare("a hat, but slowly", "delay:600");
    const sent = me.page.waitForRequest("**/v1/concierge/chat");
    await me.ask("a hat, but slowly");
    await sent;
    await decide(false);
    await me.products.first().waitFor();
    assert.deepEqual((await kept()).local, []);
  });
});
