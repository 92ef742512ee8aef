// A real browser on the shop, another origin than the worker's, before every assistant: a chat, a limit and a refusal are
// readable from the page.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { NAMES } from "../../scripts/demo.mjs";
import { serveStorefront } from "../../storefront/server/server.mjs";
import { MISSING, launch } from "./support/browser.mjs";
import { GIFT, Shopper } from "./support/shopper.mjs";
import { freePort, openPage, openStorefront, violations } from "./support/storefront.mjs";
import { rowOf } from "./support/assistants.mjs";
import { PATH, eventually, openWorld } from "./support/world.mjs";

suite("a page in Chromium", { skip: MISSING, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  for (const name of NAMES) {
    suite(`before ${name}`, { concurrency: 1 }, () => {
      const CAP = 3;
      const { products, chips, offers } = rowOf(name);
      let shop, world;
      before(async () => {
        shop = await openStorefront({ name, vars: { SHOPPER_LIMITS: `${CAP}/hour` } });
        ({ world } = shop);
      });
      after(() => shop?.close());

      /** A new shopper on the page with the chat in it. */
      const enter = async (t) => {
        const page = await openPage(browser);
        t.after(() => page.context().close());
        page.setDefaultTimeout(20_000);
        const me = new Shopper(page, shop, world);
        await page.goto(`${shop.url}/pages/gift-advice`);
        await me.field.waitFor();
        return me;
      };

      /** Asks from the page's own script, and tells what it can read. */
      const fetchFromPage = (page, path, method = "POST") =>
        page.evaluate(
          async ([url, method]) => {
            const headers = { "content-type": "application/json", "shopper-pass": "none" };
            try {
              const body = method === "POST" ? "{}" : undefined;
              const response = await fetch(url, { method, headers, body });
              const { error } = /** @type {any} */ (await response.json());
              return { status: response.status, error, id: response.headers.get("x-request-id") };
            } catch (error) {
              return /** @type {Error} */ (error).name;
            }
          },
          [world.url.origin + path, method],
        );

      const kept = (page) =>
        page.evaluate(() => ["concierge-pass", "concierge-session"].map((name) => sessionStorage.getItem(name)));

      test("chats, shows the products' pictures and pages, if there are any, and keeps its conversation", async (t) => {
        const me = await enter(t);
        await me.converse();
        const widths = await me.products
          .locator("img")
          .evaluateAll((images) => Promise.all(images.map((image) => image.decode().then(() => image.naturalWidth))));
        assert.equal(widths.length > 0, products);
        assert.ok(
          widths.every((width) => width > 0),
          `pictures ${widths} wide`,
        );
        const links = await me.products.getByRole("link").evaluateAll((links) => links.map(({ href }) => href));
        assert.equal(links.length, widths.length);
        for (const link of links) assert.equal((await fetch(link)).status, 200, link);
        const [pass, session] = await kept(me.page);
        assert.match(pass, /^[\w-]{108}$/);
        const chip = me.log.locator(".chip");
        assert.equal((await chip.count()) > 0, chips);
        if (chips) {
          await chip.first().click();
          await eventually(async () => (await me.log.locator(".turn").count()) >= 4, "the chip's answer");
        } else await me.converse("Under $200");
        assert.equal(await me.questions.count(), 2);
        assert.deepEqual(await kept(me.page), [pass, session]);
        assert.deepEqual([await violations(me.page), me.complaints], [[], []]);
      });

      test("has its conversation again on the next page", async (t) => {
        const me = await enter(t);
        await me.converse();
        const said = () => me.page.evaluate("sessionStorage.getItem('concierge-said')");
        if (!offers.includes("history")) await eventually(said, "what was said, kept in the tab");
        await me.page.goto(`${shop.url}/pages/assistant`);
        await me.questions.first().waitFor();
        assert.deepEqual(await me.questions.allTextContents(), [GIFT]);
      });

      const hasPages = offers.includes("pages");
      test(`shows ${hasPages ? "more products" : "all products at once"}`, async (t) => {
        const me = await enter(t);
        await me.converse("A gift");
        const before = await me.products.count();
        const more = me.page.getByRole("button", { name: "Show more" });
        assert.equal(await more.count(), Number(hasPages));
        if (!hasPages) return;
        await more.click();
        await eventually(async () => (await me.products.count()) > before, "more products");
      });

      test("says in the developer panel which assistant answers, and what it offers", async (t) => {
        const me = await enter(t);
        await me.page.keyboard.press("F2");
        await me.page.getByText(`${name} answers.`).waitFor();
        const offered = await me.page.getByText(/^It offers/).textContent();
        for (const what of offers) assert.ok(offered.includes(what), `${what}: ${offered}`);
      });

      test("shows the HTML of an answer as text", async (t) => {
        const prompt = `A birthday gift for a friend, from ${name}`;
        await world.prepare(prompt, "hostile-html");
        const me = await enter(t);
        const title = await me.page.title();
        await me.converse(prompt);
        await me.log.getByText("document.title='owned'").first().waitFor();
        assert.equal(await me.page.title(), title);
        assert.equal(await me.log.locator("script, svg[onload], [onerror]").count(), 0);
      });

      test("reads a 429 and how long to wait", async (t) => {
        const me = await enter(t);
        for (let i = 0; i < CAP; i += 1) await me.converse(`a hat, please, for the ${i}th time`);
        await me.ask("a hat once more");
        await me.page.getByRole("timer").filter({ hasText: /\d/ }).waitFor();
        const status = await me.page.evaluate(async (url) => {
          const headers = {
            "content-type": "application/json",
            "shopper-pass": sessionStorage.getItem("concierge-pass") ?? "",
          };
          const body = JSON.stringify({ prompt: "once more" });
          const response = await fetch(url, { method: "POST", headers, body });
          return [response.status, Number(response.headers.get("retry-after"))];
        }, `${world.url.origin}${PATH}`);
        assert.equal(status[0], 429);
        assert.ok(status[1] > 3_500 && status[1] <= 3_600, `${status[1]} s`);
      });

      test("reads the refusals: an unknown route, a broken body", async (t) => {
        const { page } = await enter(t);
        const nowhere = await fetchFromPage(page, "/nowhere");
        assert.deepEqual([nowhere.status, nowhere.error], [404, "not_found"]);
        assert.match(nowhere.id, /^[0-9a-f-]{36}$/);
        const broken = await fetchFromPage(page, PATH);
        assert.deepEqual([broken.status, broken.error], [400, "missing_prompt"]);
      });

      test("of another origin reads nothing and spends nothing", async (t) => {
        const stranger = await serveStorefront({ port: 0, worker: world.url.href });
        t.after(() => stranger.close());
        const { page } = await enter(t);
        const before = (await world.simulator.requests()).length;
        await page.goto(stranger.url);
        assert.equal(await fetchFromPage(page, PATH), "TypeError");
        assert.equal((await world.simulator.requests()).length, before);
      });
    });
  }

  suite("on the worker's own origin", { concurrency: 1 }, () => {
    let world, page;
    before(async () => {
      const port = await freePort();
      const vars = { ALLOWED_ORIGINS: `http://localhost:${port}` };
      world = await openWorld({ assistant: "homie", port, vars });
      page = await browser.newPage();
      await page.goto(`http://localhost:${port}/healthz`);
    });
    after(() => Promise.all([page?.close(), world?.close()]));

    test("reads its history, although a browser sends no origin with a GET there", async () => {
      const messages = await page.evaluate(async (path) => {
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ prompt: "A hat" });
        /** @returns {Promise<any>} */
        const json = async (url, init) => (await fetch(url, init)).json();
        const { session_id: id } = await json(path, { method: "POST", headers, body });
        return (await json(`/v1/concierge/history?session_id=${id}`)).messages;
      }, PATH);
      assert.deepEqual(
        messages.map(({ role }) => role),
        ["user", "assistant"],
      );
      assert.equal(messages[0].text, "A hat");
    });

    test("may not be read from a page that got there by a link on another site", async () => {
      const stranger = await serveStorefront({ port: 0, worker: world.url.href });
      try {
        await page.goto(stranger.url);
        const before = (await world.simulator.requests()).length;
        const status = page.waitForResponse((response) => response.url().includes("/products")).then((r) => r.status());
        const url = `${world.url.origin}/v1/concierge/products?page=a`;
        await page.evaluate(`location.assign(${JSON.stringify(url)})`);
        assert.equal(await status, 403);
        assert.equal((await world.simulator.requests()).length, before);
      } finally {
        await stranger.close();
      }
    });
  });
});
