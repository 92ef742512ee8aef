// The widget before hostile answers, limits and failures, in a real browser.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { NARROW } from "./support/shopper.mjs";
import { DOORS, claims, jwt } from "./support/shoppers.mjs";
import { openShopping } from "./support/shopping.mjs";
import { eventually } from "./support/world.mjs";

suite("the widget, when something is wrong", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world, limited, verified;
  before(async () => {
    shopping = await openShopping({
      world: {},
      limited: { vars: { SHOPPER_LIMITS: "1/hour" } },
      verified: { vars: DOORS },
    });
    ({ world, limited, verified } = shopping.worlds);
  });
  after(() => shopping?.close());
  const enter = (t, options = {}, at = world) => shopping.enter(t, at, options);

  for (const fault of ["hostile-html", "hostile-links", "hostile-types", "hostile-nulls", "hostile-many"]) {
    test(`${fault}: is shown as text, if at all, and breaks nothing`, async (t) => {
      const me = await enter(t, { viewport: NARROW });
      const prompt = `A birthday gift for a friend, ${fault}`;
      await world.prepare(prompt, fault);
      await me.visit();
      await me.open();
      await me.converse(prompt);
      const cards = await me.products.count();
      assert.ok(cards > 0 && cards <= 12, `${cards} cards`);
      if (fault === "hostile-html")
        assert.match(await me.log.textContent(), /<script>document\.title='owned'<\/script>/);
      if (fault === "hostile-links") assert.equal(await me.log.locator("a, img").count(), 0);
      if (fault === "hostile-types") assert.equal(await me.log.locator(".price").count(), 0);
      if (fault === "hostile-nulls") assert.equal(await me.log.locator(".price, .vendor, a, img").count(), 0);
      if (fault === "hostile-many") {
        await me.page.getByRole("button", { name: "Show more" }).click();
        assert.equal(await me.products.count(), 24);
        assert.equal(await me.focused(), "product");
      }
      assert.equal(await me.log.locator("script, svg, iframe, [onerror], [onload]").count(), 0);
      await me.fits();
      await me.isAccessible(fault);
      await me.isUnharmed();
    });
  }

  test("works where the browser forbids storage", async (t) => {
    const me = await enter(t);
    await me.page.addInitScript(() => {
      const get = () => {
        throw new DOMException("forbidden", "SecurityError");
      };
      for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(globalThis, name, { get });
    });
    await me.visit();
    await me.open();
    const prompts = ["a hat to forget", "a red one to forget"];
    for (const prompt of prompts) await me.converse(prompt);
    const [[first], [second]] = await Promise.all(prompts.map((prompt) => world.simulator.requestsWith(prompt)));
    assert.ok(first.session_id && first.session_id === second.session_id, "one conversation");
    await me.isUnharmed();
  });

  for (const [wait, words] of [
    [undefined, /^You can ask again in \d+ minutes\.$/],
    ["Pergunte de novo em {time}.", /^Pergunte de novo em \d+ minutos\.$/],
  ]) {
    test(`says a wait in one language: ${wait ? "the page's" : "English"}`, async (t) => {
      const me = await enter(t, {}, limited);
      await me.visit({ page: 'lang="pt"' });
      await me.widget.evaluate((element, texts) => Object.assign(element, { texts }), wait ? { wait } : {});
      await me.open();
      await me.converse("a hat");
      await me.ask("a red hat");
      await me.status.filter({ hasText: words }).waitFor();
    });
  }

  test("counts a limit down, and keeps what was typed", async (t) => {
    const me = await enter(t, {}, limited);
    await me.page.clock.install();
    await me.visit();
    await me.open();
    await me.converse("a hat");
    await me.ask("a red hat");
    await me.status.filter({ hasText: /^You can ask again in \d+ minutes\.$/ }).waitFor();
    assert.equal(await me.field.inputValue(), "a red hat");
    assert.equal(await me.questions.count(), 1);
    const clock = me.page.getByRole("timer");
    const first = await clock.textContent();
    assert.match(first, /^You can ask again in (59:\d\d|01:00:00)\.$/);
    assert.equal((await me.status.boundingBox()).width, 1, "the number that stands still is only heard");
    await me.page.clock.runFor(5_000);
    assert.notEqual(await clock.textContent(), first);
    const [event] = await me.events("limited");
    assert.ok(event.detail.seconds > 3_500 && event.detail.seconds <= 3_600);
    await me.isAccessible("limited");
    const sent = [];
    me.page.on("request", (request) => request.url().includes("/v1/") && sent.push(request.url()));
    await me.page.keyboard.press("Enter");
    assert.equal(await me.field.inputValue(), "a red hat");
    assert.deepEqual(sent, [], "no request while it waits");
    await me.page.locator("summary").click();
    assert.equal(await me.page.getByText(/^Reference: [0-9a-f-]{36}$/).isVisible(), true);
    await me.page.clock.fastForward("01:01:00");
    await me.status.filter({ hasText: "You can ask again now." }).waitFor();
    assert.equal(await clock.isVisible(), false);
    assert.deepEqual((await me.seen()).violations, []);
  });

  for (const [next, title] of /** @type {[number, string][]} */ ([
    [0, "is counted down while the question is shown, and ends with the answer"],
    [3_600, "that is followed by a long one gives the question back"],
  ])) {
    test(`a short wait ${title}`, async (t) => {
      const me = await enter(t);
      const prompt = `A hat after a wait, then ${next}`;
      // The clock goes on by itself, too.
      const waits = [19, next];
      let asked = 0;
      await me.page.route("**/v1/concierge/chat", (route) => {
        if (route.request().method() !== "POST") return route.continue();
        asked += 1;
        const wait = waits.shift();
        if (!wait) return route.continue();
        const headers = {
          "access-control-allow-origin": "*",
          "access-control-expose-headers": "Retry-After",
          "retry-after": String(wait),
        };
        return route.fulfill({ status: 429, headers, json: { error: "rate_limited", message: "wait" } });
      });
      await me.page.clock.install();
      await me.visit();
      await me.open();
      await me.ask(prompt);
      await me.status.filter({ hasText: "Your question is sent in 19 seconds." }).waitFor();
      assert.equal(await me.questions.textContent(), prompt);
      assert.equal(await me.field.inputValue(), "");
      const clock = me.page.getByRole("timer");
      const left = async () => Number(/^Your question is sent in 00:(\d\d)\.$/.exec(await clock.textContent())?.[1]);
      const before = await left();
      await me.page.clock.runFor(2_000);
      assert.ok(before - (await left()) >= 2);
      await me.page.keyboard.press("Enter");
      assert.equal(asked, 1);
      await me.page.clock.runFor(20_000);
      if (next) {
        await me.status.filter({ hasText: "You can ask again in 60 minutes." }).waitFor();
        assert.equal(await me.field.inputValue(), prompt);
        assert.equal(await me.questions.count(), 0);
      } else {
        await me.products.first().waitFor();
        assert.equal(await me.questions.textContent(), prompt);
        assert.equal(await clock.isVisible(), false);
      }
      assert.equal(asked, 2);
    });
  }

  test("does without the files that another deployment has taken away", async (t) => {
    const me = await enter(t, {}, limited);
    const gone = [];
    await me.page.addInitScript("globalThis.Shopify = { routes: { root: '/' } }");
    await me.page.route(/\/concierge-(?!panel)\w+-\w{8}\.js$/, (route) => {
      gone.push(
        route
          .request()
          .url()
          .replace(/.*concierge-(\w+)-.*/, "$1"),
      );
      return route.fulfill({ status: 404, contentType: "application/json", body: "{}" });
    });
    await me.visit({ attributes: 'storage="local"', page: 'lang="de"' });
    await me.open();
    await me.converse("a hat");
    await me.products.first().waitFor();
    assert.equal(await me.page.evaluate("localStorage.length"), 0, "nothing is kept without asking");
    await me.ask("a red hat");
    await me.status.filter({ hasText: "You can ask again now." }).waitFor();
    assert.equal(await me.field.inputValue(), "a red hat");
    assert.deepEqual([...new Set(gone)].sort(), ["countdown", "de", "extras", "privacy"]);
  });

  for (const [url, title] of [
    ["", "missing"],
    ["concierge.example.com", "no address"],
  ]) {
    test(`tells the developer once that the url is ${title}`, async (t) => {
      const me = await enter(t);
      await me.visit();
      await me.widget.evaluate((element, wrong) => Object.assign(element, { url: wrong }), url);
      await me.open();
      for (const prompt of ["a hat", "a scarf"]) {
        await me.ask(prompt);
        await me.status.filter({ hasText: "Something went wrong." }).waitFor();
      }
      const [first, ...more] = me.complaints;
      assert.match(first, /^concierge-chat: url\? TypeError/);
      assert.deepEqual(more, []);
    });
  }

  test("asks again for a file that did not come, with the next question", async (t) => {
    const me = await enter(t);
    let isOffline = true;
    await me.page.route("**/concierge-extras-*.js", (route) => (isOffline ? route.abort() : route.continue()));
    await me.arrive();
    const file = me.page.waitForResponse("**/concierge-extras-*.js");
    isOffline = false;
    await me.converse("a scarf");
    assert.equal((await file).status(), 200);
  });

  test("says what went wrong in a shopper's words, and can be asked again", async (t) => {
    const me = await enter(t);
    const prompt = "a lamp that fails";
    await world.prepare(prompt, "error:misconfigured_api_key");
    await me.visit();
    await me.open();
    await me.ask(prompt);
    await me.status.filter({ hasText: "Something went wrong." }).waitFor();
    assert.equal(await me.field.inputValue(), prompt);
    assert.match(await me.page.locator("details").textContent(), /Reference: [0-9a-f-]{36}/);
    const [{ detail }] = await me.events("error");
    assert.equal(detail.code, "misconfigured_api_key");
    await me.isAccessible("error");
    await me.converse("a lamp");
    assert.equal(await me.page.locator("details").isVisible(), false);
  });

  test("a token that has run out is renewed once, and then it is said", async (t) => {
    const me = await enter(t, {}, verified);
    const [old, good] = [1_000_000_000, undefined].map((exp) => jwt(claims("anna", exp && { exp })));
    await me.visit();
    const have = (tokens) =>
      me.widget.evaluate((element, all) => {
        element.asked = 0;
        element.token = async () => all[element.asked++] ?? all.at(-1);
      }, tokens);
    const asked = () => me.widget.evaluate((element) => element.asked);
    await have([old, good]);
    await me.open();
    await me.converse("a hat");
    assert.equal(await asked(), 2);
    await me.converse("a red hat");
    assert.equal(await asked(), 2, "a good token is used again");
    await me.widget.evaluate((element) => element.reset());
    await have([old]);
    await me.ask("a blue hat");
    await me.status.filter({ hasText: "Something went wrong." }).waitFor();
    assert.deepEqual([await asked(), await me.field.inputValue()], [2, "a blue hat"]);
    const [{ detail }] = await me.events("error");
    assert.equal(detail.code, "invalid_shopper_token");
    const outcomes = verified.lines().map(({ outcome }) => outcome);
    assert.equal(outcomes.filter((outcome) => outcome === "invalid_shopper_token").length, 3);
  });

  test("notices that the shopper is offline", async (t) => {
    const me = await enter(t);
    await me.visit();
    await me.open();
    await me.page.context().setOffline(true);
    await me.status.filter({ hasText: "You are offline." }).waitFor();
    await me.ask("a hat");
    await eventually(async () => (await me.events("error")).length === 1, "an error");
    assert.match(await me.status.textContent(), /You are offline\./);
    assert.equal(await me.field.inputValue(), "a hat");
    await me.page.context().setOffline(false);
    await eventually(async () => (await me.status.textContent()) === "", "an empty line");
    await me.converse("a hat");
  });
});
