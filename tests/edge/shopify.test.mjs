// The theme app extension: its settings, its translations, and what its Liquid makes of what a merchant has written.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, suite, test } from "node:test";

import { Liquid } from "liquidjs";

import { MISSING, launch } from "./support/browser.mjs";
import { ROOT } from "./support/world.mjs";

const EXTENSION = join(ROOT, "widget", "shopify", "extensions", "concierge-chat");
const WORKER = "https://concierge.example.com";
const SHOP = { domain: "www.example.com", permanent_domain: "example-shop.myshopify.com" };
/** What ends an attribute, a tag, a script, a declaration and a Liquid output, if it is not escaped. */
const HOSTILE = `"'><script>globalThis.owned = 1</script><img src=x onerror="globalThis.owned = 1">{{ shop.domain }}</style>`;

/** What the document offers for a theme's own code. */
const LINES = [
  ...readFileSync(join(ROOT, "docs", "storefronts", "shopify.md"), "utf8").matchAll(/```liquid\n([\s\S]*?)```/g),
].map(([, source]) => source);

/** The chat, in the page's own words. */
const CHAT = 'document.querySelector("concierge-chat")';

const read = (...path) => readFileSync(join(EXTENSION, ...path), "utf8");
const namesIn = (folder) => readdirSync(join(EXTENSION, folder));

/** @type {Record<string, { source: string, schema: { name: string, target: string, settings: Record<string, any>[] } }>} */
const BLOCKS = Object.fromEntries(
  namesIn("blocks").map((name) => {
    const [, source, json] = read("blocks", name).match(/^([\s\S]*)\{% schema %\}([\s\S]*)\{% endschema %\}\s*$/) ?? [];
    return [basename(name, ".liquid"), { source, schema: JSON.parse(json) }];
  }),
);

const liquid = new Liquid({ partials: join(EXTENSION, "snippets"), extname: ".liquid", strictFilters: true });
liquid.registerFilter("asset_url", (name) => `${WORKER}/assets/${name}`);
liquid.registerFilter("t", (key) => key.split(".").reduce((node, part) => node[part], TRANSLATIONS));
// What `doc` says is for the theme editor's tools.
liquid.registerTag("doc", {
  parse(_, rest) {
    let token = rest.shift();
    while (token && !/enddoc/.test(token.getText())) token = rest.shift();
  },
  render() {},
});
const TRANSLATIONS = JSON.parse(read("locales", "en.default.json"));

/** Returns what a snippet sees wherever it is. */
const globals = (isEditor = false) => ({ request: { design_mode: isEditor, locale: { iso_code: "de" } }, shop: SHOP });

/** Renders a block with these settings, and the others as they are at first. */
function render(block, settings, { isEditor = false } = {}) {
  const { source, schema } = BLOCKS[block];
  const all = schema.settings.filter(({ id }) => id).map(({ id, default: value }) => [id, settings[id] ?? value]);
  return liquid.parseAndRender(
    source,
    { block: { settings: Object.fromEntries(all) } },
    { globals: globals(isEditor) },
  );
}

/** Returns the paths of the texts in a translation. */
function keysOf(node, path = "") {
  if (typeof node === "string") return [path];
  return Object.entries(node).flatMap(([name, child]) => keysOf(child, path ? `${path}.${name}` : name));
}

suite("the theme app extension", () => {
  test("has each of its texts in each language, and no other", () => {
    const locales = namesIn("locales");
    for (const kind of [".json", ".schema.json"]) {
      const expected = keysOf(JSON.parse(read("locales", `en.default${kind}`))).sort();
      const names = ["en.default", "de", "fr", "es", "ja"].map((language) => language + kind);
      for (const name of names) assert.deepEqual(keysOf(JSON.parse(read("locales", name))).sort(), expected, name);
      assert.deepEqual(
        locales.filter((name) => name.endsWith(".schema.json") === (kind !== ".json")).sort(),
        names.sort(),
      );
    }
    const used = Object.values(BLOCKS).flatMap(({ schema }) => [
      schema.name,
      ...schema.settings.flatMap(({ label, info, content }) => [label, info, content]),
    ]);
    const named = new Set(used.filter(Boolean).map((key) => key.replace(/^t:/, "")));
    assert.deepEqual([...named].sort(), keysOf(JSON.parse(read("locales", "en.default.schema.json"))).sort());
  });

  test("has the targets that its blocks are for, and reads each of their settings", () => {
    assert.equal(BLOCKS.concierge.schema.target, "body");
    assert.equal(BLOCKS["concierge-inline"].schema.target, "section");
    const settings = Object.values(BLOCKS).flatMap(({ schema }) => schema.settings.map(({ id }) => id));
    const ids = new Set(settings.filter(Boolean));
    const used = [...read("snippets", "concierge-chat.liquid").matchAll(/options\.(\w+)/g)].map(([, name]) => name);
    assert.deepEqual([...ids].sort(), [...new Set(used)].sort());
  });

  test("stays within what Shopify CLI allows", () => {
    assert.deepEqual(readdirSync(EXTENSION).sort(), [
      "assets",
      "blocks",
      "locales",
      "shopify.extension.toml",
      "snippets",
    ]);
    assert.match(read("shopify.extension.toml"), /^type = "theme"$/m);
    const english = JSON.parse(read("locales", "en.default.schema.json"));
    for (const name of Object.values(english.blocks)) assert.ok(name.length <= 25, name);
  });

  test("loads from an https origin only, and tells the merchant if there is none", async () => {
    for (const worker of [
      "",
      "concierge.example.com",
      "http://a.example",
      "//a.example",
      "javascript:alert(1)",
      "https://",
    ]) {
      assert.equal((await render("concierge", { worker })).trim(), "", worker);
      assert.match(await render("concierge", { worker }, { isEditor: true }), /^<p>Concierge chat: [^<]+<\/p>\s*$/);
    }
    for (const worker of [WORKER, `${WORKER}/`, ` ${WORKER}/v1/concierge `]) {
      assert.ok((await render("concierge", { worker })).includes(`src="${WORKER}/concierge.js"`), worker);
    }
  });
});

suite("the theme app extension in Chromium", { skip: MISSING }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** Opens a page of the shop with this block, and the worker's files. */
  const enter = async (t, html) => {
    const page = await browser.newPage();
    t.after(() => page.context().close());
    page.setDefaultTimeout(10_000);
    const headers = { "Access-Control-Allow-Origin": "*" };
    await page.route(`${WORKER}/**`, (route) => {
      const name = basename(new URL(route.request().url()).pathname);
      const path = name === "concierge-texts.js" ? join(EXTENSION, "assets", name) : join(ROOT, "assets", name);
      return route.fulfill({ path, headers, contentType: "text/javascript" });
    });
    await page.route(`https://${SHOP.domain}/`, (route) =>
      route.fulfill({ contentType: "text/html", body: `<!doctype html><html lang="en"><body>${html}</body></html>` }),
    );
    await page.goto(`https://${SHOP.domain}/`);
    return page;
  };

  test("becomes a button in the shopper's language, with the merchant's words and looks", async (t) => {
    const settings = { worker: WORKER, title: "Ask Ada", accent: "#7a1f3d", link_hosts: "other.example" };
    const page = await enter(t, await render("concierge", settings));
    const chat = page.locator("concierge-chat");
    assert.equal(await chat.getAttribute("link-hosts"), `${SHOP.domain} ${SHOP.permanent_domain} other.example`);
    const launcher = page.getByRole("button", { name: "Einkaufsberatung" });
    assert.equal(
      await page.evaluate(`getComputedStyle(${CHAT}.shadowRoot.querySelector("button")).backgroundColor`),
      "rgb(122, 31, 61)",
    );
    await launcher.click();
    await page.getByRole("heading", { name: "Ask Ada" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Senden" }).count(), 1);
    assert.equal(await page.evaluate(`getComputedStyle(${CHAT}).colorScheme`), "light");
  });

  test("becomes a part of a section, and has its words again after an edit", async (t) => {
    const page = await enter(t, await render("concierge-inline", { worker: WORKER, title: "Ask Ada", height: 400 }));
    await page.getByRole("heading", { name: "Ask Ada" }).waitFor();
    assert.equal((await page.locator("concierge-chat").boundingBox())?.height, 400);
    // The theme editor puts another element in its place.
    await page.evaluate(`(() => {
      const copy = ${CHAT}.cloneNode();
      copy.dataset.title = "Ask Grace";
      ${CHAT}.replaceWith(copy);
      document.dispatchEvent(new CustomEvent("shopify:section:load"));
    })()`);
    await page.getByRole("heading", { name: "Ask Grace" }).waitFor();
  });

  test("is not needed: the lines for a theme's own code make the same chat", async (t) => {
    assert.equal(LINES.length, 2);
    const [corner, section] = await Promise.all(
      LINES.map((source) => liquid.parseAndRender(source, {}, { globals: globals() })),
    );
    const page = await enter(t, corner);
    await page.getByRole("button", { name: "Einkaufsberatung" }).waitFor();
    const hosts = await page.locator("concierge-chat").getAttribute("link-hosts");
    assert.equal(hosts, `${SHOP.domain} ${SHOP.permanent_domain}`);
    const other = await enter(t, section);
    await other.getByRole("heading", { name: "Einkaufsberatung" }).waitFor();
    assert.equal((await other.locator("concierge-chat").boundingBox())?.height, 560);
  });

  for (const [name, { schema }] of Object.entries(BLOCKS)) {
    test(`escapes whatever the settings of ${name} are`, async (t) => {
      const ids = schema.settings.map(({ id }) => id).filter((id) => id && id !== "follows_system");
      const hostile = Object.fromEntries(ids.map((id) => [id, HOSTILE]));
      const page = await enter(
        t,
        await render(name, { ...hostile, worker: `${WORKER}${HOSTILE.replaceAll("/", "")}` }),
      );
      assert.equal(await page.evaluate("globalThis.owned"), undefined);
      const found = await page.evaluate(`({
        elements: [...document.body.querySelectorAll("*")].map(({ localName }) => localName),
        attributes: ${CHAT}.getAttributeNames().sort(),
        title: ${CHAT}.dataset.title,
      })`);
      assert.deepEqual(found.elements, ["script", "concierge-chat", "script"]);
      const words =
        name === "concierge" ? ["data-greeting", "data-launcher", "data-title"] : ["data-greeting", "data-title"];
      assert.deepEqual(found.attributes, [...words, "link-hosts", "locale", "mode", "style", "url"]);
      assert.equal(found.title, HOSTILE);
    });
  }
});
