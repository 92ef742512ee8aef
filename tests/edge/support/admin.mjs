// A merchant with a browser of their own at /admin, and a worker behind the page that answers as the tests want.

import assert from "node:assert/strict";

import { hasNoViolations } from "./axe.mjs";
import { launch } from "./browser.mjs";
import { openWorld } from "./world.mjs";

export const TOKEN = "right-token-0123456789";
/** When all of it happens, in seconds since 1970: 28 November 2026, 17:13:20 UTC. */
export const NOW = 1_795_886_000;
export const KEPT = "concierge-admin-token";

const RECORDER = `
  globalThis.violations = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    violations.push(effectiveDirective + " " + blockedURI);
  });
`;

/** Opens a browser and the worker that serves the page. Whoever opens them closes them. */
export async function openOffice(browserOptions) {
  const [browser, world] = await Promise.all([launch(browserOptions), openWorld()]);
  return {
    world,

    /**
     * A merchant who has opened the page, before a worker that answers so.
     *
     * @param {import("node:test").TestContext} t
     * @param {Fake} [fake]
     * @param {import("playwright-core").BrowserContextOptions} [how]
     */
    async enter(t, fake = new Fake(), how = {}) {
      const context = await browser.newContext({ reducedMotion: "reduce", timezoneId: "Europe/Berlin", ...how });
      t.after(() => context.close());
      const page = await context.newPage();
      await page.addInitScript(RECORDER);
      await page.clock.install({ time: NOW * 1_000 });
      await fake.answerTo(context);
      const merchant = new Merchant(page, fake, `${world.url.origin}/admin`);
      await merchant.visit();
      return merchant;
    },

    close() {
      return Promise.all([browser.close(), world.close()]);
    },
  };
}

/** Answers what the page asks. Each part is what a test has put there. */
export class Fake {
  /** What was asked, such as "GET /admin/usage?range=day". */
  asked = [];
  /** What each range answers; without one, `usage`. */
  ranges = {};
  /**
   * Instead of all answers, if it is there: an answer for Playwright's `fulfill`, or "offline".
   *
   * @type {any}
   */
  fault = null;
  blocks = [];
  /** Refusals that no longer hold, but can be looked up. */
  past = [];
  /** What /admin/lift is sent. */
  lifts = [];

  /** @param {object} [usage] */
  constructor(usage = empty()) {
    this.usage = usage;
  }

  /** @param {import("playwright-core").BrowserContext} context */
  async answerTo(context) {
    await context.route("**/admin/**", (route) => {
      const request = route.request();
      const { pathname, searchParams, search } = new URL(request.url());
      this.asked.push(`${request.method()} ${pathname}${search}`);
      if (this.fault === "offline") return route.abort("internetdisconnected");
      if (this.fault) return route.fulfill(this.fault);
      if (request.headers().authorization !== `Bearer ${TOKEN}`)
        return route.fulfill(refusal(401, "invalid_admin_token"));
      return route.fulfill(this.#answer(pathname, searchParams, request));
    });
  }

  #answer(pathname, query, request) {
    if (pathname === "/admin/usage") {
      const range = query.get("range") ?? "day";
      return { json: this.ranges[range] ?? { ...this.usage, range } };
    }
    const id = query.get("request_id") ?? request.postDataJSON()?.request_id;
    const found = [...this.blocks, ...this.past].find(({ request_id }) => request_id === id);
    if (id && !found) return refusal(404, "request_not_found");
    if (pathname === "/admin/blocks") return { json: { blocks: id ? [found] : this.blocks } };
    this.lifts.push(request.postDataJSON());
    this.blocks = this.blocks.filter((block) => block !== found);
    const { limiter, shopper, budget, limit } = found;
    return { json: { limiter, shopper, budget, lifted: limit } };
  }

  /** How often something was asked for. */
  count(what) {
    return this.asked.filter((line) => line.includes(what)).length;
  }
}

/** An answer that refuses, as the worker's. */
export function refusal(status, error, headers = {}) {
  return { status, headers, json: { error, message: "No.", request_id: "0df213bd-b156-49c4-a270-b7bd062a0f27" } };
}

/** What the worker answers before the first chat. */
export function empty() {
  const latency = { count: 0, p50: null, p95: null, p99: null };
  return {
    range: "day",
    from: NOW - 86_400,
    to: NOW,
    assistant: "sales-associate",
    dry_run: false,
    chats: { total: 0, ok: 0, refused: 0, failed: 0, left: 0, by_outcome: {}, by_budget: {}, would_be_refused: {} },
    operations: { total: 0, by_outcome: {} },
    newcomers: 0,
    verified: 0,
    refunded: 0,
    upstream: { requests: 0, errors: 0 },
    latency_ms: { total: latency, limiter: latency, upstream: latency },
    busiest: { networks: [], shoppers: [] },
    curve: Array.from({ length: 145 }, (_, index) => slot(index, 0)),
    errors: [],
    store: { hour: null, day: null, pace_per_hour: 0, spent_in_s: null },
  };
}

/** A slot of ten minutes of the last day. */
export function slot(index, ok, more = {}) {
  const last = Math.floor(NOW / 600) * 600;
  return { at: last - (144 - index) * 600, seconds: 600, ok, refused: 0, failed: 0, left: 0, ...more };
}

/** The page, and what a merchant does there. */
class Merchant {
  /** What the console complained of. */
  complaints = [];

  constructor(page, fake, url) {
    this.page = page;
    this.fake = fake;
    this.url = url;
    page.setDefaultTimeout(10_000);
    page.on("console", (line) => line.type() === "error" && this.complaints.push(line.text()));
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    this.field = page.getByLabel("Admin token");
    this.headline = page.locator("#headline");
    this.problem = page.locator("#token-problem");
    this.trouble = page.locator("#trouble");
    this.said = page.locator("#said");
  }

  visit() {
    return this.page.goto(this.url);
  }

  async signIn(token = TOKEN) {
    await this.field.fill(token);
    await this.page.keyboard.press("Enter");
  }

  /** Signs in and waits for the figures. */
  async arrive() {
    await this.signIn();
    await this.page.locator("#figures").waitFor();
  }

  text(id) {
    return this.page.locator(`#${id}`).textContent();
  }

  /** What can be read in a table's or a list's rows. */
  async rows(id) {
    const rows = await this.page.locator(`#${id} > *`).all();
    const texts = await Promise.all(rows.map((row) => row.locator("> *").allInnerTexts()));
    return texts.map((cells) => cells.map((text) => text.replace(/\s+/g, " ").trim()));
  }

  focused() {
    return this.page.evaluate("document.activeElement.id || document.activeElement.localName");
  }

  /** Has the page think that nobody can see it, or that somebody can again. */
  hide(isHidden) {
    return this.page.evaluate(`
      Object.defineProperty(document, "hidden", { configurable: true, get: () => ${isHidden} });
      document.dispatchEvent(new Event("visibilitychange"));
    `);
  }

  /** Lets time pass, as the page sees it. */
  pass(seconds) {
    return this.page.clock.runFor(seconds * 1_000);
  }

  /** Nothing ran that should not, and the policy had nothing to forbid. */
  async isUnharmed() {
    assert.deepEqual(await this.page.evaluate("violations"), []);
    // The browser's own line about a status that a test wanted is no complaint of the page's.
    assert.deepEqual(
      this.complaints.filter((line) => !line.startsWith("Failed to load resource")),
      [],
    );
  }

  /** Nothing is wider than the page. */
  async fits() {
    assert.equal(await this.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
  }

  isAccessible(when) {
    return hasNoViolations(this.page, when);
  }
}
