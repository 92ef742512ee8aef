// Answers that no assistant should give: endless, of the wrong types, or made to turn the page around.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { NARROW } from "./support/shopper.mjs";
import { openShopping } from "./support/shopping.mjs";

/** Begins text that is written from right to left, whatever is in it, and never ends it. */
const OVERRIDE = "\u202e";

const ODD = [
  null,
  true,
  -1,
  1e308,
  0.5,
  "",
  " ",
  "\ud800",
  "<img src=x onerror=alert(1)>",
  "javascript:alert(1)",
  OVERRIDE,
];
const FIELDS = ["message", "products", "follow_up", "refinement_options", "next_page", "session_id", "title", "handle"];
const MORE_FIELDS = ["vendor", "price", "currency", "image", "url", "available", "text", "type", "length", "__proto__"];

/** Makes odd values, the same ones in each run. */
function oddity(seed) {
  let state = seed;
  const random = (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const pick = (all) => all[random(all.length)];
  const value = (depth) => {
    const kind = depth > 3 ? 0 : random(3);
    if (kind === 0) return pick(ODD);
    if (kind === 1) return Array.from({ length: random(4) }, () => value(depth + 1));
    return Object.fromEntries([...FIELDS, ...MORE_FIELDS].map((name) => [name, value(depth + 1)]));
  };
  return value(0);
}

suite("a hostile answer", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world;
  before(async () => {
    shopping = await openShopping({ world: {} });
    ({ world } = shopping.worlds);
  });
  after(() => shopping?.close());

  /** A shopper on a small screen, whom this is answered. */
  async function hear(t, next) {
    const me = await shopping.enter(t, world, { viewport: NARROW });
    await me.page.route("**/v1/concierge/chat", (route) => {
      if (route.request().method() !== "POST") return route.continue();
      const headers = { "access-control-allow-origin": "*" };
      return route.fulfill({ headers, json: next() });
    });
    await me.visit();
    await me.open();
    return me;
  }

  test("may have a million characters, of which the first are shown", async (t) => {
    const me = await hear(t, () => ({ message: "x".repeat(1_000_000), products: [{ title: "y".repeat(1_000_000) }] }));
    await me.converse("a hat");
    const said = await me.log.locator(".bubble").last().textContent();
    assert.equal(said.length, 20_000);
    assert.ok((await me.products.first().textContent()).length < 300);
    await me.fits();
    await me.converse("Are you still there?");
    await me.isUnharmed();
  });

  test("may have ten thousand products, of which a dozen are shown at a time", async (t) => {
    const product = (_, index) => ({ title: `Hat ${index}`, image: "https://pictures.example/hat.png", price: index });
    const me = await hear(t, () => ({ message: "All hats.", products: Array.from({ length: 10_000 }, product) }));
    await me.page.route("https://pictures.example/**", (route) => route.abort());
    await me.converse("a hat");
    assert.equal(await me.products.count(), 12);
    await me.page.getByRole("button", { name: "Show more" }).click();
    assert.equal(await me.products.count(), 24);
    await me.fits();
    assert.equal(await me.page.title(), "The shop");
  });

  test("turns nothing around but its own words", async (t) => {
    const me = await hear(t, () => ({
      message: `${OVERRIDE}abc`,
      products: [{ title: `${OVERRIDE}abc`, vendor: `${OVERRIDE}abc`, price: 12, currency: "USD" }],
      follow_up: "Which one?",
      refinement_options: [{ text: `${OVERRIDE}abc`, type: "x" }, { text: "Under $50" }],
    }));
    await me.converse(`${OVERRIDE}hat`);
    const places = me.log.locator(".question, .bubble, .name, .vendor, .chip");
    const isolation = await places.evaluateAll((all) =>
      all.map((element) => /** @type {any} */ (globalThis).getComputedStyle(element).unicodeBidi),
    );
    assert.ok(isolation.length > 6 && isolation.every((kind) => kind === "isolate"), String(isolation));
    // Which of two characters stands further left tells which way a text runs.
    const runs = (name) =>
      me.log
        .locator(name)
        .last()
        .evaluate((element) => {
          const { document } = /** @type {any} */ (globalThis);
          const at = (index) => {
            const range = document.createRange();
            range.setStart(element.firstChild, index);
            range.setEnd(element.firstChild, index + 1);
            return range.getBoundingClientRect().left;
          };
          return at(1) < at(2) ? "right" : "left";
        });
    assert.deepEqual([await runs(".vendor"), await runs(".price"), await runs(".bubble")], ["left", "right", "right"]);
    await me.fits();
  });

  test("may be of any types at all", async (t) => {
    let seed = 0;
    const me = await hear(t, () => oddity(seed));
    const results = { answered: 0, refused: 0 };
    for (seed = 1; seed <= 40; seed++) {
      await me.field.fill(`Question ${seed}`);
      const said = await me.widget.evaluate(async (element) => {
        const heard = new Promise((resolve) => {
          for (const name of ["message", "error"]) {
            element.addEventListener(`concierge:${name}`, ({ detail }) => detail.role !== "user" && resolve(name));
          }
        });
        await element.send(`${Math.random()}`);
        return heard;
      });
      results[said === "message" ? "answered" : "refused"] += 1;
    }
    assert.ok(results.answered > 20, JSON.stringify(results));
    // What is no object is refused by the client. Anything else would be a mistake of the widget's own.
    const codes = (await me.events("error")).map(({ detail }) => detail.code);
    assert.deepEqual(
      codes.filter((code) => code !== "unreadable"),
      [],
    );
    assert.equal(await me.log.locator("script, svg, iframe, [onerror], [onload]").count(), 0);
    await me.fits();
    await me.isUnharmed();
  });
});
