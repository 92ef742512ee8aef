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
    await visit(me, shopify, isAllowed);
    await me.open();
    return { me, ...handles(me) };
  }

  async function visit(me, shopify, isAllowed) {
    await me.page.addInitScript(`globalThis.isAllowed = ${isAllowed}; if (${shopify}) globalThis.Shopify = ${shopify}`);
    await me.visit({ attributes: 'storage="local"' });
  }

  /** What this tab sees that is kept, beside what was said, and the visitor's decision in it. */
  function handles(me) {
    const kept = async () => {
      const names = (storage) =>
        `Object.keys(${storage}).filter((name) => ${JSON.stringify(NAMES)}.includes(name)).sort()`;
      return {
        local: await me.page.evaluate(names("localStorage")),
        session: await me.page.evaluate(names("sessionStorage")),
      };
    };
    const decide = (allowed) =>
      me.page.evaluate(`isAllowed = ${allowed}; document.dispatchEvent(new CustomEvent("visitorConsentCollected"))`);
    return { kept, decide };
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

  test("may be withdrawn on a page where the chat was not opened", async (t) => {
    const { me, kept, decide } = await enter(t, LOADED, true);
    await me.converse("a hat for the next page");
    await Promise.all([me.page.waitForResponse("**/concierge-privacy-*.js"), me.page.reload()]);
    await me.page.waitForFunction("customElements.get('concierge-chat')");
    await eventually(async () => {
      await decide(false);
      return (await kept()).local.length === 0;
    }, "a page that has left nothing");
    assert.deepEqual(await kept(), { local: [], session: NAMES });
    await me.isUnharmed();
  });

  test("is missing in a later visit, which leaves what the earlier one has kept", async (t) => {
    const prompts = ["a hat with consent", "a hat in a later visit"];
    const { me } = await enter(t, LOADED, true);
    await me.converse(prompts[0]);
    const later = await me.another();
    await me.page.close();
    await visit(later, LOADED, false);
    const { kept } = handles(later);
    await eventually(async () => (await kept()).local.length === 0, "a visit without what was kept");
    assert.deepEqual(await kept(), { local: [], session: [] });
    await later.open();
    await later.converse(prompts[1]);
    const [[{ session_id: one }], [{ session_id: two }]] = await Promise.all(
      prompts.map((prompt) => world.simulator.requestsWith(prompt)),
    );
    assert.ok(one && one !== two);
    await later.isUnharmed();
  });

  test("is not known before the API is there, which leaves what was kept as it is", async (t) => {
    const { me } = await enter(t, LOADED, true);
    await me.converse("a hat with consent");
    const later = await me.another();
    await me.page.close();
    await visit(later, LATE, true);
    const { kept } = handles(later);
    await eventually(() => later.page.evaluate("!!globalThis.load"), "Shopify");
    await later.page.evaluate("document.dispatchEvent(new CustomEvent('visitorConsentCollected'))");
    assert.deepEqual(await kept(), { local: NAMES, session: [] });
  });

  test("holds for a question that is refused or fails after it was withdrawn, too", async (t) => {
    for (const [status, more] of /** @type {[number, object][]} */ ([
      [500, {}],
      [429, { "Retry-After": "600" }],
    ])) {
      const { me, kept, decide } = await enter(t, LOADED, true);
      const refusal = Promise.withResolvers();
      await me.page.route("**/v1/concierge/chat", async (route) => {
        if (route.request().method() === "OPTIONS") return route.continue();
        await refusal.promise;
        const headers = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*" };
        const json = { error: status === 429 ? "rate_limited" : "internal", message: "no" };
        return route.fulfill({ status, headers: { ...headers, ...more, "Shopper-Pass": "a-pass" }, json });
      });
      const sent = me.page.waitForRequest("**/v1/concierge/chat");
      await me.ask("a hat");
      await sent;
      await decide(false);
      refusal.resolve(undefined);
      await me.status.filter({ hasText: status === 429 ? /ask again in/ : "Something went wrong" }).waitFor();
      assert.deepEqual(await kept(), { local: [], session: ["concierge-pass"] });
    }
  });

  test("leaves the conversation of the other tabs, which go on with it", async (t) => {
    const prompts = ["a hat in one tab", "a hat in another tab", "a hat in the first tab again"];
    const { me, decide } = await enter(t, LOADED, true);
    await me.converse(prompts[0]);
    const other = await me.another();
    await visit(other, LOADED, true);
    await other.open();
    await other.converse(prompts[1]);
    await me.questions.filter({ hasText: prompts[1] }).waitFor();
    await me.page.evaluate("isAllowed = false");
    await handles(other).decide(false);
    const { kept } = handles(me);
    await eventually(async () => (await kept()).session.length === 2, "what the other tab has left");
    assert.deepEqual(await me.questions.allTextContents(), prompts.slice(0, 2));
    assert.equal(await me.status.filter({ hasText: "another tab" }).count(), 0);
    await me.converse(prompts[2]);
    const asked = await Promise.all(prompts.map((prompt) => world.simulator.requestsWith(prompt)));
    const sessions = asked.map(([{ session_id: session }]) => session);
    assert.ok(sessions[0] && new Set(sessions).size === 1, String(sessions));
    assert.deepEqual(await kept(), { local: [], session: NAMES });
    await decide(false);
    await me.isUnharmed();
  });
});
