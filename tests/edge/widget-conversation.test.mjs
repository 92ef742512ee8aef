// A conversation in the widget that goes on: more products, another page, a new beginning.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { openShopping } from "./support/shopping.mjs";
import { eventually } from "./support/world.mjs";

suite("a conversation in the widget", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, homie, pages;
  before(async () => {
    shopping = await openShopping({ homie: { assistant: "homie" }, pages: { assistant: "rewardsbot" } });
    ({ homie, pages } = shopping.worlds);
  });
  after(() => shopping?.close());
  const enter = (t, options = {}, at = homie) => shopping.enter(t, at, options);

  test("fetches more products, and puts the focus on the first of them", async (t) => {
    const me = await enter(t, {}, pages);
    await me.arrive();
    const more = me.page.getByRole("button", { name: "Show more" });
    const before = await me.products.count();
    await more.focus();
    await me.page.keyboard.press("Enter");
    await eventually(async () => (await me.products.count()) > before, "more products");
    const index = await me.products.evaluateAll((all) => all.findIndex((product) => product.matches(":focus")));
    assert.equal(index, before);
    assert.equal((await me.events("products")).length, 2);
    await me.isUnharmed();
  });

  test("keeps the focus when more products are asked for twice", async (t) => {
    const me = await enter(t, {}, pages);
    await me.arrive();
    const { promise: released, resolve: release } = Promise.withResolvers();
    const asked = [];
    await me.page.route("**/v1/concierge/products*", async (route) => {
      asked.push(route.request().url());
      await released;
      await route.continue();
    });
    const before = await me.products.count();
    await me.page.getByRole("button", { name: "Show more" }).focus();
    await me.page.keyboard.press("Enter");
    await eventually(() => asked.length > 0, "a request");
    await me.page.keyboard.press("Enter");
    assert.equal(await me.focused(), "more");
    release(undefined);
    await eventually(async () => (await me.products.count()) > before, "more products");
    assert.deepEqual([await me.focused(), asked.length], ["product", 1]);
    await me.isUnharmed();
  });

  test("a conversation is there again after the page was left", async (t) => {
    const me = await enter(t, {}, homie);
    await me.visit();
    await me.open();
    await me.converse("A hat to remember");
    await me.visit();
    await me.open();
    await me.questions.filter({ hasText: "A hat to remember" }).waitFor();
    assert.ok((await me.log.locator(".bubble").count()) > 0);
    assert.equal(await me.log.locator("[aria-live=off] .question").count(), 1);
    await me.isUnharmed();
  });

  test("asks for no history where the assistant has none", async (t) => {
    const me = await enter(t, {}, pages);
    await me.arrive();
    const answers = [];
    me.page.on("response", (response) => answers.push([new URL(response.url()).pathname, response.status()]));
    await me.visit();
    await me.open();
    await eventually(() => answers.some(([path]) => path === "/v1/concierge/capabilities"), "the capabilities");
    await me.converse();
    assert.deepEqual(
      answers.filter(([path, status]) => path === "/v1/concierge/history" || status === 404),
      [],
    );
    await me.isUnharmed();
  });

  test("what was said before does not come back after a new beginning", async (t) => {
    const me = await enter(t, {}, homie);
    await me.arrive({}, "A hat to leave behind");
    const { promise: released, resolve: release } = Promise.withResolvers();
    await me.page.route("**/history*", async (route) => {
      await released;
      await route.continue();
    });
    const answered = me.page.waitForResponse("**/history*");
    await me.visit();
    await me.open();
    await me.page.getByRole("button", { name: "New conversation" }).click();
    release(undefined);
    await (await answered).finished();
    await me.converse("Another hat");
    assert.equal(await me.questions.count(), 1);
    assert.equal(await me.focused(), "field");
  });
});
