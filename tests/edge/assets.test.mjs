// The files that the worker's origin serves: the widget's to every shop, and the page at /admin to nobody else's.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { bundleAdmin } from "../../scripts/admin.mjs";
import { ROOT, openWorld } from "./support/world.mjs";

const SCRIPT = /\.js$/;
const PAGE = /^admin/;
const ALL = readdirSync(join(ROOT, "assets"));
const FILES = ALL.filter((name) => SCRIPT.test(name) && !PAGE.test(name));
const HASHED = FILES.filter((name) => /-[A-Z0-9]{8}\.js$/.test(name));
/** A day is too long for these: they lead to what is deployed now. */
const NEWEST = FILES.filter((name) => !HASHED.includes(name));
const YEAR = "public, max-age=31536000, immutable";

suite("the widget's files", () => {
  let world;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  const get = (name, headers = {}) =>
    world.caller({ origin: "https://any.example" }).send("GET", `/${name}`, { headers });

  test("may be loaded by a page of any origin, also by one that isolates itself", async () => {
    assert.ok(HASHED.length >= 5 && NEWEST.includes("concierge.js"), FILES.join());
    for (const name of FILES) {
      const { status, headers } = await get(name);
      assert.equal(status, 200, name);
      assert.equal(headers.get("access-control-allow-origin"), "*", name);
      assert.equal(headers.get("cross-origin-resource-policy"), "cross-origin", name);
      assert.equal(headers.get("x-content-type-options"), "nosniff", name);
      assert.match(headers.get("content-type"), /^text\/javascript/, name);
    }
  });

  test("are kept for ever if their names have a hash, and otherwise asked for again soon", async () => {
    for (const name of HASHED) assert.equal((await get(name)).headers.get("cache-control"), YEAR, name);
    for (const name of NEWEST) {
      const { headers } = await get(name);
      const [, age] = headers.get("cache-control").match(/^public, max-age=(\d+)(?:, must-revalidate)?$/);
      assert.ok(Number(age) <= 300, `${name}: ${age} s`);
      const again = await get(name, { "if-none-match": headers.get("etag") });
      assert.equal(again.status, 304, name);
    }
  });

  test("never reach the worker, and nothing else is served", async () => {
    const before = world.lines().length;
    await get("concierge.js");
    for (const name of ["_headers", "concierge-panel-00000000.js", "assets/concierge.js"]) {
      const response = await get(name);
      assert.equal(response.status, 404, name);
      assert.equal((await response.json()).error, "not_found", name);
      await world.lineOf(response);
    }
    assert.equal(world.lines().length, before + 3);
  });
});

suite("the admin page's files", () => {
  let world;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  const send = (method, path, headers = {}) => world.caller({ origin: null }).send(method, path, { headers });
  const loaded = ALL.filter((name) => PAGE.test(name) && name !== "admin.html");

  test("are one page at /admin, under a strict policy, for no other origin", async () => {
    const response = await send("GET", "/admin");
    assert.equal(response.status, 200);
    const { headers } = response;
    assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(
      headers.get("content-security-policy"),
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
        "frame-ancestors 'none'; require-trusted-types-for 'script'",
    );
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("access-control-allow-origin"), null);
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    const html = await response.text();
    const names = [...html.matchAll(/(?:src|href)="\/(admin[^"]*)"/g)].map(([, name]) => name);
    assert.deepEqual(names.sort(), loaded.sort());
  });

  test("are asked for anew, or kept for ever if their names have a hash", async () => {
    const page = await send("GET", "/admin");
    assert.equal(page.headers.get("cache-control"), "public, max-age=0, must-revalidate");
    const again = await send("GET", "/admin", { "if-none-match": page.headers.get("etag") });
    assert.equal(again.status, 304);
    assert.equal(loaded.length, 2);
    for (const name of loaded) {
      const { status, headers } = await send("GET", `/${name}`);
      assert.equal(status, 200, name);
      assert.equal(headers.get("cache-control"), YEAR, name);
      assert.equal(headers.get("access-control-allow-origin"), null, name);
      assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", name);
      assert.equal(headers.get("x-content-type-options"), "nosniff", name);
    }
  });

  test("take no other path from the worker", async () => {
    const paths = [
      "/admin/usage",
      "/admin/usage.html",
      "/admin/blocks",
      "/admin/x",
      "/administrator",
      "/index.html",
      "/",
    ];
    for (const [method, path] of [...paths.map((path) => ["GET", path]), ["POST", "/admin/lift"]]) {
      await world.lineOf(await send(method, path));
    }
    for (const path of ["/admin/", "/admin.html"]) {
      const response = await send("GET", path);
      assert.deepEqual([response.status, response.headers.get("location")], [307, "/admin"], path);
    }
  });

  test("have at most 15 KB", async () => {
    const { sizes } = await bundleAdmin();
    assert.deepEqual(sizes.map(({ name }) => name).sort(), [...loaded, "admin.html"].sort());
    assert.ok(sizes.reduce((sum, { packed }) => sum + packed, 0) <= 15_000);
  });
});
