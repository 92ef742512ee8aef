// A shopper with a browser of their own, on a shop's page with the widget.

import assert from "node:assert/strict";

import { hasNoViolations } from "./axe.mjs";
import { eventually } from "./world.mjs";

export const SHOP = "www.example.com";
export const GIFT = "Birthday gift for my mom, around $250";
export const NARROW = { width: 320, height: 640 };

const FOCUSED = `(() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.id || element?.className || element?.localName;
})()`;

export class Shopper {
  /** What the console complained of. */
  complaints = [];

  constructor(page, shop, world) {
    this.page = page;
    this.shop = shop;
    this.world = world;
    page.setDefaultTimeout(10_000);
    page.on("console", (line) => line.type() === "error" && this.complaints.push(line.text()));
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    this.widget = page.locator("concierge-chat");
    this.launcher = page.locator(".launcher");
    this.field = page.getByRole("textbox");
    this.log = page.getByRole("log");
    this.status = page.getByRole("status");
    this.products = this.log.locator(".product");
    this.questions = this.log.locator(".question");
  }

  /** Visits the shop, with a chat that is not open yet. A product may lead there. */
  async visit(more = {}) {
    if ((await this.widget.count()) > 0) await this.widget.evaluate((element) => element.close());
    return this.page.goto(this.shop.url(this.world.url.origin, { attributes: `link-hosts="${SHOP}"`, ...more }));
  }

  /** The same shopper in another tab. */
  async another() {
    return new Shopper(await this.page.context().newPage(), this.shop, this.world);
  }

  /** Gives the page a sheet of its own. Its policy allows no other way. */
  dress(css) {
    return this.page.evaluate((text) => {
      const { CSSStyleSheet, document } = /** @type {any} */ (globalThis);
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      document.adoptedStyleSheets = [sheet];
    }, css);
  }

  async open() {
    await this.launcher.click();
    await this.field.waitFor();
  }

  async ask(prompt) {
    await this.field.fill(prompt);
    await this.page.keyboard.press("Enter");
  }

  /** Asks and waits for the answer, which is not one of before, or to another tab's question. */
  async converse(prompt = GIFT) {
    await this.ask(prompt);
    const isAnswered = () =>
      this.log.evaluate((log, words) => {
        const question = [...log.querySelectorAll(".question")].findLast(({ textContent }) => textContent === words);
        return question?.parentElement?.nextElementSibling?.matches(".turn:not(.preview)") === true;
      }, prompt);
    await eventually(isAnswered, "an answer", 20_000);
  }

  /** Visits, opens and asks. */
  async arrive(more = {}, prompt = GIFT) {
    await this.visit(more);
    await this.open();
    await this.converse(prompt);
  }

  /** What the page has recorded. */
  seen() {
    return this.page.evaluate("seen");
  }

  async events(name) {
    return (await this.seen()).events.filter((event) => event.name === name);
  }

  /** Which element has the focus, down into the widget. */
  focused() {
    return this.page.evaluate(FOCUSED);
  }

  async focuses(name) {
    await eventually(async () => (await this.focused()) === name, `the focus on ${name}`);
  }

  /** Nothing ran that should not, and nothing was reported. */
  async isUnharmed() {
    const { violations } = await this.seen();
    assert.deepEqual([violations, this.complaints], [[], []]);
    assert.equal(await this.page.title(), "The shop");
  }

  /** Nothing is wider than its frame, or than the page. */
  async fits() {
    const wide = await this.widget.evaluate(({ shadowRoot }) =>
      [...shadowRoot.querySelectorAll(".panel, .header, .log, .notice, .composer")]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ className, scrollWidth, clientWidth }) => [className, scrollWidth, clientWidth]),
    );
    assert.deepEqual(wide, []);
    assert.equal(await this.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
  }

  /** axe finds nothing. */
  isAccessible(when) {
    return hasNoViolations(this.page, when);
  }
}
