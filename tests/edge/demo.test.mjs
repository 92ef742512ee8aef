// What `npm start -- --assistant NAME` runs: each demo answers, with the settings that it makes up.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { suite, test } from "node:test";

import { NAMES, demoOf, readOptions } from "../../scripts/demo.mjs";
import { ORIGIN, ROOT, openWorld } from "./support/world.mjs";

suite("npm start", { concurrency: 3 }, () => {
  for (const name of NAMES) {
    test(`-- --assistant ${name} answers a chat`, async (t) => {
      const demo = demoOf(readOptions(["--assistant", name]).name, ORIGIN);
      assert.equal(demo.name, name);
      const world = await openWorld({ demo });
      t.after(() => world.close());
      const response = await world.caller().chat({ prompt: "A birthday gift for a friend" });
      const { message, products } = await response.json();
      assert.equal(response.status, 200, message);
      assert.ok(message.length > 0);
      for (const { url } of products) assert.match(url, /^https:\/\/shop\.example\.com\/products\/[a-z-]+(\?|$)/);
    });
  }

  test("-- --origin lets a page of one's own in, beside the shop's", async (t) => {
    const own = "http://localhost:3000";
    const { name, origins } = readOptions(["--origin", `${own}/`]);
    const world = await openWorld({ demo: demoOf(name, ORIGIN, origins) });
    t.after(() => world.close());
    const statuses = [own, ORIGIN, "http://localhost:3001"].map(
      async (origin) => (await world.caller({ origin }).chat({ prompt: "A hat" })).status,
    );
    assert.deepEqual(await Promise.all(statuses), [200, 200, 403]);
  });

  test("knows five assistants", () => {
    assert.deepEqual(NAMES, ["sales-associate", "homie", "rewardsbot", "omniops", "omniops-as-built"]);
  });

  test("takes the Sales Associate by default, and makes up its secrets for each run", () => {
    assert.deepEqual(readOptions([]), { name: "sales-associate", origins: [], isHelp: false });
    const [one, other] = [demoOf("sales-associate", ORIGIN), demoOf("sales-associate", ORIGIN)];
    assert.notEqual(one.vars.CONCIERGE_API_KEY, other.vars.CONCIERGE_API_KEY);
    const signing = () => demoOf("rewardsbot", ORIGIN).vars.SIGNING_KEY;
    assert.notEqual(signing(), signing());
  });

  test("-- --help says how it is run, and is no failure", () => {
    const start = join(ROOT, "scripts", "start.mjs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [start, "--help"], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^Run npm start -- --assistant NAME --origin ORIGIN/);
  });

  for (const args of [
    ["--assistant", "nobody"],
    ["--assistant", "__proto__"],
    ["--assistant"],
    ["homie"],
    ["--origin", "localhost:3000"],
    ["--origin", "http://localhost:3000/page"],
    ["--origin", "http://localhost:3000//"],
  ]) {
    test(`-- ${args.join(" ")} is told which names there are`, () => {
      assert.throws(
        () => readOptions(args),
        (error) => {
          const { message, help = "" } = /** @type {Error & { help?: string }} */ (error);
          return message.length > 0 && NAMES.every((name) => help.includes(name));
        },
      );
    });
  }
});
