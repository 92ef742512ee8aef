// The developer panel of the shop, in a real browser: what it shows of the page's requests, and what it lets one try.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING, launch } from "./support/browser.mjs";
import { NARROW, Shopper } from "./support/shopper.mjs";
import { openPage, openStorefront, violations } from "./support/storefront.mjs";
import { eventually } from "./support/world.mjs";

/** What a page may send, and how the worker answers before an assistant without history, pages and sign-ups. */
const REFUSED = new Map([
  ["no prompt", "400 missing_prompt"],
  ["a prompt of 2,001 characters", "400 prompt_too_long"],
  ["a body of 9 KB", "400 body_too_large"],
  ["broken JSON", "400 invalid_json_body"],
  ["a list", "400 body_must_be_object"],
  ["a number as session_id", "400 invalid_field"],
  ["a text as context", "400 invalid_field"],
  ["text/plain", "415 unsupported_media_type"],
  ["a token that is none", "401 invalid_shopper_token"],
  ["GET of the chat", "405 method_not_allowed"],
  ["an unknown path", "404 not_found"],
  ["a stranger's history", "404 not_offered"],
  ["a stranger's products", "404 not_offered"],
  ["a sign-up without consent", "404 not_offered"],
]);

suite("the developer panel", { skip: MISSING, concurrency: 1 }, () => {
  let shop, limited, browser;
  before(async () => {
    const caps = { SHOPPER_LIMITS: "3/minute, 100/hour", NEWCOMER_LIMITS: "5/minute", NETWORK_LIMITS: "11/minute" };
    [shop, limited, browser] = await Promise.all([openStorefront(), openStorefront({ vars: caps }), launch()]);
  });
  after(() => Promise.all([browser?.close(), shop?.close(), limited?.close()]));

  /**
   * A developer on a page of this shop.
   *
   * @param {import("node:test").TestContext} t
   * @param {{ path?: string, at?: any } & import("playwright-core").BrowserContextOptions} [options]
   */
  const enter = async (t, { path = "/pages/gift-advice", at = shop, ...options } = {}) => {
    const page = await openPage(browser, { viewport: { width: 1280, height: 900 }, ...options });
    t.after(() => page.context().close());
    const me = new Shopper(page, at, at.world);
    await page.goto(at.url + path);
    return me;
  };
  const panelOf = ({ page }) => page.getByRole("dialog", { name: "Developer panel" });
  const told = (me) => panelOf(me).locator(".told");
  const newest = (me) => panelOf(me).locator(".requests li").first();
  const newestIs = (me, status) => newest(me).locator(".status").filter({ hasText: status }).waitFor();
  const press = (me, name) => panelOf(me).getByRole("button", { name, exact: true }).click();
  const openPanel = async (me) => {
    await me.page.keyboard.press("F2");
    await panelOf(me).getByText("answers.").waitFor();
  };

  test("opens by a key, wherever the focus is, and by a button; closes by both, and by Esc", async (t) => {
    const me = await enter(t);
    await me.field.fill("a hat");
    await me.page.keyboard.press("F2");
    await panelOf(me).waitFor();
    assert.equal(await me.focused(), "close");
    await me.page.keyboard.press("F2");
    assert.equal(await panelOf(me).count(), 0);
    assert.equal(await me.field.inputValue(), "a hat");
    const button = me.page.getByRole("button", { name: "Developer panel" });
    await button.click();
    assert.equal(await button.getAttribute("aria-expanded"), "true");
    await me.page.keyboard.press("Escape");
    assert.equal(await panelOf(me).count(), 0);
    assert.equal(await me.focused(), "panel-button");
    assert.match(await me.page.locator("footer").textContent(), /F2 opens the developer panel/);
  });

  test("leaves the other keys to the page, and F2 with a modifier to the system", async (t) => {
    const me = await enter(t);
    for (const key of ["Shift+F2", "Control+F2", "Alt+F2", "2", "F"]) await me.page.keyboard.press(key);
    assert.equal(await panelOf(me).count(), 0);
  });

  test("stays open, with what it has seen, on the shop's next page", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    await me.converse();
    const { length } = await panelOf(me).locator(".requests li").all();
    await me.products.first().getByRole("link").click();
    await me.page.waitForURL("**/products/*");
    await panelOf(me).getByText("POST /v1/concierge/chat").first().waitFor();
    assert.ok((await panelOf(me).locator(".requests li").all()).length >= length);
    assert.notEqual(await me.focused(), "close", "it takes no focus by itself");
  });

  test("shows a request and its answer, and shortens what belongs to the shopper", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    await me.converse("a hat for the panel");
    await me.converse("a red one");
    const [pass, session] = await me.page.evaluate(() => [
      sessionStorage.getItem("concierge-pass"),
      sessionStorage.getItem("concierge-session"),
    ]);
    await newestIs(me, "200");
    await newest(me).locator("summary").click();
    const words = await newest(me).textContent();
    for (const shown of [
      "POST /v1/concierge/chat",
      "a red one",
      "x-request-id",
      "x-ratelimit-remaining",
      "shopper-pass",
    ])
      assert.ok(words.includes(shown), `${shown} in ${words}`);
    assert.match(words, /\d+ ms/);
    const all = (await panelOf(me).textContent()) + (await me.page.evaluate("sessionStorage['developer-journal']"));
    assert.ok(pass && session);
    assert.ok(!all.includes(pass) && !all.includes(session));
    assert.ok(all.includes(`${pass.slice(0, 8)}…`));
  });

  test("counts the shopper's budget down", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    await me.converse();
    const budget = panelOf(me).getByText(/questions left this minute/);
    const before = Number((await budget.textContent()).split(" ")[0]);
    await me.converse();
    await eventually(async () => Number((await budget.textContent()).split(" ")[0]) === before - 1, "one less");
    assert.equal(Number(await panelOf(me).locator("meter").getAttribute("value")), before - 1);
  });

  test("plays each refusal that a page can cause", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    for (const [name, answer] of REFUSED) {
      await press(me, name);
      await told(me)
        .filter({ hasText: `${name}: ${answer}. ` })
        .waitFor();
      await newest(me)
        .locator(".status")
        .filter({ hasText: answer.slice(0, 3) })
        .waitFor();
    }
    const buttons = await panelOf(me).getByRole("region", { name: "Refusals" }).getByRole("button").allTextContents();
    assert.deepEqual(buttons, [...REFUSED.keys(), "questions until a budget is used up"]);
  });

  test("asks until a budget is used up, and the widget counts the same wait down", async (t) => {
    const me = await enter(t, { at: limited });
    await openPanel(me);
    await press(me, "questions until a budget is used up");
    await told(me)
      .filter({ hasText: /^After 3 answers: 429 rate_limited\./ })
      .waitFor();
    await panelOf(me)
      .getByText(/^Refused for \d+ s\. RateLimit: "shopper";r=/)
      .waitFor();
    await panelOf(me).getByText("0 of 3 questions left this minute (shopper)").waitFor();
    assert.equal(await panelOf(me).locator("meter").getAttribute("value"), "0");
    await me.ask("a hat");
    await me.page.getByRole("timer").filter({ hasText: /\d/ }).waitFor();
  });

  test("has the next question meet a fault of the assistant, and the one after it none", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    await press(me, "fails");
    await panelOf(me).getByText("The next question meets status:500.").waitFor();
    await me.ask("a hat, please");
    await newestIs(me, "502");
    await told(me).filter({ hasText: "A question has met status:500." }).waitFor();
    assert.equal(await me.field.inputValue(), "a hat, please", "the widget keeps the question");
    await panelOf(me).getByText("Choose what the assistant does").waitFor();
    await me.converse("a hat, please");
    // It is over with the question after it, as soon as the panel has read the answer, too.
    await eventually(async () => (await told(me).textContent()) === "", "an empty line");
  });

  test("keeps a fault for the next question if 200 are asked at once", async (t) => {
    const me = await enter(t, { at: limited });
    await openPanel(me);
    await press(me, "answers with nothing");
    await panelOf(me).getByText("meets empty").waitFor();
    await press(me, "One shopper asks 200 at once");
    await panelOf(me)
      .locator(".verdict")
      .filter({ hasText: /^3 were answered/ })
      .waitFor({ timeout: 30_000 });
    const state = /** @type {any} */ (await (await fetch(`${limited.url}/demo/state`)).json());
    assert.equal(state.fault, "empty");
    await press(me, "answers with nothing");
    await panelOf(me).getByText("Choose what the assistant does").waitFor();
  });

  test("has only faults that there are", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    const buttons = await panelOf(me)
      .getByRole("region", { name: "Faults of the assistant" })
      .getByRole("button")
      .all();
    assert.ok(buttons.length >= 10);
    for (const button of buttons) {
      await button.click();
      await panelOf(me)
        .getByText(`The next question meets ${await button.getAttribute("title")}.`)
        .waitFor();
      assert.equal(await button.getAttribute("aria-pressed"), "true");
    }
    await buttons.at(-1).click();
    await panelOf(me).getByText("Choose what the assistant does").waitFor();
  });

  test("keeps a fault for the next question if the worker refuses one by itself", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    await press(me, "answers with nothing");
    await panelOf(me).getByText("meets empty").waitFor();
    await press(me, "no prompt");
    await told(me).filter({ hasText: "400 missing_prompt" }).waitFor();
    await panelOf(me).getByText("meets empty").waitFor();
    await press(me, "answers with nothing");
    await panelOf(me).getByText("Choose what the assistant does").waitFor();
  });

  test("takes the place of a chat that covers a small screen", async (t) => {
    const me = await enter(t, { path: "/", viewport: NARROW });
    await me.open();
    await me.page.keyboard.press("F2");
    await panelOf(me).waitFor();
    assert.equal(await me.field.count(), 0);
    await press(me, "no prompt");
    await told(me).filter({ hasText: "400 missing_prompt" }).waitFor();
  });

  test("tells when there is no answer", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    await me.page.route("**/v1/concierge/**", (route) => route.abort());
    await press(me, "no prompt");
    await told(me)
      .filter({ hasText: /^There was no answer/ })
      .waitFor();
    await newest(me).getByText("TypeError").waitFor({ state: "attached" });
  });

  test("shows hostile answers as text", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    const title = await me.page.title();
    await press(me, "answers with markup");
    await panelOf(me).getByText("meets hostile-html").waitFor();
    await me.converse("a gift");
    await newestIs(me, "200");
    await newest(me).locator("summary").click();
    assert.match(await newest(me).locator("pre").last().textContent(), /<script>/);
    assert.equal(await panelOf(me).locator("script, [onerror], [onload]").count(), 0);
    assert.equal(await me.page.title(), title);
  });

  for (const [name, tier, cap] of [
    ["One shopper asks 200 at once", "shopper", 3],
    ["200 new shoppers ask at once", "newcomer", 5],
    ["10 shoppers of one network ask 200", "network", 11],
  ]) {
    test(`${name}, and exactly the cap is answered`, async (t) => {
      const me = await enter(t, { at: limited });
      await openPanel(me);
      await press(me, name);
      const verdict = panelOf(me).getByText("The cap was exact.");
      await verdict.waitFor({ timeout: 30_000 });
      const budget = `${cap} were answered, and the ${tier}'s budget is ${cap} a minute.`;
      assert.equal(await verdict.textContent(), `${budget} The cap was exact.`);
      const rows = await panelOf(me).locator(".tally tbody tr td:last-child").allTextContents();
      assert.equal(Number(rows[0]), cap);
      assert.equal(
        rows.reduce((sum, count) => sum + Number(count), 0),
        200,
      );
    });
  }

  test("says which assistant answers, takes another one, and begins a new conversation with it", async (t) => {
    const me = await enter(t);
    await openPanel(me);
    await me.converse();
    await panelOf(me).getByText("sales-associate answers.").waitFor();
    await panelOf(me).getByText("It offers chats, and nothing beside.").waitFor();
    await panelOf(me).getByRole("combobox").selectOption("homie");
    await press(me, "Switch");
    await panelOf(me).getByText("homie answers.").waitFor();
    await me.field.waitFor();
    assert.equal(await me.questions.count(), 0);
    assert.equal(await me.page.evaluate("sessionStorage.getItem('concierge-session')"), null);
    shop.stage.name = "sales-associate";
  });

  test("takes no assistant that there is not, and none while another one is on its way", async (t) => {
    t.after(() => Object.assign(shop.stage, { isReady: true, name: "sales-associate" }));
    const order = (path, body) => {
      const headers = { origin: shop.url, "content-type": "application/json" };
      return fetch(`${shop.url}/demo/${path}`, { method: "POST", headers, body });
    };
    for (const body of ["", "[]", "null", "{", '{"name":"nobody"}', '{"name":"__proto__"}', '{"name":{}}']) {
      assert.equal((await order("assistant", body)).status, 400, body);
      assert.equal((await order("questions", body)).status, 400, body);
    }
    for (const body of ["{}", '{"fault":"nothing-like-that"}', '{"fault":{}}']) {
      assert.equal((await order("fault", body)).status, 400, body);
    }
    shop.stage.isReady = false;
    assert.equal((await order("assistant", '{"name":"homie"}')).status, 409);
    assert.equal((await fetch(`${shop.url}/demo/fault`)).status, 405);
  });

  test("is accessible, light and dark, wide and narrow, and breaks no rule of the page's policy", async (t) => {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      for (const viewport of [NARROW, { width: 1280, height: 900 }]) {
        const me = await enter(t, { colorScheme, viewport });
        await openPanel(me);
        await press(me, "no prompt");
        await newestIs(me, "400");
        await newest(me).locator("summary").click();
        await me.isAccessible(`${colorScheme} ${viewport.width}`);
        assert.equal(await me.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
        assert.equal(await panelOf(me).evaluate((panel) => panel.scrollWidth <= panel.clientWidth), true);
        assert.deepEqual(await violations(me.page), []);
      }
    }
  });

  test("is not there where the shop's server runs without a stage", async () => {
    const { serveStorefront } = await import("../../storefront/server/server.mjs");
    const bare = await serveStorefront({ port: 0, worker: shop.world.url.href });
    try {
      const page = await (await fetch(bare.url)).text();
      assert.ok(!page.includes("developer"));
      assert.equal((await fetch(`${bare.url}/demo/state`)).status, 404);
    } finally {
      await bare.close();
    }
  });
});
