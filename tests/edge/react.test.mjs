// The component in docs/storefronts/react.md, in Chromium, before real workers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { build } from "esbuild";

import { MISSING, launch } from "./support/browser.mjs";
import { RECORDER, htmlPage, openSite } from "./support/site.mjs";
import { ROOT, openWorld } from "./support/world.mjs";

const DOCUMENT = readFileSync(join(ROOT, "docs", "storefronts", "react.md"), "utf8");
const COMPONENT = DOCUMENT.match(/```jsx\n([\s\S]*?)```/)?.[1] ?? "";
const PLACEHOLDER = "https://concierge.example.com";

const GIFT = "Birthday gift for my mom, around $250";

/** Notes each text that the newest answer and the timer have had. */
const WATCHER = `
  globalThis.grown = new Set();
  globalThis.waits = new Set();
  new MutationObserver(() => {
    grown.add(document.querySelector("article:last-child p")?.textContent);
    waits.add(document.querySelector("[role=timer]")?.textContent);
  }).observe(document, { subtree: true, childList: true, characterData: true });
`;

/** Bundles the component as a page's build would, for the worker at this origin. */
async function bundleFor(worker) {
  const { outputFiles } = await build({
    stdin: {
      contents: `${COMPONENT.replace(PLACEHOLDER, worker)}
        import { createRoot } from "react-dom/client";
        createRoot(document.getElementById("root")).render(<Chat />);`,
      loader: "jsx",
      resolveDir: ROOT,
    },
    alias: { "@concierge-proxy/client": join(ROOT, "client", "dist", "concierge-client.js") },
    define: { "process.env.NODE_ENV": '"production"' },
    bundle: true,
    format: "esm",
    jsx: "automatic",
    minify: true,
    write: false,
  });
  return Buffer.from(outputFiles[0].contents);
}

test("the React component has at most 40 lines", () => {
  const lines = COMPONENT.split("\n").filter((line) => line.trim() !== "");
  assert.ok(lines.length > 20 && lines.length <= 40, `${lines.length} lines`);
  assert.ok(COMPONENT.includes(PLACEHOLDER));
});

suite("the React component in Chromium", { skip: MISSING, concurrency: 3 }, () => {
  let browser, site;
  /** @type {Record<string, any>} */
  const worlds = {};
  before(async () => {
    site = await openSite({ "/recorder.js": RECORDER, "/watcher.js": { type: "text/javascript", body: WATCHER } });
    /**
     * @param {string} name
     * @param {import("./support/world.mjs").WorldOptions} [options]
     */
    const open = async (name, { vars, ...options } = {}) => {
      worlds[name] = await openWorld({ vars: { ALLOWED_ORIGINS: site.origin, ...vars }, ...options });
      const { origin } = worlds[name].url;
      site.files[`/${name}.js`] = { type: "text/javascript", body: await bundleFor(origin) };
      site.files[`/${name}`] = {
        type: "text/html; charset=utf-8",
        body: htmlPage(
          `<div id="root"></div><script type="module" src="/${name}.js"></script>`,
          `<script src="/watcher.js"></script>`,
        ),
        headers: {
          "Content-Security-Policy": `default-src 'none'; script-src 'self'; connect-src ${origin}; img-src data:; require-trusted-types-for 'script'`,
        },
      };
    };
    [browser] = await Promise.all([
      launch(),
      open("usual"),
      // Parts that come close together may be shown together.
      open("homie", { assistant: "homie", flags: ["--homie-pace=50"] }),
      open("short", { vars: { SHOPPER_LIMITS: "1/second" } }),
      open("long", { vars: { SHOPPER_LIMITS: "1/hour" } }),
    ]);
  });
  after(() => Promise.all([browser, site, ...Object.values(worlds)].map((opened) => opened?.close())));

  /** Opens a page with the component before this worker. Nothing may be reported at the end. */
  const enter = async (t, name) => {
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${site.origin}/${name}`);
    t.after(async () => {
      const violations = await page.evaluate("violations");
      await page.context().close();
      assert.deepEqual([violations, complaints], [[], []]);
    });
    const turns = page.getByRole("article");
    return {
      page,
      turns,
      last: turns.last(),
      async ask(prompt) {
        await page.getByRole("textbox").fill(prompt);
        await page.getByRole("textbox").press("Enter");
        await page.getByRole("heading", { name: prompt, exact: true }).last().waitFor();
      },
      /** Waits until the last question is answered or has failed. */
      settled: () => page.locator("article:last-child:not([aria-busy=true])").waitFor(),
    };
  };

  test("asks, and shows the answer, its products and its chips", async (t) => {
    const { page, turns, last, ask, settled } = await enter(t, "usual");
    await ask(GIFT);
    await settled();
    assert.notEqual(await last.locator("p").first().textContent(), "");
    const links = last.getByRole("link");
    assert.ok((await links.count()) > 0);
    assert.match(await links.first().getAttribute("href"), /^https:\/\/www\.example\.com\/products\//);
    assert.match(await links.first().textContent(), / \$\d+\.00$/);
    assert.equal(await page.getByRole("textbox").inputValue(), "");
    const chip = last.getByRole("button").first();
    const words = await chip.inputValue();
    await chip.click();
    await page.getByRole("heading", { name: words, exact: true }).waitFor();
    await settled();
    assert.equal(await turns.count(), 2);
    assert.equal((await worlds.usual.simulator.requestsWith(words)).length, 1);
    assert.equal(await turns.first().getByRole("button").count(), 0, "only the newest answer has chips");
  });

  test("shows an answer while it grows", async (t) => {
    const { page, last, ask, settled } = await enter(t, "homie");
    await ask(GIFT);
    await settled();
    const answer = await last.locator("p").first().textContent();
    const parts = (await page.evaluate("[...grown]")).filter((text) => text && text !== answer);
    assert.ok(parts.length > 1, `${parts}`);
    assert.ok(answer.startsWith(parts[0]), `${parts[0]} | ${answer}`);
  });

  test("counts down a short wait, and is answered then", async (t) => {
    const { page, last, ask, settled } = await enter(t, "short");
    const waits = async () => (await page.evaluate("[...waits]")).filter(Boolean);
    // A question may come so late that it does not have to wait.
    for (let chat = 0; (await waits()).length === 0 && chat < 10; chat++) {
      await ask(`a hat, number ${chat}`);
      await settled();
    }
    assert.deepEqual(await waits(), ["Asking again in 1 s"]);
    assert.equal(await last.getByRole("alert").count(), 0);
    assert.equal(await page.getByRole("timer").count(), 0);
  });

  test("says how long a longer wait is", async (t) => {
    const { last, ask, settled } = await enter(t, "long");
    await ask("a hat");
    await settled();
    await ask("a scarf");
    await settled();
    assert.match(await last.getByRole("alert").textContent(), /^Please ask again in 3[56]\d\d seconds\.$/);
  });

  test("survives fields of any type", async (t) => {
    const { page, last, ask, settled } = await enter(t, "usual");
    const answers = [
      {
        message: "",
        products: [{ price: 1, currency: "none" }, { price: { a: 1 }, currency: "EUR" }, { currency: [] }],
      },
      { message: {}, products: [null, 7, { title: {}, price: [], url: {} }], refinement_options: [null, { text: {} }] },
      { message: 7, products: "many", refinement_options: { length: 2 } },
      { message: null, products: {}, refinement_options: true },
    ];
    await page.route("**/v1/concierge/chat", (route) =>
      route.fulfill({ json: answers.shift(), headers: { "Access-Control-Allow-Origin": "*" } }),
    );
    while (answers.length > 0) {
      await ask(`a hat, with ${answers.length} to go`);
      await settled();
      assert.equal(await last.getByRole("alert").count(), 0);
    }
  });

  test("links to the shop of npm start, and to no other http address", async (t) => {
    const { page, last, ask, settled } = await enter(t, "usual");
    const urls = ["http://localhost:8788/products/a", "http://localhost.example/", "http://shop.example/"];
    const products = urls.map((url) => ({ title: "A hat", url }));
    await page.route("**/v1/concierge/chat", (route) =>
      route.fulfill({ json: { message: "", products }, headers: { "Access-Control-Allow-Origin": "*" } }),
    );
    await ask("a hat on this machine");
    await settled();
    assert.deepEqual(
      await last.locator("[href]").evaluateAll((links) => links.map(({ href }) => href)),
      urls.slice(0, 1),
    );
  });

  for (const fault of ["html", "links", "nulls", "types", "many"].map((kind) => `hostile-${kind}`)) {
    test(`survives an answer that is ${fault}`, async (t) => {
      const { page, last, ask, settled } = await enter(t, "usual");
      const prompt = `a gift, ${fault}`;
      await worlds.usual.prepare(prompt, fault);
      await ask(prompt);
      await settled();
      await last.waitFor();
      assert.equal(await page.title(), "The shop");
      const hrefs = await page.locator("[href]:not(link)").evaluateAll((links) => links.map(({ href }) => href));
      assert.deepEqual(
        hrefs.filter((href) => !href.startsWith("https://")),
        [],
      );
    });
  }
});
