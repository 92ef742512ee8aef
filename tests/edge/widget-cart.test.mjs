// The button that adds a product to the cart: on a Shopify theme, which these tests play, and on a page with its own cart.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { openShopping } from "./support/shopping.mjs";
import { eventually } from "./support/world.mjs";

const VARIANTS = [
  { id: 1, title: "S", available: false },
  { id: 2, title: "M", available: true },
  { id: 3, title: "L", available: true },
];

suite("the cart of a Shopify theme", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world;
  before(async () => {
    shopping = await openShopping({ world: {} });
    ({ world } = shopping.worlds);
  });
  after(() => shopping?.close());

  /** A shopper at a theme that answers so. `asked` has what it was asked. */
  async function enter(
    t,
    { variants = VARIANTS, status = 200, said = {}, shopify = '{ routes: { root: "/fr/" } }' } = {},
  ) {
    const me = await shopping.enter(t, world);
    const asked = [];
    await me.page.addInitScript(`if (${shopify}) globalThis.Shopify = ${shopify}`);
    await me.page.route(`${me.shop.origin}/*/**`, (route) => {
      const request = route.request();
      const { pathname } = new URL(request.url());
      asked.push([request.method(), pathname, request.postDataJSON()]);
      if (pathname.endsWith("add.js")) return route.fulfill({ status, json: said });
      if (pathname.endsWith(".js")) return route.fulfill({ json: { variants } });
      return route.fulfill({ contentType: "text/html", body: "<title>A product</title>" });
    });
    const add = me.log.getByRole("button", { name: /^Add to cart / }).first();
    return { me, asked, add };
  }

  test("takes the first variant that is there, in the shopper's language", async (t) => {
    const { me, asked, add } = await enter(t);
    await me.arrive();
    const title = await me.products.first().locator(".name").textContent();
    await add.focus();
    await me.page.keyboard.press("Enter");
    await me.page.keyboard.press("Enter");
    await me.status.filter({ hasText: `Added to the cart: ${title.replace(/ \(.*/, "")}, M` }).waitFor();
    const [[, path], ...rest] = asked;
    assert.match(path, /^\/fr\/products\/[\w-]+\.js$/);
    assert.deepEqual(rest, [["POST", "/fr/cart/add.js", { items: [{ id: 2, quantity: 1 }] }]], "it is added once");
    assert.equal(await me.focused(), "add");
    const [{ detail, bubbles, composed }] = await me.events("cart");
    assert.deepEqual([detail.quantity, detail.variant.id, bubbles, composed], [1, 2, true, true]);
    assert.ok(title.startsWith(detail.product.title));
    await me.fits();
    await me.isAccessible("with the cart");
    await me.isUnharmed();
  });

  test("says so if there is none left", async (t) => {
    const { me, add } = await enter(t, { variants: VARIANTS.slice(0, 1) });
    await me.arrive();
    await add.click();
    await me.status.filter({ hasText: /^Sold out: / }).waitFor();
    assert.deepEqual(await me.events("cart"), []);
  });

  for (const [description, words] of /** @type {[unknown, string][]} */ ([
    ["You can only add 1 <b>hat</b> to the cart.", "You can only add 1 <b>hat</b> to the cart."],
    ["x".repeat(1_000), "x".repeat(300)],
    [{}, "This could not be added to the cart."],
    [undefined, "This could not be added to the cart."],
  ])) {
    test(`says why the shop does not take it: ${words.slice(0, 16)}, ${typeof description}`, async (t) => {
      const { me, add } = await enter(t, { status: 422, said: { description } });
      await me.arrive();
      const before = me.page.url();
      await add.click();
      await me.status.filter({ hasText: words }).waitFor();
      assert.equal(await me.status.textContent(), words);
      assert.deepEqual([await me.events("cart"), me.page.url()], [[], before]);
    });
  }

  test("leads to the product's page if anything fails, unless the page keeps the shopper", async (t) => {
    const { me, add } = await enter(t, { status: 500 });
    await me.arrive();
    await me.page.evaluate("addEventListener('concierge:product-click', (e) => e.preventDefault(), { once: true })");
    await add.click();
    await me.status.filter({ hasText: "This could not be added to the cart." }).waitFor();
    await add.click();
    await me.page.waitForURL(/\/fr\/products\/[\w-]+$/);
  });

  for (const [how, shopify, isLost] of /** @type {const} */ ([
    ["whose answer is lost", '{ routes: { root: "/" } }', true],
    [
      "whose action never ends",
      `{
        routes: { root: "/" },
        actions: {
          updateCart() {
            globalThis.isAsked = true;
            return new Promise(() => {});
          },
        },
      }`,
      false,
    ],
  ])) {
    test(`says that it does not know what became of it at a theme ${how}`, async (t) => {
      const { me, add } = await enter(t, { shopify });
      if (isLost) await me.page.route("**/cart/add.js", (route) => route.abort());
      await me.arrive();
      const before = me.page.url();
      await me.page.clock.install();
      await add.click();
      if (!isLost) {
        // Only then: the request for the variants has a time limit of its own.
        await me.page.waitForFunction("globalThis.isAsked");
        await me.page.clock.fastForward(10_000);
      }
      await me.status.filter({ hasText: "We cannot tell whether this was added." }).waitFor();
      assert.equal(me.page.url(), before, "it does not lead to where it would be added again");
      assert.notEqual(await add.getAttribute("aria-disabled"), "true");
    });
  }

  test("leaves it to the theme's own action, where it has one", async (t) => {
    const shopify = `{
      actions: {
        async updateCart(change) {
          globalThis.change = change;
          return globalThis.answer ?? { cart: { id: "cart" } };
        },
      },
    }`;
    const { me, asked, add } = await enter(t, { shopify });
    await me.arrive();
    await add.click();
    await me.status.filter({ hasText: /^Added to the cart: / }).waitFor();
    assert.deepEqual(await me.page.evaluate("change"), {
      lines: [{ merchandiseId: "gid://shopify/ProductVariant/2", quantity: 1 }],
    });
    assert.deepEqual([asked.length, (await me.events("cart"))[0].detail.cart], [1, { id: "cart" }]);
    await me.page.evaluate("globalThis.answer = { warnings: [{ code: 'MERCHANDISE_OUT_OF_STOCK' }] }");
    await add.click();
    await me.status.filter({ hasText: /^Sold out: / }).waitFor();
    await me.page.evaluate("globalThis.answer = { userErrors: [{ message: 'no' }] }");
    await add.click();
    await me.page.waitForURL(/\/products\/[\w-]+$/);
  });

  test("has no button elsewhere, nor for what is sold out or has a handle that leads astray", async (t) => {
    const { me, add } = await enter(t, { shopify: "undefined" });
    const files = [];
    me.page.on("request", (request) => files.push(request.url()));
    await me.arrive();
    assert.equal(await add.count(), 0);
    assert.deepEqual(
      files.filter((url) => url.includes("concierge-cart")),
      [],
    );
    const other = await enter(t);
    const handles = ["../account/logout?x", "a/b", "\ud800", "..", "", 7, null, "good", "sold-out"];
    await other.me.page.route("**/v1/concierge/chat", async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.products = handles.map((handle) => ({ title: "A", handle, available: handle !== "sold-out" }));
      await route.fulfill({ response, body: JSON.stringify(body) });
    });
    await other.me.arrive();
    await other.add.waitFor();
    assert.equal(await other.me.products.count(), handles.length);
    assert.equal(await other.me.log.locator(".add").count(), 1);
    await other.add.click();
    await other.me.status.filter({ hasText: /^Added to the cart/ }).waitFor();
    assert.equal(other.asked[0][1], "/fr/products/good.js");
  });

  test("asks no other origin", async (t) => {
    const { me, asked, add } = await enter(t, { shopify: '{ routes: { root: "//evil.example/" } }' });
    await me.arrive();
    await add.click();
    await eventually(() => asked.length > 0, "a request");
    assert.match(asked[0][1], /^\/products\/[\w-]+\.js$/);
  });

  test("is the page's own where it has one", async (t) => {
    const { me, asked, add } = await enter(t, { shopify: "undefined" });
    await me.visit({ page: 'lang="de"' });
    await me.widget.evaluate((element) => {
      const { addEventListener } = /** @type {any} */ (globalThis);
      element.texts = { add: "Add to cart" };
      let result = Promise.withResolvers();
      element.addToCart = (product) => (product.title ? result.promise : undefined);
      addEventListener("settle", ({ detail }) => {
        if (detail === "fail") result.reject(new Error("no"));
        else result.resolve(detail);
        result = Promise.withResolvers();
      });
    });
    const settle = (detail) => me.page.evaluate(`dispatchEvent(new CustomEvent("settle", { detail: ${detail} }))`);
    await me.open();
    await me.converse();
    await add.click();
    assert.equal(await add.getAttribute("aria-disabled"), "true");
    await settle(true);
    await me.status.filter({ hasText: /^Im Warenkorb: / }).waitFor();
    await add.click();
    await settle(false);
    await me.status.filter({ hasText: /^Ausverkauft: / }).waitFor();
    await add.click();
    await settle('"fail"');
    await me.status.filter({ hasText: "Das konnte nicht in den Warenkorb gelegt werden." }).waitFor();
    assert.equal((await me.events("cart")).length, 1);
    assert.deepEqual(asked, []);
  });
});
