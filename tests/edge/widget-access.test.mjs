// The widget for shoppers who use a keyboard, a screen reader, a small screen or colours of their own.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { NARROW } from "./support/shopper.mjs";
import { openShopping } from "./support/shopping.mjs";
import { eventually } from "./support/world.mjs";

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

suite("the widget, for every shopper", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world, homie;
  before(async () => {
    shopping = await openShopping({ world: {}, homie: { assistant: "homie", flags: ["--homie-pace=50"] } });
    ({ world, homie } = shopping.worlds);
  });
  after(() => shopping?.close());
  const enter = (t, options = {}, at = world) => shopping.enter(t, at, options);

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

  for (const [size, viewport] of Object.entries({ wide: { width: 1280, height: 720 }, narrow: NARROW })) {
    test(`gives the focus to the button if the page has opened it, on a ${size} screen`, async (t) => {
      const me = await enter(t, { viewport });
      await me.visit();
      await me.widget.evaluate((element) => element.open());
      await me.focuses("field");
      await me.page.keyboard.press("Escape");
      await me.focuses("launcher");
      await me.isUnharmed();
    });
  }

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

  test("covers a small screen still after the page has moved it", async (t) => {
    const me = await enter(t, { viewport: NARROW });
    await me.visit();
    await me.open();
    const isModal = await me.widget.evaluate((element) => {
      element.ownerDocument.body.append(element);
      return element.shadowRoot.querySelector("dialog").matches(":modal");
    });
    assert.equal(isModal, true);
    await me.page.keyboard.press("Escape");
    await me.focuses("launcher");
    await me.isUnharmed();
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
});
