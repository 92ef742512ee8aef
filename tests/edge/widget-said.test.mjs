// What was said, on the next page of a shop whose assistant has no history.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING, launch } from "./support/browser.mjs";
import { GIFT, NARROW, SHOP, Shopper } from "./support/shopper.mjs";
import { DOORS, claims, jwt } from "./support/shoppers.mjs";
import { openShopping } from "./support/shopping.mjs";
import { openPage, openStorefront, violations } from "./support/storefront.mjs";
import { eventually } from "./support/world.mjs";

/** The upstream's conversation in which each of these was asked. */
async function conversations(world, ...prompts) {
  const asked = await Promise.all(prompts.map((prompt) => world.simulator.requestsWith(prompt)));
  return asked.map(([{ session_id: session }]) => session);
}

const said = (me) => me.page.evaluate("sessionStorage.getItem('concierge-said')");
const textsOf = (me, part) => me.log.locator(`.turn .${part}`).allTextContents();
const isKept = (me) => eventually(() => said(me), "what was said");

test("a product's link leaves the conversation where it was", { skip: MISSING }, async (t) => {
  const [shop, browser] = await Promise.all([openStorefront(), launch()]);
  t.after(() => Promise.all([browser.close(), shop.close()]));
  const me = new Shopper(await openPage(browser), shop, shop.world);
  await me.page.goto(shop.url);
  await me.open();
  await me.converse(GIFT);
  // Cards grow by their buttons once the cart's file is there.
  const cartIsThere = () => eventually(async () => (await me.log.locator(".add").count()) > 0, "the cart");
  await cartIsThere();
  const products = await me.products.allTextContents();
  const chips = await me.log.locator(".chip").allTextContents();
  assert.ok(products.length > 0 && chips.length > 0);
  await isKept(me);
  await me.products.first().getByRole("link").click();
  await me.page.waitForURL("**/products/*");
  await me.questions.filter({ hasText: GIFT }).waitFor();
  await cartIsThere();
  assert.deepEqual(await me.products.allTextContents(), products);
  const isAtEnd = () => me.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2);
  await eventually(isAtEnd, "the end of the conversation");
  assert.deepEqual(await me.log.locator(".chip").allTextContents(), chips);
  await me.converse("And a scarf for her?");
  const [one, two] = await conversations(shop.world, GIFT, "And a scarf for her?");
  assert.ok(one && one === two);
  await eventually(async () => (await said(me)).includes("And a scarf for her?"), "the second turn");
  await me.page.goto(shop.url);
  await eventually(async () => (await me.questions.count()) === 2, "both questions");
  assert.equal(await me.log.locator(".chips").count(), 1, "only the last answer has chips");
  assert.deepEqual([await violations(me.page), me.complaints], [[], []]);
});

suite("what was said", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world, tokens, homie;
  before(async () => {
    shopping = await openShopping({
      world: {},
      tokens: { vars: DOORS },
      homie: { assistant: "homie" },
      omniops: { assistant: "omniops as built" },
    });
    ({ world, tokens, homie } = shopping.worlds);
  });
  after(() => shopping?.close());

  /** Opens the chat on a new page, and waits until it has shown what it knows. */
  async function comeBack(me, more = {}) {
    const known = me.page.waitForResponse("**/v1/concierge/capabilities");
    await me.visit(more);
    await me.open();
    await (await known).finished();
  }

  test("is not kept before the first question", async (t) => {
    const me = await shopping.enter(t, world);
    await me.visit();
    await me.open();
    await me.page.reload();
    await me.launcher.waitFor();
    assert.deepEqual(await me.page.evaluate("[sessionStorage.length, localStorage.length]"), [0, 0]);
  });

  test("is open again on the next page, if it was, and takes no focus", async (t) => {
    const me = await shopping.enter(t, world);
    await me.arrive();
    await isKept(me);
    const dialog = me.page.getByRole("dialog", { name: "Shopping assistant" });
    const bounds = await dialog.boundingBox();
    await me.page.reload();
    await me.questions.filter({ hasText: GIFT }).waitFor();
    assert.deepEqual([await me.focused(), await dialog.boundingBox()], ["body", bounds]);
    assert.equal((await me.events("open")).length, 1);
    await me.launcher.click();
    assert.equal(await me.field.count(), 0);
    const urls = [];
    me.page.on("request", (request) => urls.push(request.url()));
    await me.page.reload({ waitUntil: "networkidle" });
    assert.equal(await me.launcher.getAttribute("aria-expanded"), "false");
    assert.equal(urls.filter((url) => url.includes("concierge-panel")).length, 0, "closing is remembered");
    await me.isUnharmed();
  });

  test("covers no small screen by itself", async (t) => {
    const me = await shopping.enter(t, world, { viewport: NARROW });
    await me.arrive();
    await isKept(me);
    await me.page.reload();
    await me.page.locator(".question").waitFor({ state: "attached" });
    assert.equal(await me.field.count(), 0);
    await me.open();
    assert.equal(await me.questions.isVisible(), true);
    await me.isUnharmed();
  });

  for (const storage of ["session", "local"]) {
    test(`is kept in the tab: ${storage} storage`, async (t) => {
      const me = await shopping.enter(t, world);
      const attributes = `link-hosts="${SHOP}" storage="${storage}"`;
      await me.arrive({ attributes }, "A hat to keep");
      await isKept(me);
      assert.equal(await me.page.evaluate("localStorage.getItem('concierge-said')"), null);
      await comeBack(me, { attributes });
      await me.questions.filter({ hasText: "A hat to keep" }).waitFor();
      assert.equal(await me.log.locator("[aria-live=off] .question").count(), 1, "it is not read out again");
      await me.isUnharmed();
    });
  }

  test("is shown in a new tab, too", async (t) => {
    const me = await shopping.enter(t, world);
    await me.arrive({}, "A hat for two tabs");
    await isKept(me);
    const second = await me.another();
    await second.visit();
    await second.open();
    await second.questions.filter({ hasText: "A hat for two tabs" }).waitFor();
    assert.equal(await said(second), await said(me));
    await second.isUnharmed();
  });

  test("is kept nowhere by a page that keeps nothing", async (t) => {
    const me = await shopping.enter(t, world);
    await me.arrive({ attributes: 'storage="memory"' });
    await me.converse("Another one");
    assert.deepEqual(await me.page.evaluate("[sessionStorage.length, localStorage.length]"), [0, 0]);
    await me.isUnharmed();
  });

  for (const name of ["homie", "omniops"]) {
    test(`has its products and chips before an assistant that has a history, too: ${name}`, async (t) => {
      const me = await shopping.enter(t, shopping.worlds[name]);
      await me.arrive({}, "A hat to remember");
      await me.converse(GIFT);
      const shown = () => Promise.all(["question", "bubble", "product", "chip"].map((part) => textsOf(me, part)));
      const before = await shown();
      assert.ok(before[2].length > 0);
      await eventually(async () => (await said(me))?.includes(GIFT), "the second turn");
      const told = me.page.waitForResponse("**/v1/concierge/history*");
      await me.visit();
      await me.open();
      assert.equal((await (await told).json()).messages.length, 4);
      await me.questions.filter({ hasText: GIFT }).waitFor();
      assert.deepEqual(await shown(), before);
      await me.isUnharmed();
    });
  }

  test("is there if the assistant's memory is not", async (t) => {
    const me = await shopping.enter(t, homie);
    await me.arrive({}, "A hat to remember alone");
    await isKept(me);
    await me.page.route("**/v1/concierge/history*", (route) => route.abort());
    await me.visit();
    await me.open();
    await me.questions.filter({ hasText: "A hat to remember alone" }).waitFor();
    assert.ok((await me.products.count()) > 0);
  });

  test("is the end of a long conversation", async (t) => {
    const me = await shopping.enter(t, world);
    await me.page.route("**/v1/concierge/chat", (route) => {
      if (route.request().method() !== "POST") return route.continue();
      const headers = { "access-control-allow-origin": "*" };
      const { prompt } = route.request().postDataJSON();
      const message = prompt.startsWith("long") ? "x".repeat(30_000) : "short";
      return route.fulfill({ headers, json: { session_id: "one", message } });
    });
    await me.visit();
    await me.open();
    const prompts = (kind, count) => Array.from({ length: count }, (_, index) => `${kind} ${index}`);
    const questions = async () =>
      JSON.parse(await said(me))
        .messages.filter(({ role }) => role === "user")
        .map(({ text }) => text);
    for (const prompt of prompts("short", 12)) await me.converse(prompt);
    assert.deepEqual(await questions(), prompts("short", 12).slice(2));
    for (const prompt of prompts("long", 5)) await me.converse(prompt);
    assert.deepEqual(await questions(), prompts("long", 5).slice(2));
    assert.ok((await said(me)).length <= 100_000);
  });

  test("is gone after a reset", async (t) => {
    const me = await shopping.enter(t, world);
    await me.arrive();
    await isKept(me);
    await me.visit();
    await me.widget.evaluate((element) => element.reset());
    assert.equal(await said(me), null);
    await me.open();
    assert.equal(await me.questions.count(), 0);
  });

  for (const storage of ["session", "local"]) {
    test(`is gone after a reset in another tab: ${storage} storage`, async (t) => {
      const attributes = `storage="${storage}"`;
      const first = await shopping.enter(t, world);
      await first.arrive({ attributes });
      const second = await first.another();
      await second.arrive({ attributes });
      await isKept(second);
      await first.widget.evaluate((element) => element.reset());
      await eventually(async () => (await said(second)) === null, "nothing");
      await second.visit({ attributes });
      await second.open();
      await second.converse("A hat after all");
      assert.equal(await second.questions.count(), 1);
    });
  }

  test("is not shown to another shopper", async (t) => {
    const me = await shopping.enter(t, tokens);
    const be = (who) =>
      me.widget.evaluate(
        (element, value) => {
          element.token = async () => value;
        },
        who && jwt(claims(who, { jti: String(Math.random()) })),
      );
    const arriveAs = async (who) => {
      await me.visit();
      await be(who);
      await me.open();
    };
    await arriveAs("anna");
    await me.converse("A hat of Anna's");
    await isKept(me);
    await arriveAs("anna");
    await me.questions.filter({ hasText: "A hat of Anna's" }).waitFor();
    await arriveAs();
    await eventually(async () => (await said(me)) === null, "nothing");
    assert.equal(await me.questions.count(), 0);
  });

  test("does no harm if something else has written it", async (t) => {
    const me = await shopping.enter(t, world);
    await me.arrive();
    await isKept(me);
    const { of, who } = JSON.parse(await said(me));
    const hostile = {
      role: "assistant",
      text: "<img src=x onerror=alert(1)>",
      products: [
        { title: "<script>alert(1)</script>", url: "javascript:alert(1)", image: "http://x.example" },
        null,
        1,
      ],
      refinement_options: [{ text: "<b>" }, null],
      next_page: {},
    };
    const messages = [null, 1, "x", {}, { role: "user", text: {} }, ...Array.from({ length: 10_000 }, () => hostile)];
    const stored = [
      "{",
      "null",
      "1",
      '{"messages":{}}',
      { of, who, messages: "x" },
      { of, who, messages: [[], [null]] },
    ];
    const most = { of, who, messages };
    for (const value of [...stored, most]) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      await me.page.evaluate((text) => sessionStorage.setItem("concierge-said", text), text);
      await comeBack(me);
      // It takes its time. A question that is faster would hide it.
      if (value === most) await me.products.first().waitFor();
      await me.converse("A scarf");
      assert.equal(await me.log.locator("script, .bubble img, a[href^=javascript]").count(), 0);
      await me.isUnharmed();
    }
    assert.ok((await me.products.count()) >= 20, "what can be shown is shown");
    assert.ok((await me.log.locator(".turn .turn").count()) <= 20);
  });
});
