// What wrangler would deploy, as its two configuration files have it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";

import { unstable_readConfig } from "wrangler";

import { ROOT } from "./support/world.mjs";

const read = (file) => unstable_readConfig({ config: join(ROOT, file) });
const plain = (value) => JSON.parse(JSON.stringify(value));

suite("a deployment", () => {
  test("keeps the platform's own record of each request out of the logs", () => {
    const { logs } = read("wrangler.toml").observability;
    assert.equal(logs.enabled, true);
    assert.equal(logs.invocation_logs, false);
  });

  test("lets nobody in before it is set up, and has no key in its files", () => {
    for (const file of ["wrangler.toml", "wrangler.staging.toml"]) {
      const { vars } = read(file);
      assert.equal(vars.ALLOWED_ORIGINS, "");
      assert.ok(!Object.keys(vars).some((name) => name.includes("KEY")));
    }
  });

  test("to staging differs in its name, its settings and its domains alone", () => {
    const staging = read("wrangler.staging.toml");
    const production = read("wrangler.toml");
    assert.notEqual(staging.name, production.name);
    assert.equal(staging.routes, undefined);
    for (const name of [
      "compatibility_date",
      "compatibility_flags",
      "build",
      "assets",
      "durable_objects",
      "migrations",
      "minify",
      "observability",
    ]) {
      assert.deepEqual(plain(staging[name]), plain(production[name]), name);
    }
  });
});
