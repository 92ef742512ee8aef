// The widget in a real browser, on a page with a strict policy, before a real worker.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { SHOP } from "./support/shopper.mjs";
import { openShopping } from "./support/shopping.mjs";
import { eventually } from "./support/world.mjs";

suite("the widget", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world;
  before(async () => {
    shopping = await openShopping({ world: {} });
    ({ world } = shopping.worlds);
  });
  after(() => shopping?.close());
  const enter = (t, options = {}, at = world) => shopping.enter(t, at, options);

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

  test("asks what is no text as a text, and nothing for nothing", async (t) => {
    const me = await enter(t);
    await me.visit();
    await me.widget.evaluate(async (element) => {
      for (const text of [undefined, null, "", 42]) await element.send(text);
    });
    assert.deepEqual(await me.questions.allTextContents(), ["42"]);
    await me.isUnharmed();
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

  test("keeps a footer away from the edge, unless the page has it otherwise", async (t) => {
    const me = await enter(t);
    await me.visit({ inside: '<p slot="footer">Privacy</p>' });
    await me.open();
    const padding = () =>
      me.page
        .locator("[slot=footer]")
        .evaluate((element) => /** @type {any} */ (globalThis).getComputedStyle(element).paddingLeft);
    assert.equal(await padding(), "14px");
    await me.dress("[slot=footer] { padding: 0 }");
    assert.equal(await padding(), "0px");
  });

  test("has places for what the shop wants to say", async (t) => {
    const me = await enter(t);
    const inside = `
      <span slot="launcher">Ask our assistant</span>
      <b slot="header">Ada's</b>
      <p slot="greeting">Welcome at Ada's.</p>
      <a slot="footer" href="/privacy">Privacy</a>`;
    await me.visit({ inside });
    await me.widget.evaluate((element) => {
      element.texts = { launcher: "Ask our assistant" };
    });
    assert.equal(await me.launcher.locator("span").isVisible(), false, "the speech bubble");
    assert.ok((await me.launcher.boundingBox()).width > 60);
    await me.isAccessible("closed, with slots");
    await me.open();
    for (const words of ["Ada's", "Welcome at Ada's.", "Privacy"])
      assert.equal(await me.page.getByText(words, { exact: true }).isVisible(), true, words);
    assert.equal(await me.log.locator(".bubble").isVisible(), false, "the greeting");
    await me.isAccessible("open, with slots");
    await me.fits();
    await me.page.keyboard.press("Tab");
    await me.page.keyboard.press("Tab");
    assert.equal(await me.page.evaluate("document.activeElement.textContent"), "Privacy");
    await me.isUnharmed();
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

  test("speaks the language that was chosen last, whichever file is there first", async (t) => {
    const me = await enter(t);
    await me.page.route(/concierge-de-/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    await me.visit();
    await me.open();
    const german = me.page.waitForResponse(/concierge-de-/);
    await me.widget.evaluate((element) => {
      element.locale = "de";
      element.locale = "en";
    });
    await german;
    // The file is read in a task of its own.
    await me.page.evaluate("new Promise((resolve) => setTimeout(resolve, 100))");
    assert.equal(await me.page.getByRole("heading", { level: 2 }).textContent(), "Shopping assistant");
  });

  test("writes the numbers of the language that it is told", async (t) => {
    const me = await enter(t);
    await me.visit({ attributes: 'locale="de-DE"' });
    await me.open();
    await me.converse();
    assert.match(await me.products.first().locator(".price").textContent(), /^\d+\s\$$/);
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
      // What an assignment makes before the element is defined.
      const early = { value: "a.example", writable: true, configurable: true, enumerable: true };
      Object.defineProperty(element, "linkHosts", early);
      document.body.append(element);
      return element.getAttribute("link-hosts");
    });
    assert.equal(early, "a.example");
    await me.isUnharmed();
  });
});
