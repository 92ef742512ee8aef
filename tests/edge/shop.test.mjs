// The shop of `npm start`: its pages and its cart, and the widget in each of its modes, in a real browser.

import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, suite, test } from "node:test";

import { html } from "../../storefront/server/html.mjs";
import { MISSING, launch } from "./support/browser.mjs";
import { NARROW, Shopper } from "./support/shopper.mjs";
import { openPage, openStorefront, violations } from "./support/storefront.mjs";
import { eventually } from "./support/world.mjs";

/** A product's page comes before the cart's: it is what is put into it. */
const PAGES = [
  "/",
  "/collections/wear",
  "/products/promenade-leather-gloves",
  "/cart",
  "/pages/gift-advice",
  "/pages/assistant",
  "/nothing",
];
const VASE = { handle: "tidewater-vase", variant: 85293357794281, cents: 8_600 };
const SOLD_OUT = 85293359112691;

suite("the shop", { concurrency: 4 }, () => {
  let shop, browser;
  before(async () => {
    [shop, browser] = await Promise.all([openStorefront(), MISSING ? undefined : launch()]);
  });
  after(() => Promise.all([browser?.close(), shop?.close()]));

  /** @returns {Promise<import("./support/world.mjs").Answer>} */
  const get = (path, headers = {}) => fetch(shop.url + path, { headers, redirect: "manual" });
  /** @returns {Promise<import("./support/world.mjs").Answer>} */
  const post = (path, body, headers = {}) =>
    fetch(shop.url + path, { method: "POST", body, headers: { origin: shop.url, ...headers }, redirect: "manual" });
  const addByScript = (items, cookie = "") => post("/cart/add.js", JSON.stringify({ items }), { cookie });
  const cookieOf = (response) => response.headers.get("set-cookie").split(";")[0];

  /** A visitor with a browser like this. */
  const enter = async (t, options = {}) => {
    const page = await openPage(browser, options);
    t.after(() => page.context().close());
    return new Shopper(page, shop, shop.world);
  };

  suite("as a Shopify theme offers it", () => {
    test("tells a product's variants, which of them are sold out, and what they cost", async () => {
      const gloves = await (await get("/products/promenade-leather-gloves.js")).json();
      assert.deepEqual(
        gloves.variants.map(({ title, available, price }) => [title, available, price]),
        [
          ["Small", true, 13_500],
          ["Medium", false, 13_500],
          ["Large", true, 13_500],
        ],
      );
      const scarf = await (await get("/products/northlight-cashmere-scarf.js")).json();
      assert.deepEqual([scarf.price_min, scarf.price_max, scarf.price_varies], [21_000, 24_500, true]);
      const vase = await (await get(`/products/${VASE.handle}.js`)).json();
      assert.deepEqual([vase.available, vase.variants.length, vase.variants[0].id], [true, 1, VASE.variant]);
      const frost = await (await get("/products/first-frost-candle.js")).json();
      assert.deepEqual([frost.available, frost.variants[0].id], [false, SOLD_OUT]);
      const onRequest = await (await get("/products/fieldwork-watch.js")).json();
      assert.equal(onRequest.available, false, "what has no price is not sold by itself");
    });

    test("keeps a cart by a cookie", async () => {
      const added = await addByScript([{ id: VASE.variant, quantity: 2 }]);
      assert.equal(added.status, 200);
      const [line] = (await added.json()).items;
      assert.deepEqual([line.quantity, line.price, line.line_price], [2, VASE.cents, 2 * VASE.cents]);
      const cookie = cookieOf(added);
      await addByScript([{ id: VASE.variant }], cookie);
      const cart = await (await get("/cart.js", { cookie })).json();
      assert.deepEqual([cart.item_count, cart.total_price, cart.items.length], [3, 3 * VASE.cents, 1]);
      assert.equal((await (await get("/cart.js")).json()).item_count, 0, "another visitor's cart");
    });

    test("loses nothing that is added at the same time", async () => {
      const cookie = cookieOf(await addByScript([{ id: VASE.variant }]));
      await Promise.all(Array.from({ length: 20 }, () => addByScript([{ id: VASE.variant }], cookie)));
      assert.equal((await (await get("/cart.js", { cookie })).json()).item_count, 21);
    });

    test("adds all or nothing", async () => {
      const cookie = cookieOf(await addByScript([{ id: VASE.variant }]));
      for (const [item, status] of [
        [{ id: SOLD_OUT }, 422],
        [{ id: 1 }, 404],
        [{ id: "__proto__" }, 404],
        [{ id: VASE.variant, quantity: 0 }, 422],
        [{ id: VASE.variant, quantity: 1.5 }, 422],
        [{ id: VASE.variant, quantity: "many" }, 422],
      ]) {
        const response = await addByScript([{ id: VASE.variant }, item], cookie);
        assert.equal(response.status, status, JSON.stringify(item));
        assert.ok((await response.json()).description);
      }
      for (const body of ["", "{", "[]", "null", '{"items":{}}', '{"items":[]}', '{"items":[null]}']) {
        assert.equal((await post("/cart/add.js", body, { cookie })).status, 400, body);
      }
      assert.equal((await (await get("/cart.js", { cookie })).json()).item_count, 1);
    });

    test("has a root for each language", async () => {
      const german = await (await get(`/de/products/${VASE.handle}.js`)).json();
      assert.equal(german.url, `/de/products/${VASE.handle}`);
      assert.match(await (await get("/de/cart")).text(), /<html lang="de" data-root="\/de\/"/);
      const added = await post("/de/cart/add", `id=${VASE.variant}&quantity=1`);
      assert.equal(added.headers.get("location"), "/de/cart");
    });
  });

  suite("against hostile requests", () => {
    test("escapes every text that it puts into a page", async () => {
      const text = `<b title="'">&amp;</b>`;
      const escaped = "&lt;b title=&quot;&#39;&quot;&gt;&amp;amp;&lt;/b&gt;";
      assert.equal(
        String(html`<p title="${text}">${[text, html`<i>${text}</i>`]}</p>`),
        `<p title="${escaped}">${escaped}<i>${escaped}</i></p>`,
      );
      assert.equal(String(html`${false}${null}${undefined}${0}`), "0");
      assert.match(await (await get("/products/seedhead-necklace")).text(), /Petal &amp; Pine/);
    });

    test("leads only to what it has, whatever the path", async () => {
      for (const [path, status] of [
        ["/%", 400],
        ["/products/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404],
        ["/products/%3Cscript%3E.js", 404],
        ["/products/__proto__", 404],
        ["/products/tidewater-vase/more", 404],
        ["/collections/constructor", 404],
        ["/%2e%2e/package.json", 404],
        ["/developer/..%2f..%2fserver/shop.mjs", 404],
        ["/pictures/..%2fv1.svg", 404],
        ["/pictures/nothing.svg", 404],
        ["/demo", 404],
        ["/demo/constructor", 404],
      ]) {
        const response = await get(path);
        const text = await response.text();
        assert.equal(response.status, status, String(path));
        assert.ok(!/<script>|alert/.test(text), String(path));
      }
    });

    test("takes a broken cookie for no cart", async () => {
      for (const cookie of ["halden_cart=<script>", "halden_cart", "halden_cart=" + "a".repeat(36), ";;;=", "a=b"]) {
        const response = await get("/cart.js", { cookie });
        assert.equal((await response.json()).item_count, 0, cookie);
      }
    });

    test("says what a form did wrong as text", async () => {
      const response = await post("/cart/add", "id=<b>1</b>&quantity=<i>");
      assert.equal(response.status, 404);
      const text = await response.text();
      assert.match(text, /Cannot find variant/);
      assert.ok(!text.includes("<b>1"));
      assert.equal((await post("/cart", "updates[<b>]=1&remove=<b>&updates[1]=x")).status, 303);
    });

    test("lets only its own pages change anything", async () => {
      const paths = ["/cart/add.js", "/cart/add", "/cart", "/demo/assistant", "/demo/fault", "/demo/questions"];
      for (const path of paths) {
        for (const origin of ["https://evil.example", "null", shop.url.replace("localhost", "127.0.0.1")]) {
          assert.equal((await post(path, "{}", { origin })).status, 403, `${path} from ${origin}`);
        }
      }
      assert.equal((await fetch(`${shop.url}/cart/add.js`, { method: "POST" })).status, 403, "from no page");
    });

    test("answers nobody who came by another name", async () => {
      const { port } = new URL(shop.url);
      for (const [host, status] of [
        ["evil.example", 421],
        [`evil.example:${port}`, 421],
        [`localhost.evil.example:${port}`, 421],
        [`127.0.0.1:${port}`, 307],
        [`localhost:${port}`, 200],
      ]) {
        assert.equal(await statusFor(port, host), status, String(host));
      }
    });

    test("ends a body that is too large", async () => {
      assert.equal((await post("/cart/add", "a".repeat(100_000))).status, 400);
    });
  });

  suite("in Chromium", { skip: MISSING, concurrency: 3 }, () => {
    test("leads from a shelf to a product and into the cart, without JavaScript, too", async (t) => {
      for (const javaScriptEnabled of [true, false]) {
        const { page } = await enter(t, { javaScriptEnabled });
        await page.goto(shop.url);
        await page.getByRole("link", { name: "To wear" }).first().click();
        await page.getByRole("link", { name: "Promenade Leather Gloves" }).click();
        assert.equal(await page.getByRole("radio", { name: "Medium" }).isDisabled(), true);
        await page.getByRole("radio", { name: "Large" }).check();
        await page.getByRole("spinbutton").fill("2");
        await page.getByRole("button", { name: "Add to cart" }).click();
        await page.waitForURL("**/cart");
        assert.equal(await page.locator("#total").textContent(), "$270");
        await page.getByRole("spinbutton").fill("3");
        await page.getByRole("button", { name: "Update the cart" }).click();
        await page.getByText("$405", { exact: true }).and(page.locator("#total")).waitFor();
        await page.getByRole("button", { name: /^Remove/ }).click();
        await page.getByText("Nothing is in your cart yet.").waitFor();
      }
    });

    test("offers no cart for what is sold out, or has no price", async (t) => {
      const { page } = await enter(t);
      for (const [handle, words] of [
        ["first-frost-candle", "Sold out"],
        ["fieldwork-watch", "Made to order."],
      ]) {
        await page.goto(`${shop.url}/products/${handle}`);
        await page.getByRole("article").getByText(words).waitFor();
        assert.equal(await page.getByRole("button", { name: "Add to cart" }).count(), 0);
      }
    });

    test("counts what a script has put into the cart", async (t) => {
      const { page } = await enter(t);
      await page.goto(`${shop.url}/de/`);
      assert.equal(await page.evaluate("Shopify.routes.root"), "/de/");
      await page.evaluate(async (id) => {
        await fetch("/de/cart/add.js", { method: "POST", body: JSON.stringify({ items: [{ id }] }) });
      }, VASE.variant);
      await eventually(async () => (await page.locator("#cart-count").textContent()) === "1", "the count");
    });

    test("counts what the widget has put into the cart", async (t) => {
      const me = await enter(t);
      await me.page.goto(`${shop.url}/de/collections/home`);
      await me.open();
      await me.converse();
      const name = await me.products.first().locator(".name").textContent();
      await me.products.first().getByRole("button", { name: "In den Warenkorb" }).click();
      await me.status.filter({ hasText: `Im Warenkorb: ${name}` }).waitFor();
      await eventually(async () => (await me.page.locator("#cart-count").textContent()) === "1", "the count");
      await me.page.goto(`${shop.url}/de/cart`);
      await me.page.locator(".cart").getByText(name).first().waitFor();
      assert.deepEqual([await violations(me.page), me.complaints], [[], []]);
    });

    for (const [mode, path] of [
      ["bubble", "/collections/home"],
      ["inline", "/pages/gift-advice"],
      ["page", "/pages/assistant"],
    ]) {
      test(`has the widget in the mode ${mode}, whose products lead to the shop's pages`, async (t) => {
        const me = await enter(t);
        await me.page.goto(shop.url + path);
        if (mode === "bubble") await me.open();
        await me.field.waitFor();
        await me.converse();
        const link = me.products.first().getByRole("link");
        const name = await link.textContent();
        await link.click();
        await me.page.getByRole("heading", { level: 1, name }).waitFor();
        assert.equal(new URL(me.page.url()).origin, shop.url);
        assert.deepEqual([await violations(me.page), me.complaints], [[], []]);
      });
    }

    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      for (const [language, path] of [
        ["English", ""],
        ["German", "/de"],
      ]) {
        test(`is accessible and fits in ${language}, ${colorScheme}, wide and narrow`, async (t) => {
          const me = await enter(t, { colorScheme });
          for (const viewport of [NARROW, { width: 1280, height: 800 }]) {
            await me.page.setViewportSize(viewport);
            for (const page of PAGES) {
              // A cart with something in it has more to be accessible.
              if (page === "/cart") {
                await me.page.getByRole("button", { name: /Add to|In den/ }).click();
                await me.page.waitForURL(`**${path}/cart`);
              } else await me.page.goto(shop.url + path + page);
              await me.isAccessible(`${page} ${viewport.width}`);
              assert.equal(await me.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true, page);
              assert.deepEqual(await violations(me.page), [], page);
            }
          }
          const complaints = me.complaints.filter((words) => !words.includes("404"));
          assert.deepEqual(complaints, []);
        });
      }
    }
  });
});

/** The status for a visitor who wrote this host. */
function statusFor(port, host) {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", reject);
    request.end();
  });
}
