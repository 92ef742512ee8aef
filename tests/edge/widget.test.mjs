// The widget in a real browser, on a page with a strict policy, before a real worker.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { openShop } from "./support/shop.mjs";
import { MISSING, NARROW, SHOP, Shopper, launch } from "./support/shopper.mjs";
import { eventually, openWorld } from "./support/world.mjs";

/** Notes what is added to the transcript, and whether a screen reader would say it. */
const LISTENER = `
  globalThis.heard = [];
  new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      const element = target instanceof Element ? target : target.parentElement;
      if (!element?.closest("[role=log]")) continue;
      const words = [...addedNodes].map((node) => node.textContent).join("");
      heard.push([element.closest("[aria-live=off]") ? "quiet" : "aloud", words]);
    }
  }).observe(document.querySelector("concierge-chat").shadowRoot, {
    subtree: true,
    childList: true,
    characterData: true,
  });
`;

suite("the widget in Chromium", { skip: MISSING, concurrency: 4 }, () => {
  let browser, shop, world, limited, homie, pages;
  before(async () => {
    shop = await openShop();
    const vars = { ALLOWED_ORIGINS: shop.origin };
    [browser, world, limited, homie, pages] = await Promise.all([
      launch(),
      openWorld({ vars }),
      openWorld({ vars: { ...vars, SHOPPER_LIMITS: "1/hour" } }),
      openWorld({ vars, assistant: "homie" }),
      openWorld({ vars, assistant: "rewardsbot" }),
    ]);
  });
  after(() => Promise.all([browser, shop, world, limited, homie, pages].map((opened) => opened?.close())));

  /** A shopper with a browser like this, before this worker. */
  const enter = async (t, options = {}, at = world) => {
    const page = await browser.newPage({ reducedMotion: "reduce", ...options });
    t.after(() => page.context().close());
    return new Shopper(page, shop, at);
  };

  test("loads little, and asks for nothing before the first question", async (t) => {
    const me = await enter(t);
    const urls = [];
    me.page.on("request", (request) => urls.push(request.url()));
    await me.visit();
    await me.launcher.waitFor();
    const scripts = () => urls.filter((url) => url.startsWith(`${world.url.origin}/concierge`)).length;
    assert.equal(scripts(), 1);
    await me.open();
    assert.equal(scripts(), 2);
    assert.deepEqual(
      urls.filter((url) => url.startsWith(`${world.url.origin}/v1/`)),
      [],
    );
    await me.converse("a hat for someone careful");
    assert.equal((await world.simulator.requestsWith("a hat for someone careful")).length, 1);
    await me.isUnharmed();
  });

  test("opens on a page that was loaded before another widget was deployed", async (t) => {
    const me = await enter(t);
    await me.visit();
    await me.page.route(/concierge-panel-/, async (route) => {
      // The file of this name is gone. The newest one has another.
      if (route.request().url().endsWith("?newest")) return route.continue();
      return route.fulfill({ status: 404, contentType: "application/json", body: "{}" });
    });
    await me.page.route(/\/panel\.js$/, async (route) => {
      const body = (await (await route.fetch()).text()).replace('.js"', '.js?newest"');
      await route.fulfill({ contentType: "text/javascript", headers: { "access-control-allow-origin": "*" }, body });
    });
    await me.open();
    await me.converse();
    assert.equal((await me.events("error")).length, 0);
  });

  test("serves a shopper who has only a keyboard", async (t) => {
    const me = await enter(t);
    await me.visit();
    await me.page.locator("#before").focus();
    await me.page.keyboard.press("Tab");
    assert.equal(await me.focused(), "launcher");
    await me.page.keyboard.press("Enter");
    await me.focuses("field");
    assert.equal(await me.launcher.getAttribute("aria-expanded"), "true");
    await me.page.keyboard.type("a gift for a friend");
    await me.page.keyboard.press("Shift+Enter");
    await me.page.keyboard.type("who reads");
    assert.equal(await me.field.inputValue(), "a gift for a friend\nwho reads");
    await me.page.keyboard.press("Enter");
    await me.products.first().waitFor();
    assert.equal(await me.focused(), "field");
    await me.page.keyboard.press("Shift+Tab");
    assert.equal(await me.focused(), "chip");
    await me.page.keyboard.press("Enter");
    await eventually(async () => (await me.questions.count()) === 2, "the chip's question");
    assert.equal(await me.focused(), "field");
    await eventually(async () => (await me.log.locator(".preview").count()) === 0, "the chip's answer");
    await me.page.keyboard.press("Escape");
    await me.focuses("launcher");
    assert.equal(await me.field.count(), 0);
    await me.page.keyboard.press("Enter");
    await me.focuses("field");
    await me.page.keyboard.press("Tab");
    assert.equal(await me.focused(), "send");
    await me.page.keyboard.press("Tab");
    assert.equal(await me.focused(), "after", "no trap beside a dialog that is not modal");
    await me.isUnharmed();
  });

  test("renders an answer in the recommended order, with products as cards", async (t) => {
    const me = await enter(t);
    await me.arrive();
    const names = await me.log
      .locator(".turn")
      .last()
      .evaluate((turn) => [...turn.children].map(({ className }) => className).filter((name) => name !== "unseen"));
    const order = ["bubble", "bubble", "products", "more", "bubble", "chips"];
    assert.deepEqual(names, order);
    const first = me.products.first();
    assert.match(await first.locator(".name").textContent(), /^[A-Z]\w+/);
    assert.match(await first.locator(".price").textContent(), /^\$\d+$/);
    assert.equal(await first.getByRole("link").count(), 1);
    assert.match(await first.getByRole("link").getAttribute("href"), new RegExp(`^https://${SHOP}/products/`));
    assert.equal(await first.getByRole("link").getAttribute("rel"), "noopener");
    const { width, height } = await first.locator(".picture").boundingBox();
    assert.ok(Math.abs(width - height) < 1, `${width} x ${height}`);
    assert.equal(await first.locator("img").getAttribute("loading"), "lazy");
    assert.match(await me.status.textContent(), /^Products shown: \d+$/);
    await me.isUnharmed();
    await me.fits();
  });

  test("shows an initial where a picture does not come", async (t) => {
    const me = await enter(t);
    await me.page.route("**/pictures/**", (route) => route.abort());
    await me.arrive();
    const first = me.products.first();
    await eventually(async () => (await first.locator("img").count()) === 0, "the end of the picture");
    const title = await first.locator(".name").textContent();
    assert.equal(await first.locator(".picture").textContent(), title.charAt(0));
    const { width, height } = await first.locator(".picture").boundingBox();
    assert.ok(Math.abs(width - height) < 1, `${width} x ${height}`);
  });

  test("sends nothing while a word is composed", async (t) => {
    const me = await enter(t);
    await me.visit();
    await me.open();
    await me.field.fill("とけい");
    const press = (more) => me.field.dispatchEvent("keydown", { key: "Enter", bubbles: true, composed: true, ...more });
    await press({ isComposing: true });
    await press({ keyCode: 229 });
    assert.equal(await me.questions.count(), 0);
    await press({});
    assert.equal(await me.questions.count(), 1);
  });

  test("tells the page what happens, and lets it follow a product itself", async (t) => {
    const me = await enter(t);
    await me.arrive();
    await me.page.evaluate("addEventListener('concierge:product-click', (event) => event.preventDefault())");
    const before = me.page.context().pages().length;
    await me.products.first().getByRole("link").click();
    const [click] = await me.events("product-click");
    assert.equal(click.detail.url, await me.products.first().getByRole("link").getAttribute("href"));
    assert.equal(me.page.context().pages().length, before);
    const all = (await me.seen()).events;
    assert.deepEqual(
      all.map(({ name, detail }) => (name === "message" ? `message of ${detail.role}` : name)),
      ["open", "message of user", "message of assistant", "products", "product-click"],
    );
    assert.ok(
      all.every(
        ({ bubbles, composed, cancelable, name }) => bubbles && composed && cancelable === (name === "product-click"),
      ),
    );
  });

  test("has methods and properties", async (t) => {
    const me = await enter(t);
    await me.visit();
    const chat = me.widget;
    await chat.evaluate((element) => element.send("a scarf"));
    assert.equal(await me.questions.textContent(), "a scarf");
    await chat.evaluate((element) => element.close());
    assert.equal(await me.field.count(), 0);
    await chat.evaluate((element) => element.open());
    await me.field.waitFor();
    await chat.evaluate((element) => element.reset());
    assert.equal(await me.questions.count(), 0);
    assert.equal(await me.page.evaluate("sessionStorage.getItem('concierge-session')"), null);
    await chat.evaluate((element) => {
      element.texts = { title: "Ask Ada", launcher: "Ada" };
      element.linkHosts = "a.example";
    });
    await me.page.getByRole("heading", { name: "Ask Ada" }).waitFor();
    assert.equal(await chat.getAttribute("link-hosts"), "a.example");
    assert.equal(await me.launcher.getAttribute("aria-label"), "Ada");
  });

  test("looks as the shop wants it to", async (t) => {
    const me = await enter(t);
    await me.arrive();
    const colours = await me.page.evaluate(`(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        "concierge-chat { --concierge-accent: rgb(1 2 3) } concierge-chat::part(price) { color: rgb(4 5 6) }",
      );
      document.adoptedStyleSheets = [sheet];
      const { shadowRoot } = document.querySelector("concierge-chat");
      const style = (name) => getComputedStyle(shadowRoot.querySelector(name));
      return [style(".launcher").backgroundColor, style(".question").backgroundColor, style(".price").color];
    })()`);
    assert.deepEqual(colours, ["rgb(1, 2, 3)", "rgb(1, 2, 3)", "rgb(4, 5, 6)"]);
  });

  for (const mode of ["inline", "page"]) {
    test(`is a part of the page in the mode ${mode}`, async (t) => {
      const me = await enter(t);
      await me.visit({ attributes: `mode="${mode}"` });
      await me.field.waitFor();
      assert.equal(await me.focused(), "body", "it takes no focus by itself");
      assert.equal(await me.launcher.isVisible(), false);
      assert.equal(await me.page.getByRole("region", { name: "Shopping assistant" }).count(), 1);
      await me.converse();
      assert.equal(await me.products.first().getByRole("link").count(), 0, "a host that is not named");
      await me.fits();
      await me.isAccessible(mode);
      await me.isUnharmed();
      await me.widget.evaluate((element) => element.setAttribute("mode", "bubble"));
      await me.launcher.waitFor();
      await me.open();
      assert.equal(await me.questions.count(), 1, "the conversation goes on");
    });
  }

  for (const [language, name, words] of [
    ["de", "Einkaufsberatung", "Was suchen Sie?"],
    ["fr-CA", "Assistant d’achat", "Que cherchez-vous ?"],
    ["es", "Asistente de compras", "¿Qué está buscando?"],
    ["ja", "お買い物アシスタント", "何をお探しですか？"],
    ["nl", "Shopping assistant", "What are you looking for?"],
    ["constructor", "Shopping assistant", "What are you looking for?"],
  ]) {
    test(`speaks the page's language, here ${language}`, async (t) => {
      const me = await enter(t);
      await me.visit({ page: `lang="${language}"` });
      await me.page.getByRole("button", { name, exact: true }).click();
      await me.page.getByRole("dialog", { name, exact: true }).waitFor();
      assert.equal(await me.field.getAttribute("aria-label"), words);
      await me.isUnharmed();
    });
  }

  test("writes the numbers of the language that it is told", async (t) => {
    const me = await enter(t);
    await me.visit({ attributes: 'locale="de-DE"' });
    await me.open();
    await me.converse();
    assert.match(await me.products.first().locator(".price").textContent(), /^\d+\s\$$/);
  });

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

  test("counts a limit down, and keeps what was typed", async (t) => {
    const me = await enter(t, {}, limited);
    await me.page.clock.install();
    await me.visit();
    await me.open();
    await me.converse("a hat");
    await me.ask("a red hat");
    await me.status.filter({ hasText: /^One moment, please\. You can ask again in \d+ minutes\.$/ }).waitFor();
    assert.equal(await me.field.inputValue(), "a red hat");
    assert.equal(await me.questions.count(), 1);
    const clock = me.page.getByRole("timer");
    const first = await clock.textContent();
    assert.match(first, /^(59:\d\d|01:00:00)$/);
    await me.page.clock.runFor(5_000);
    assert.notEqual(await clock.textContent(), first);
    const [event] = await me.events("limited");
    assert.ok(event.detail.seconds > 3_500 && event.detail.seconds <= 3_600);
    await me.isAccessible("limited");
    const before = limited.lines().length;
    await me.page.keyboard.press("Enter");
    assert.equal(await me.field.inputValue(), "a red hat");
    assert.equal(limited.lines().length, before, "no request while it waits");
    await me.page.locator("summary").click();
    assert.equal(await me.page.getByText(/^Reference: [0-9a-f-]{36}$/).isVisible(), true);
    await me.page.clock.fastForward("01:01:00");
    await me.status.filter({ hasText: "You can ask again now." }).waitFor();
    assert.equal(await clock.isVisible(), false);
    assert.deepEqual((await me.seen()).violations, []);
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

  test("an answer takes no focus, wherever it is", async (t) => {
    const me = await enter(t);
    const prompt = "a hat, but slowly";
    await world.prepare(prompt, "delay:600");
    await me.visit();
    await me.open();
    await me.ask(prompt);
    await me.page.locator("#after").focus();
    await me.products.first().waitFor();
    assert.equal(await me.focused(), "after");
    await me.widget.evaluate((element) => element.close());
    assert.equal(await me.focused(), "after", "closing takes none that is elsewhere");
  });

  test("covers a small screen with a modal dialog, and gives the focus back", async (t) => {
    const me = await enter(t, { viewport: NARROW, hasTouch: true, isMobile: true });
    await me.visit();
    await me.launcher.tap();
    await me.field.waitFor();
    const dialog = me.page.getByRole("dialog", { name: "Shopping assistant" });
    assert.equal(await dialog.evaluate((element) => element.matches(":modal")), true);
    assert.deepEqual(await dialog.boundingBox(), { x: 0, y: 0, ...NARROW });
    assert.equal(await me.focused(), "log", "the keyboard stays away until the field is touched");
    await me.converse();
    await me.fits();
    const small = await me.widget.evaluate(({ shadowRoot }) =>
      [...shadowRoot.querySelectorAll("button, textarea, summary")]
        .filter((element) => element.checkVisibility())
        .map((element) => [element.className, element.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 44 || height < 44),
    );
    assert.deepEqual(small, []);
    await me.page.keyboard.press("Escape");
    await me.focuses("launcher");
    await me.isUnharmed();
  });

  test("a dialog follows the window from large to small", async (t) => {
    const me = await enter(t);
    await me.visit();
    await me.open();
    const isModal = () => me.page.locator("dialog").evaluate((element) => element.matches(":modal"));
    assert.equal(await isModal(), false);
    await me.page.setViewportSize(NARROW);
    await eventually(isModal, "a modal dialog");
    assert.equal(await me.focused(), "field");
    assert.equal(await me.launcher.getAttribute("aria-expanded"), "true");
    await me.fits();
  });

  test("keeps its outlines where the system chooses the colours", async (t) => {
    const me = await enter(t, { forcedColors: "active" });
    await me.arrive();
    const outlined = await me.log.locator(".bubble, .question, .chip, .product").evaluateAll((all) => {
      const { getComputedStyle } = /** @type {any} */ (globalThis);
      const styles = all.map((element) => getComputedStyle(element));
      return styles.map(({ borderTopColor, color }) => [borderTopColor, color]);
    });
    const ink = outlined[0][1];
    const borders = outlined.map(([border]) => border);
    assert.ok(borders.length > 4 && borders.every((color) => color === ink), `${borders} beside ${ink}`);
  });

  for (const [reducedMotion, animations] of [
    ["reduce", 0],
    ["no-preference", 1],
  ]) {
    test(`moves only for shoppers who do not mind, here ${reducedMotion}`, async (t) => {
      const me = await enter(t, { reducedMotion });
      const prompt = `a hat, but slowly, ${reducedMotion}`;
      await world.prepare(prompt, "delay:5000");
      await me.visit();
      await me.open();
      await me.ask(prompt);
      const preview = me.log.locator(".preview");
      assert.equal(await preview.evaluate((element) => element.getAnimations({ subtree: true }).length), animations);
    });
  }

  test("is read from right to left where the page is", async (t) => {
    const me = await enter(t);
    await me.visit({ page: 'lang="ar" dir="rtl"' });
    await me.open();
    const { x } = await me.launcher.boundingBox();
    assert.ok(x < 100, `${x} px from the left`);
    const panel = await me.page.locator(".panel").boundingBox();
    assert.ok(panel.x < 100, `${panel.x} px from the left`);
    await me.converse();
    await me.fits();
  });

  test("an answer in parts grows, and is read out once", async (t) => {
    const me = await enter(t, {}, homie);
    const prompt = "A hat in parts";
    await me.visit();
    await me.page.evaluate(LISTENER);
    await me.open();
    await me.converse(prompt);
    const heard = await me.page.evaluate("heard");
    const quiet = heard.filter(([how]) => how === "quiet");
    assert.ok(quiet.length > 1, `${quiet.length} parts`);
    const text = await me.log.locator(".turn").last().locator(".bubble").first().textContent();
    const aloud = heard.filter(([how, words]) => how === "aloud" && words.includes(text));
    assert.equal(aloud.length, 1);
    await me.isUnharmed();
  });

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

  test("survives a page that moves it, and one that is early", async (t) => {
    const me = await enter(t);
    await me.arrive();
    await me.widget.evaluate((element) => element.ownerDocument.body.prepend(element));
    assert.equal(await me.questions.count(), 1);
    assert.equal(await me.field.isVisible(), true);
    await me.converse("a hat");
    const early = await me.widget.evaluate(({ ownerDocument: document }) => {
      const element = document.createElement("concierge-chat");
      Object.defineProperty(element, "linkHosts", { value: "a.example", writable: true, configurable: true });
      document.body.append(element);
      return element.getAttribute("link-hosts");
    });
    assert.equal(early, "a.example");
    await me.isUnharmed();
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [{ width: 1280, height: 800 }, NARROW]) {
      test(`axe finds nothing: ${colorScheme}, ${viewport.width} px`, async (t) => {
        const me = await enter(t, { viewport, colorScheme });
        await me.visit();
        await me.launcher.waitFor();
        await me.isAccessible("closed");
        await me.open();
        await me.isAccessible("open");
        await me.converse();
        await me.isAccessible("answered");
        await me.log.evaluate((element) => element.scrollTo(0, element.scrollHeight));
        await me.isAccessible("answered, at the end");
      });
    }
  }
});
