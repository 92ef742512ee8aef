// A real browser on the storefront page, another origin than the worker's: a chat and a limit are
// readable from the page.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { after, afterEach, before, beforeEach, suite, test } from "node:test";

import { chromium } from "playwright-core";

import { serveStorefront } from "../../scripts/storefront.mjs";
import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { PATH, openWorld } from "./support/world.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const skip = existsSync(CHROMIUM)
  ? false
  : `there is no Chromium at ${CHROMIUM}; install Debian's chromium or set CHROMIUM`;

suite("a page in Chromium", { skip, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-background-networking"],
    });
  });
  after(() => browser?.close());

  for (const name of NAMES) {
    suite(`before ${name}`, { concurrency: 1 }, () => {
      const CAP = 3;
      const { products, chips, vars } = ASSISTANTS[name];
      let world, storefront, stranger, page;
      before(async () => {
        const port = await freePort();
        world = await openWorld({
          assistant: name,
          vars: { SHOPPER_LIMITS: `${CAP}/hour`, ALLOWED_ORIGINS: `http://localhost:${port}` },
        });
        storefront = await serveStorefront({ port, worker: world.url.href });
        stranger = await serveStorefront({ port: 0, worker: world.url.href });
      });
      beforeEach(async () => {
        page = await browser.newPage({ reducedMotion: "reduce" });
        page.setDefaultTimeout(20_000);
      });
      afterEach(() => page.close());
      after(async () => {
        await Promise.all([storefront?.close(), stranger?.close(), world?.close()]);
      });

      /** Asks from the page's own script, and tells what it can read. */
      function fetchFromPage(path, method = "POST") {
        return page.evaluate(
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
      }

      async function ask(question) {
        await page.locator("#prompt").fill(question);
        await page.locator("#send").click();
        await page.locator("#send:not([disabled]), #notice[data-kind=wait]").first().waitFor();
      }

      const kept = () =>
        page.evaluate(() => [localStorage.getItem("concierge-pass"), sessionStorage.getItem("concierge-session")]);

      test("chats, shows the products' pictures, if there are any, and keeps its conversation", async () => {
        await page.goto(storefront.url);
        await ask("Birthday gift for my mom, around $250");
        await page.getByTestId("bubble").first().waitFor();
        const widths = await page
          .getByTestId("product")
          .locator("img")
          .evaluateAll((images) => Promise.all(images.map((image) => image.decode().then(() => image.naturalWidth))));
        assert.equal(widths.length > 0, products);
        assert.ok(
          widths.every((width) => width > 0),
          `pictures ${widths} wide`,
        );
        const [pass, session] = await kept();
        assert.match(pass, /^[\w-]{108}$/);
        assert.equal((await page.getByTestId("chip").count()) > 0, chips);
        if (chips) await page.getByTestId("chip").first().click();
        else await ask("Under $200");
        await page.getByTestId("question").nth(1).waitFor();
        await page.locator("#send:not([disabled])").waitFor();
        assert.deepEqual(await kept(), [pass, session]);
      });

      test("says which assistant answers", async () => {
        await page.goto(storefront.url);
        const words = `The assistant is ${vars.ASSISTANT ?? "sales-associate"}.`;
        await page.getByTestId("assistant").filter({ hasText: words }).waitFor();
      });

      test("shows the HTML of an answer as text", async () => {
        const prompt = `A birthday gift for a friend, from ${name}`;
        await world.prepare(prompt, "hostile-html");
        await page.goto(storefront.url);
        await page.evaluate(() => localStorage.clear());
        const title = await page.title();
        await ask(prompt);
        await page.getByTestId("bubble").filter({ hasText: "document.title='owned'" }).first().waitFor();
        assert.equal(await page.title(), title);
        assert.equal(await page.locator("#log script, #log svg[onload], #log [onerror]").count(), 0);
      });

      test("reads a 429 and how long to wait", async () => {
        await page.goto(storefront.url);
        await page.evaluate(() => localStorage.clear());
        for (let i = 0; i <= CAP; i += 1) await ask(`a hat, please, for the ${i}th time`);
        await page.locator("#notice[data-kind=wait]").waitFor();
        const status = await page.evaluate(async (url) => {
          const headers = {
            "content-type": "application/json",
            "shopper-pass": localStorage.getItem("concierge-pass") ?? "",
          };
          const body = JSON.stringify({ prompt: "once more" });
          const response = await fetch(url, { method: "POST", headers, body });
          return [response.status, Number(response.headers.get("retry-after"))];
        }, `${world.url.origin}${PATH}`);
        assert.equal(status[0], 429);
        assert.ok(status[1] > 3_500 && status[1] <= 3_600, `${status[1]} s`);
      });

      test("reads the refusals: an unknown route, a broken body", async () => {
        await page.goto(storefront.url);
        const nowhere = await fetchFromPage("/nowhere");
        assert.deepEqual([nowhere.status, nowhere.error], [404, "not_found"]);
        assert.match(nowhere.id, /^[0-9a-f-]{36}$/);
        const broken = await fetchFromPage(PATH);
        assert.deepEqual([broken.status, broken.error], [400, "missing_prompt"]);
      });

      test("of another origin reads nothing and spends nothing", async () => {
        const before = (await world.simulator.requests()).length;
        await page.goto(stranger.url);
        assert.equal(await fetchFromPage(PATH), "TypeError");
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

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}
