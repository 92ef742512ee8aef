// The widget in a real browser, on a page with a strict policy, before a real worker.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, beforeEach, suite, test } from "node:test";

import { chromium } from "playwright-core";

import { buildWidget } from "../../scripts/widget.mjs";
import { openShopAnywhere } from "./support/shop.mjs";
import { eventually, openWorld } from "./support/world.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const skip = existsSync(CHROMIUM)
  ? false
  : `there is no Chromium at ${CHROMIUM}; install Debian's chromium or set CHROMIUM`;

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const SHOP = "www.example.com";
const LINKS = { attributes: `link-hosts="${SHOP}"` };
const GIFT = "Birthday gift for my mom, around $250";
const NARROW = { width: 320, height: 640 };

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

suite("the widget in Chromium", { skip, concurrency: 1 }, () => {
  let browser, shop, origin, world, limited, homie, pages;
  before(async () => {
    await buildWidget();
    ({ shop, origin } = await openShopAnywhere());
    const vars = { ALLOWED_ORIGINS: origin };
    [browser, world, limited, homie, pages] = await Promise.all([
      chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-background-networking"] }),
      openWorld({ vars }),
      openWorld({ vars: { ...vars, SHOPPER_LIMITS: "1/hour" } }),
      openWorld({ vars, assistant: "homie" }),
      openWorld({ vars, assistant: "rewardsbot" }),
    ]);
  });
  after(() => Promise.all([browser, shop, world, limited, homie, pages].map((opened) => opened?.close())));

  let page, complaints;
  const newPage = async (options = {}) => {
    page = await browser.newPage({ reducedMotion: "reduce", ...options });
    page.setDefaultTimeout(10_000);
    complaints = [];
    page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
  };
  beforeEach(() => newPage());
  afterEach(() => page.context().close());

  const visit = (more = {}, at = world) => page.goto(shop.url(at.url.origin, { ...LINKS, ...more }));
  const launcher = () => page.locator(".launcher");
  const field = () => page.getByRole("textbox");
  const log = () => page.getByRole("log");
  const status = () => page.getByRole("status");
  const products = () => log().locator(".product");

  const open = async () => {
    await launcher().click();
    await field().waitFor();
  };
  const ask = async (prompt) => {
    await field().fill(prompt);
    await page.keyboard.press("Enter");
  };
  /** Asks and waits for the answer. */
  const converse = async (prompt = GIFT) => {
    const answers = log().locator(".turn:not(.preview, :has(.question))");
    const before = await answers.count();
    await ask(prompt);
    await eventually(async () => (await answers.count()) > before, "an answer");
  };
  /** What the page has recorded. */
  const seen = () => page.evaluate("seen");
  const events = async (name) => (await seen()).events.filter((event) => event.name === name);
  /** Which element has the focus, into the widget. */
  const focused = () =>
    page.evaluate(`(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.id || element?.className || element?.localName;
    })()`);
  const chats = async (of = world) => (await of.simulator.chats()).length;

  const isUnharmed = async () => {
    const { violations } = await seen();
    assert.deepEqual([violations, complaints], [[], []]);
    assert.equal(await page.title(), "The shop");
  };
  /** Nothing is wider than its frame, or than the page. */
  const fits = async () => {
    const wide = await page.locator("concierge-chat").evaluate(({ shadowRoot }) => {
      const elements = [...shadowRoot.querySelectorAll(".panel, .header, .log, .notice, .composer")];
      const isWide = ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth;
      return elements
        .filter(isWide)
        .map(({ className, scrollWidth, clientWidth }) => [className, scrollWidth, clientWidth]);
    });
    assert.deepEqual(wide, []);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
  };
  const isAccessible = async (when) => {
    await page.evaluate(AXE);
    const options = { runOnly: RULES, resultTypes: ["violations"] };
    const { violations } = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => [...target, failureSummary])}`,
    );
    assert.deepEqual(found, [], when);
  };

  test("loads little, and asks for nothing before the first question", async () => {
    const urls = [];
    page.on("request", (request) => urls.push(request.url()));
    const before = await chats();
    await visit();
    await launcher().waitFor();
    const scripts = () => urls.filter((url) => /\/(concierge|de|fr|es|ja)[^/]*\.js$/.test(url)).length;
    assert.equal(scripts(), 1);
    await open();
    assert.equal(scripts(), 2);
    assert.deepEqual(
      urls.filter((url) => url.startsWith(world.url.origin)),
      [],
    );
    await converse();
    assert.equal(await chats(), before + 1);
    await isUnharmed();
  });

  test("serves a shopper who has only a keyboard", async () => {
    await visit();
    await page.locator("#before").focus();
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "launcher");
    await page.keyboard.press("Enter");
    await eventually(async () => (await focused()) === "field", "the focus in the field");
    assert.equal(await launcher().getAttribute("aria-expanded"), "true");
    await page.keyboard.type("a gift for a friend");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("who reads");
    assert.equal(await field().inputValue(), "a gift for a friend\nwho reads");
    await page.keyboard.press("Enter");
    await products().first().waitFor();
    assert.equal(await focused(), "field");
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(), "chip");
    await page.keyboard.press("Enter");
    await eventually(async () => (await log().locator(".question").count()) === 2, "the chip's question");
    assert.equal(await focused(), "field");
    await eventually(async () => (await log().locator(".preview").count()) === 0, "the chip's answer");
    await page.keyboard.press("Escape");
    await eventually(async () => (await focused()) === "launcher", "the focus on the button");
    assert.equal(await field().count(), 0);
    await page.keyboard.press("Enter");
    await eventually(async () => (await focused()) === "field", "the focus in the field again");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "send");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "after", "no trap beside a dialog that is not modal");
    await isUnharmed();
  });

  test("renders an answer in the recommended order, with products as cards", async () => {
    await visit();
    await open();
    await converse();
    const names = await log()
      .locator(".turn")
      .last()
      .evaluate((turn) => [...turn.children].map(({ className }) => className).filter((name) => name !== "unseen"));
    const order = ["bubble", "bubble", "products", "more", "bubble", "chips"];
    assert.deepEqual(names, order);
    const first = products().first();
    assert.match(await first.locator(".name").textContent(), /^[A-Z]\w+/);
    assert.match(await first.locator(".price").textContent(), /^\$\d+$/);
    assert.equal(await first.getByRole("link").count(), 1);
    assert.match(await first.getByRole("link").getAttribute("href"), new RegExp(`^https://${SHOP}/products/`));
    assert.equal(await first.getByRole("link").getAttribute("rel"), "noopener");
    const { width, height } = await first.locator(".picture").boundingBox();
    assert.ok(Math.abs(width - height) < 1, `${width} x ${height}`);
    assert.equal(await first.locator("img").getAttribute("loading"), "lazy");
    assert.match(await status().textContent(), /^Products shown: \d+$/);
    await isUnharmed();
    await fits();
  });

  test("shows an initial where a picture does not come", async () => {
    await page.route("**/pictures/**", (route) => route.abort());
    await visit();
    await open();
    await converse();
    const first = products().first();
    await eventually(async () => (await first.locator("img").count()) === 0, "the end of the picture");
    const title = await first.locator(".name").textContent();
    assert.equal(await first.locator(".picture").textContent(), title.charAt(0));
    const { width, height } = await first.locator(".picture").boundingBox();
    assert.ok(Math.abs(width - height) < 1, `${width} x ${height}`);
  });

  test("sends nothing while a word is composed", async () => {
    await visit();
    await open();
    await field().fill("とけい");
    const press = (more) => field().dispatchEvent("keydown", { key: "Enter", bubbles: true, composed: true, ...more });
    await press({ isComposing: true });
    await press({ keyCode: 229 });
    assert.equal(await log().locator(".question").count(), 0);
    await press({});
    assert.equal(await log().locator(".question").count(), 1);
  });

  test("tells the page what happens, and lets it follow a product itself", async () => {
    await visit();
    await open();
    await converse();
    await page.evaluate("addEventListener('concierge:product-click', (event) => event.preventDefault())");
    const before = page.context().pages().length;
    await products().first().getByRole("link").click();
    const [click] = await events("product-click");
    assert.equal(click.detail.url, await products().first().getByRole("link").getAttribute("href"));
    assert.equal(page.context().pages().length, before);
    const all = (await seen()).events;
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

  test("has methods and properties", async () => {
    await visit();
    const chat = page.locator("concierge-chat");
    await chat.evaluate((element) => element.send("a scarf"));
    assert.equal(await log().locator(".question").textContent(), "a scarf");
    await chat.evaluate((element) => element.close());
    assert.equal(await field().count(), 0);
    await chat.evaluate((element) => element.open());
    await field().waitFor();
    await chat.evaluate((element) => element.reset());
    assert.equal(await log().locator(".question").count(), 0);
    assert.equal(await page.evaluate("sessionStorage.getItem('concierge-session')"), null);
    await chat.evaluate((element) => {
      element.texts = { title: "Ask Ada", launcher: "Ada" };
      element.linkHosts = "a.example";
    });
    await page.getByRole("heading", { name: "Ask Ada" }).waitFor();
    assert.equal(await chat.getAttribute("link-hosts"), "a.example");
    assert.equal(await launcher().getAttribute("aria-label"), "Ada");
  });

  for (const mode of ["inline", "page"]) {
    test(`is a part of the page in the mode ${mode}`, async () => {
      await visit({ attributes: `mode="${mode}"` });
      await field().waitFor();
      assert.equal(await focused(), "body", "it takes no focus by itself");
      assert.equal(await launcher().isVisible(), false);
      assert.equal(await page.getByRole("region", { name: "Shopping assistant" }).count(), 1);
      await converse();
      assert.equal(await products().first().getByRole("link").count(), 0, "a host that is not named");
      await fits();
      await isAccessible(mode);
      await isUnharmed();
      await page.locator("concierge-chat").evaluate((element) => element.setAttribute("mode", "bubble"));
      await launcher().waitFor();
      await open();
      assert.equal(await log().locator(".question").count(), 1, "the conversation goes on");
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
    test(`speaks the page's language, here ${language}`, async () => {
      await visit({ page: `lang="${language}"` });
      await page.getByRole("button", { name, exact: true }).click();
      await page.getByRole("dialog", { name, exact: true }).waitFor();
      assert.equal(await field().getAttribute("aria-label"), words);
      await isUnharmed();
    });
  }

  test("writes the numbers of the language that it is told", async () => {
    await visit({ attributes: 'locale="de-DE"' });
    await open();
    await converse();
    assert.match(await products().first().locator(".price").textContent(), /^\d+\s\$$/);
  });

  for (const fault of ["hostile-html", "hostile-links", "hostile-types", "hostile-nulls", "hostile-many"]) {
    test(`${fault}: is shown as text, if at all, and breaks nothing`, async () => {
      const prompt = `A birthday gift for a friend, ${fault}`;
      await world.prepare(prompt, fault);
      await newPage({ viewport: NARROW });
      await visit();
      await open();
      await converse(prompt);
      const cards = await products().count();
      assert.ok(cards > 0 && cards <= 12, `${cards} cards`);
      if (fault === "hostile-html")
        assert.match(await log().textContent(), /<script>document\.title='owned'<\/script>/);
      if (fault === "hostile-links") assert.equal(await log().locator("a, img").count(), 0);
      if (fault === "hostile-types") assert.equal(await log().locator(".price").count(), 0);
      if (fault === "hostile-nulls") assert.equal(await log().locator(".price, .vendor, a, img").count(), 0);
      if (fault === "hostile-many") {
        await page.getByRole("button", { name: "Show more" }).click();
        assert.equal(await products().count(), 24);
        assert.equal(await focused(), "product");
      }
      assert.equal(await log().locator("script, svg, iframe, [onerror], [onload]").count(), 0);
      await fits();
      await isAccessible(fault);
      await isUnharmed();
    });
  }

  test("works where the browser forbids storage", async () => {
    await page.addInitScript(() => {
      const get = () => {
        throw new DOMException("forbidden", "SecurityError");
      };
      for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(globalThis, name, { get });
    });
    await visit();
    await open();
    await converse("a hat");
    await converse("a red one");
    const [first, second] = (await world.simulator.chats()).slice(-2);
    assert.equal(first.session_id, second.session_id, "one conversation");
    await isUnharmed();
  });

  test("counts a limit down, and keeps what was typed", async () => {
    await page.clock.install();
    await visit({}, limited);
    await open();
    await converse("a hat");
    await ask("a red hat");
    await status()
      .filter({ hasText: /^One moment, please\. You can ask again in \d+ minutes\.$/ })
      .waitFor();
    assert.equal(await field().inputValue(), "a red hat");
    assert.equal(await log().locator(".question").count(), 1);
    const clock = page.getByRole("timer");
    const first = await clock.textContent();
    assert.match(first, /^(59:\d\d|01:00:00)$/);
    await page.clock.runFor(5_000);
    assert.notEqual(await clock.textContent(), first);
    const [event] = await events("limited");
    assert.ok(event.detail.seconds > 3_500 && event.detail.seconds <= 3_600);
    await isAccessible("limited");
    const before = limited.lines().length;
    await page.keyboard.press("Enter");
    assert.equal(await field().inputValue(), "a red hat");
    assert.equal(limited.lines().length, before, "no request while it waits");
    await page.locator("summary").click();
    assert.equal(await page.getByText(/^Reference: [0-9a-f-]{36}$/).isVisible(), true);
    await page.clock.fastForward("01:01:00");
    await status().filter({ hasText: "You can ask again now." }).waitFor();
    assert.equal(await clock.isVisible(), false);
    assert.deepEqual((await seen()).violations, []);
  });

  test("says what went wrong in a shopper's words, and can be asked again", async () => {
    const prompt = "a lamp that fails";
    await world.prepare(prompt, "error:misconfigured_api_key");
    await visit();
    await open();
    await ask(prompt);
    await status().filter({ hasText: "Something went wrong." }).waitFor();
    assert.equal(await field().inputValue(), prompt);
    assert.match(await page.locator("details").textContent(), /Reference: [0-9a-f-]{36}/);
    const [{ detail }] = await events("error");
    assert.equal(detail.code, "misconfigured_api_key");
    await isAccessible("error");
    await converse("a lamp");
    assert.equal(await page.locator("details").isVisible(), false);
  });

  test("notices that the shopper is offline", async () => {
    await visit();
    await open();
    await page.context().setOffline(true);
    await status().filter({ hasText: "You are offline." }).waitFor();
    await ask("a hat");
    await eventually(async () => (await events("error")).length === 1, "an error");
    assert.match(await status().textContent(), /You are offline\./);
    assert.equal(await field().inputValue(), "a hat");
    await page.context().setOffline(false);
    await eventually(async () => (await status().textContent()) === "", "an empty line");
    await converse("a hat");
  });

  test("an answer takes no focus, wherever it is", async () => {
    const prompt = "a hat, but slowly";
    await world.prepare(prompt, "delay:600");
    await visit();
    await open();
    await ask(prompt);
    await page.locator("#after").focus();
    await products().first().waitFor();
    assert.equal(await focused(), "after");
    await page.locator("concierge-chat").evaluate((element) => element.close());
    assert.equal(await focused(), "after", "closing takes none that is elsewhere");
  });

  test("covers a small screen with a modal dialog, and gives the focus back", async () => {
    await newPage({ viewport: NARROW, hasTouch: true, isMobile: true });
    await visit();
    await launcher().tap();
    await field().waitFor();
    const dialog = page.getByRole("dialog", { name: "Shopping assistant" });
    assert.equal(await dialog.evaluate((element) => element.matches(":modal")), true);
    assert.deepEqual(await dialog.boundingBox(), { x: 0, y: 0, ...NARROW });
    assert.equal(await focused(), "log", "the keyboard stays away until the field is touched");
    await converse();
    await fits();
    const small = await page.locator("concierge-chat").evaluate(({ shadowRoot }) =>
      [...shadowRoot.querySelectorAll("button, textarea, summary")]
        .filter((element) => element.checkVisibility())
        .map((element) => [element.className, element.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 44 || height < 44),
    );
    assert.deepEqual(small, []);
    await page.keyboard.press("Escape");
    await eventually(async () => (await focused()) === "launcher", "the focus on the button");
    await isUnharmed();
  });

  test("a dialog follows the window from large to small", async () => {
    await visit();
    await open();
    const isModal = () => page.locator("dialog").evaluate((element) => element.matches(":modal"));
    assert.equal(await isModal(), false);
    await page.setViewportSize(NARROW);
    await eventually(isModal, "a modal dialog");
    assert.equal(await focused(), "field");
    assert.equal(await launcher().getAttribute("aria-expanded"), "true");
    await fits();
  });

  test("keeps its outlines where the system chooses the colours", async () => {
    await newPage({ forcedColors: "active" });
    await visit();
    await open();
    await converse();
    const outlined = await log()
      .locator(".bubble, .question, .chip, .product")
      .evaluateAll((all) => {
        const { getComputedStyle } = /** @type {any} */ (globalThis);
        const styles = all.map((element) => getComputedStyle(element));
        return styles.map(({ borderTopColor, color }) => [borderTopColor, color]);
      });
    const ink = outlined[0][1];
    const borders = outlined.map(([border]) => border);
    assert.ok(borders.length > 4 && borders.every((color) => color === ink), `${borders} beside ${ink}`);
  });

  test("moves only for shoppers who do not mind", async () => {
    const animations = async () => {
      const prompt = `a hat, but slowly, ${Math.random()}`;
      await world.prepare(prompt, "delay:600");
      await visit();
      await open();
      await ask(prompt);
      await log().locator(".preview").waitFor();
      return page.locator(".preview").evaluate((element) => element.getAnimations({ subtree: true }).length);
    };
    assert.equal(await animations(), 0);
    await newPage({ reducedMotion: "no-preference" });
    assert.equal(await animations(), 1);
  });

  test("is read from right to left where the page is", async () => {
    await visit({ page: 'lang="ar" dir="rtl"' });
    await open();
    const { x } = await launcher().boundingBox();
    assert.ok(x < 100, `${x} px from the left`);
    const panel = await page.locator(".panel").boundingBox();
    assert.ok(panel.x < 100, `${panel.x} px from the left`);
    await converse();
    await fits();
  });

  test("an answer in parts grows, and is read out once", async () => {
    const prompt = "A hat in parts";
    await visit({}, homie);
    await page.evaluate(LISTENER);
    await open();
    await converse(prompt);
    const heard = await page.evaluate("heard");
    const quiet = heard.filter(([how]) => how === "quiet");
    assert.ok(quiet.length > 1, `${quiet.length} parts`);
    const text = await log().locator(".turn").last().locator(".bubble").first().textContent();
    const aloud = heard.filter(([how, words]) => how === "aloud" && words.includes(text));
    assert.equal(aloud.length, 1);
    await isUnharmed();
  });

  test("fetches more products, and puts the focus on the first of them", async () => {
    await visit({}, pages);
    await open();
    await converse();
    const more = page.getByRole("button", { name: "Show more" });
    const before = await products().count();
    await more.focus();
    await page.keyboard.press("Enter");
    await eventually(async () => (await products().count()) > before, "more products");
    const index = await products().evaluateAll((all) => all.findIndex((product) => product.matches(":focus")));
    assert.equal(index, before);
    assert.equal((await events("products")).length, 2);
    await isUnharmed();
  });

  test("a conversation is there again after the page was left", async () => {
    await visit({}, homie);
    await open();
    await converse("A hat to remember");
    await visit({}, homie);
    await open();
    await log().locator(".question").filter({ hasText: "A hat to remember" }).waitFor();
    assert.ok((await log().locator(".bubble").count()) > 0);
    assert.equal(await log().locator("[aria-live=off] .question").count(), 1);
    await isUnharmed();
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [{ width: 1280, height: 800 }, NARROW]) {
      test(`axe finds nothing: ${colorScheme}, ${viewport.width} px`, async () => {
        await newPage({ viewport, colorScheme });
        await visit();
        await launcher().waitFor();
        await isAccessible("closed");
        await open();
        await isAccessible("open");
        await converse();
        await isAccessible("answered");
        await log().evaluate((element) => element.scrollTo(0, element.scrollHeight));
        await isAccessible("answered, at the end");
      });
    }
  }
});
