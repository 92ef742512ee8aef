// What docs/storefronts/html.md says of a plain page, in Chromium, before a real worker.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { MISSING, launch } from "./support/browser.mjs";
import { RECORDER, htmlPage, openSite } from "./support/site.mjs";
import { ROOT, openWorld } from "./support/world.mjs";

const DOCUMENT = readFileSync(join(ROOT, "docs", "storefronts", "html.md"), "utf8");
const [LINES, WORDS] = [...DOCUMENT.matchAll(/```html\n([\s\S]*?)```/g)].map(([, html]) => html);
const POLICIES = [...DOCUMENT.matchAll(/^Content-Security-Policy: (.*)$/gm)].map(([, policy]) => policy);
const PLACEHOLDER = "https://concierge.example.com";
/** The rest of a strict policy. */
const STRICT = "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

suite("a plain page in Chromium", { skip: MISSING, concurrency: 3 }, () => {
  let browser, site, world;
  before(async () => {
    [browser, site] = await Promise.all([launch(), openSite({ "/recorder.js": RECORDER })]);
    world = await openWorld({ vars: { ALLOWED_ORIGINS: site.origin } });
  });
  after(() => Promise.all([browser, site, world].map((opened) => opened?.close())));

  /** Opens a page with what the document says, and this policy. */
  const enter = async (t, path, policy = "", body = LINES) => {
    const { origin } = world.url;
    const nonce = policy.match(/'nonce-(\w+)'/)?.[1];
    const html = htmlPage(body.replaceAll(PLACEHOLDER, origin));
    // The simulator's pictures come from this machine; `img-src` is the last directive.
    const csp = `${policy.replaceAll(PLACEHOLDER, origin)} http://127.0.0.1:* data:; ${STRICT}`;
    site.files[path] = {
      type: "text/html; charset=utf-8",
      body: nonce ? html.replaceAll("<script", `<script nonce="${nonce}"`) : html,
      headers: policy ? { "Content-Security-Policy": csp } : {},
    };
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    t.after(() => page.context().close());
    await page.goto(site.origin + path);
    return page;
  };

  assert.equal(POLICIES.length, 3);
  for (const [index, policy] of POLICIES.entries()) {
    test(`works under ${policy}`, async (t) => {
      const page = await enter(t, `/policy-${index}`, policy);
      await page.getByRole("button", { name: "Shopping assistant" }).click();
      await page.getByRole("textbox").fill("a hat for my mother");
      await page.getByRole("textbox").press("Enter");
      await page.locator(".product img").first().waitFor();
      assert.deepEqual(await page.evaluate("violations"), []);
    });
  }

  test("has words of its own", async (t) => {
    const page = await enter(t, "/words", "", LINES + WORDS);
    await page.getByRole("button", { name: "Ask Ada" }).click();
    await page.getByText("What may I find for you?").waitFor();
    assert.equal(await page.getByRole("button", { name: "Send" }).count(), 1);
  });
});
