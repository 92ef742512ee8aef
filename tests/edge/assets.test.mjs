// The files of the widget, as the worker's origin serves them to every shop.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { ROOT, openWorld } from "./support/world.mjs";

const FILES = readdirSync(join(ROOT, "assets")).filter((name) => name.endsWith(".js"));
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
