// The widget on pages whose style sheets mean it no good, and on pages that do not want to move.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { GIFT } from "./support/shopper.mjs";
import { openShopping } from "./support/shopping.mjs";

const THEMES = {
  "unsets everything": "* { all: unset !important; }",
  "hides what it does not know": `button, textarea, form, dialog, section, ul, svg { display: none !important; }
    :not(main, body, html, head) { opacity: 0; }`,
  "has layers of its own": `main::after { content: ""; position: fixed; inset: 0; z-index: 999999999; background: #fff; }
    main { position: relative; z-index: 1; transform: none; }`,
  "has a tiny root": "html { font-size: 4px; } * { font-size: 1rem !important; }",
  "writes in its own way": `* { text-transform: uppercase; letter-spacing: 1em; word-spacing: 2em; line-height: 0.5;
    text-indent: 60px; white-space: nowrap; font-style: italic; text-align: right; visibility: visible; cursor: none; writing-mode: vertical-rl;
    pointer-events: auto; -webkit-user-select: none; user-select: none; }`,
  "has huge boxes": "* { box-sizing: content-box; padding: 30px; margin: 30px; border: 9px solid; min-width: 300px; }",
};

/** What a shopper would notice first, measured in the panel. */
const MEASURES = `(() => {
  const root = document.querySelector("concierge-chat").shadowRoot;
  const styles = [".bubble", ".question", ".field", ".chip"].map((name) => getComputedStyle(root.querySelector(name)));
  return styles.map((style) => [
    parseFloat(style.fontSize) >= 16,
    style.textTransform,
    style.letterSpacing,
    style.textIndent,
    style.fontStyle,
    style.userSelect,
    parseFloat(style.lineHeight) >= 16 || style.lineHeight,
  ]);
})()`;

suite("a page's style", { skip: MISSING, concurrency: 4 }, () => {
  let shopping, world;
  before(async () => {
    shopping = await openShopping({ world: {} });
    ({ world } = shopping.worlds);
  });
  after(() => shopping?.close());

  for (const [what, css] of Object.entries(THEMES)) {
    test(`that ${what} does no harm`, async (t) => {
      const me = await shopping.enter(t, world);
      await me.visit();
      await me.dress(css);
      // A click fails on what is hidden or covered.
      await me.open();
      await me.field.click();
      await me.converse(GIFT);
      const plain = [true, "none", "normal", "0px", "normal", "auto", true];
      assert.deepEqual(await me.page.evaluate(MEASURES), [plain, plain, plain, plain]);
      for (const name of [".send", ".close", ".chip"]) {
        const { width, height } = await me.page.locator(name).first().boundingBox();
        assert.ok(width >= 44 && height >= 44, `${name}: ${width} x ${height}`);
      }
      const { width, height } = await me.page.locator(".panel").boundingBox();
      assert.ok(width >= 300 && height >= 300, `${width} x ${height}`);
      await me.fits();
      await me.page.locator(".close").click();
      await me.isUnharmed();
    });
  }

  for (const mode of ["bubble", "inline"]) {
    test(`nothing moves while the widget loads, opens and answers: ${mode}`, async (t) => {
      const me = await shopping.enter(t, world);
      await me.page.addInitScript(`
        globalThis.shifts = [];
        new PerformanceObserver((list) => {
          for (const { value, sources } of list.getEntries()) {
            shifts.push([value, ...sources.map(({ previousRect, currentRect }) => [previousRect, currentRect])]);
          }
        }).observe({ type: "layout-shift", buffered: true });
        // A page keeps the place free until the element is there.
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('concierge-chat[mode="inline"] { display: block; height: 576px; }');
        document.adoptedStyleSheets = [sheet];
      `);
      await me.visit({ attributes: `mode="${mode}"` });
      // What follows a key or a click may move things. These are calls, so that nothing may.
      if (mode === "bubble") await me.widget.evaluate((element) => element.open());
      await me.field.waitFor();
      const settle = () =>
        me.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
      for (const prompt of [GIFT, "a hat"]) {
        await settle();
        await me.widget.evaluate((element, words) => element.send(words), prompt);
      }
      await settle();
      assert.equal(await me.questions.count(), 2);
      assert.deepEqual(await me.page.evaluate("shifts"), []);
    });
  }

  for (const [root, width] of [
    [32, 1280],
    [32, 700],
    [16, 320],
  ]) {
    test(`no button breaks a word: a root of ${root} px, a window of ${width} px`, async (t) => {
      const me = await shopping.enter(t, world, { viewport: { width, height: 800 } });
      await me.visit({ page: 'lang="de"' });
      await me.dress(`html { font-size: ${root}px }`);
      await me.open();
      await me.converse(GIFT);
      const broken = await me.widget.evaluate(({ shadowRoot, ownerDocument }) => {
        const isBroken = (button) => {
          const range = ownerDocument.createRange();
          range.selectNodeContents(button);
          const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
          return (
            lines.size > button.textContent.trim().split(/[\s-]+/).length || button.scrollWidth > button.clientWidth
          );
        };
        const buttons = [...shadowRoot.querySelectorAll(".panel button")].filter((button) => button.checkVisibility());
        return buttons.filter(isBroken).map(({ textContent }) => textContent);
      });
      assert.deepEqual(broken, []);
      await me.fits();
    });
  }

  test("no task takes more than 50 ms on a processor that is three times as slow", async (t) => {
    const longest = [];
    // What else the machine does disturbs the measure, and only ever for the worse. So one good try is enough.
    for (let attempt = 0; attempt < 5 && !(longest.at(-1) <= 50); attempt++) longest.push(3 * (await longestTask(t)));
    assert.ok(longest.at(-1) <= 50, `${longest} ms`);
  });

  /** The most time of the processor that a task took to open the widget and to show an answer, in milliseconds. */
  async function longestTask(t) {
    const me = await shopping.enter(t, world);
    await me.visit();
    await me.launcher.waitFor();
    const browser = me.page.context().browser();
    await browser.startTracing(me.page, { categories: ["disabled-by-default-devtools.timeline", "blink.user_timing"] });
    await me.widget.evaluate(async (element, prompt) => {
      performance.mark("begin");
      await element.open();
      await element.send(prompt);
    }, GIFT);
    await me.products.first().waitFor();
    await me.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))");
    const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
    const { pid, tid, ts } = traceEvents.find(({ name, cat }) => name === "begin" && cat.includes("user_timing"));
    const tasks = traceEvents.filter((event) => event.pid === pid && event.tid === tid && event.ts >= ts);
    const times = tasks.filter(({ name }) => name === "RunTask").map(({ tdur }) => (tdur ?? 0) / 1_000);
    assert.ok(times.length > 10);
    return Math.max(...times);
  }
});
