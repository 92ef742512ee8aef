// What assistive technology is given: the tree of the widget in a text, and what axe finds in each of its states.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { NARROW, SHOP } from "./support/shopper.mjs";
import { openShopping } from "./support/shopping.mjs";

const SIZES = /** @type {[string, { width: number, height: number }, number][]} */ ([
  ["1280 px", { width: 1280, height: 800 }, 1],
  ["320 px", NARROW, 1],
  ["a zoom of 200 %", { width: 640, height: 400 }, 2],
]);

/** An answer whose words are known. */
const ANSWER = {
  message: "Two of them.\n\nBoth are warm.",
  products: [
    { title: "Red hat", vendor: "Ada", price: 20, currency: "USD", url: `https://${SHOP}/products/red-hat` },
    { title: "Blue hat", price: null, available: false },
  ],
  follow_up: "Which one?",
  refinement_options: [{ text: "Under $50", type: "budget" }],
};

const CLOSED = `
- button "Shopping assistant"
`;
const OPEN = `
- button "Shopping assistant" [expanded]
- dialog "Shopping assistant":
  - heading "Shopping assistant" [level=2]
  - button "New conversation"
  - button "Close": ×
  - log "Conversation":
    - paragraph: Hello. I am this shop’s AI assistant. Tell me who it is for, the occasion or your budget.
  - status
  - textbox "What are you looking for?"
  - button "Send"
`;
const ANSWERED = `
- button "Shopping assistant" [expanded]
- dialog "Shopping assistant":
  - heading "Shopping assistant" [level=2]
  - button "New conversation"
  - button "Close": ×
  - log "Conversation":
    - paragraph: Hello. I am this shop’s AI assistant. Tell me who it is for, the occasion or your budget.
    - text: "You:"
    - paragraph: A hat
    - text: "Assistant:"
    - paragraph: Two of them.
    - paragraph: Both are warm.
    - list "Products":
      - listitem:
        - heading "Red hat (opens in a new tab)" [level=3]:
          - link "Red hat (opens in a new tab)":
            - /url: https://www.example.com/products/red-hat
        - paragraph: Ada
        - paragraph: $20
      - listitem:
        - paragraph: Sold out
        - heading "Blue hat" [level=3]
    - paragraph: Which one?
    - button "Under $50"
  - status: "Products shown: 2"
  - textbox "What are you looking for?"
  - button "Send"
`;

suite("the widget to assistive technology", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world;
  before(async () => {
    shopping = await openShopping({ world: {} });
    ({ world } = shopping.worlds);
  });
  after(() => shopping?.close());

  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const [size, viewport, deviceScaleFactor] of SIZES) {
      test(`axe finds nothing: ${colorScheme}, ${size}`, async (t) => {
        const me = await shopping.enter(t, world, { viewport, deviceScaleFactor, colorScheme });
        const [slow, failing] = ["slow", "failing"].map((what) => `A ${what} hat, ${colorScheme}, ${size}`);
        await me.visit();
        await me.launcher.waitFor();
        await me.isAccessible("closed");
        await me.open();
        await me.isAccessible("open");
        await world.prepare(slow, "delay:1500");
        await me.ask(slow);
        await me.log.locator(".preview").waitFor();
        await me.isAccessible("answering");
        await me.products.first().waitFor();
        await me.isAccessible("answered");
        await me.log.evaluate((element) => element.scrollTo(0, element.scrollHeight));
        await me.isAccessible("answered, at the end");
        await world.prepare(failing, "error:misconfigured_api_key");
        await me.ask(failing);
        await me.status.filter({ hasText: "Something went wrong." }).waitFor();
        await me.page.locator("summary").click();
        await me.isAccessible("error");
        await me.page.route("**/v1/concierge/chat", (route) => {
          if (route.request().method() !== "POST") return route.continue();
          const headers = {
            "access-control-allow-origin": "*",
            "access-control-expose-headers": "Retry-After",
            "retry-after": "3600",
          };
          return route.fulfill({ status: 429, headers, json: { error: "rate_limited", message: "wait" } });
        });
        await me.ask("A hat too many");
        await me.page.getByRole("timer").waitFor();
        await me.isAccessible("limited");
        await me.fits();
      });
    }
  }

  test("is what this tree says", async (t) => {
    const me = await shopping.enter(t, world);
    await me.page.route("**/v1/concierge/chat", async (route) => {
      const response = await route.fetch();
      const body = { ...(await response.json()), ...ANSWER };
      await route.fulfill({ response, json: body });
    });
    await me.visit();
    await me.launcher.waitFor();
    // Of an element without a box of its own, Playwright sees nothing, so these are its parts.
    const tree = async () => {
      const parts = await me.page.locator(".launcher, .panel").all();
      const trees = await Promise.all(parts.map((part) => part.ariaSnapshot()));
      return `\n${trees.join("\n")}\n`;
    };

    assert.equal(await tree(), CLOSED);
    await me.open();
    assert.equal(await tree(), OPEN);
    await me.converse("A hat");
    assert.equal(await tree(), ANSWERED);
  });
});
