// What `npm start -- --assistant NAME` runs: each demo answers, with the settings that it makes up.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { NAMES, demoOf, readName } from "../../scripts/demo.mjs";
import { ORIGIN, openWorld } from "./support/world.mjs";

suite("npm start", { concurrency: 3 }, () => {
  for (const name of NAMES) {
    test(`-- --assistant ${name} answers a chat`, async (t) => {
      const demo = demoOf(readName(["--assistant", name]), ORIGIN);
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

  test("knows five assistants", () => {
    assert.deepEqual(NAMES, ["sales-associate", "homie", "rewardsbot", "omniops", "omniops-as-built"]);
  });

  test("takes the Sales Associate by default, and makes up its secrets for each run", () => {
    assert.equal(readName([]), "sales-associate");
    const [one, other] = [demoOf("sales-associate", ORIGIN), demoOf("sales-associate", ORIGIN)];
    assert.notEqual(one.vars.CONCIERGE_API_KEY, other.vars.CONCIERGE_API_KEY);
    const signing = () => demoOf("rewardsbot", ORIGIN).vars.SIGNING_KEY;
    assert.notEqual(signing(), signing());
  });

  for (const args of [
    ["--assistant", "nobody"],
    ["--assistant", "__proto__"],
    ["--assistant"],
    ["--help"],
    ["homie"],
  ]) {
    test(`-- ${args.join(" ")} is told which names there are`, () => {
      assert.throws(
        () => readName(args),
        (error) => {
          const { message, help = "" } = /** @type {Error & { help?: string }} */ (error);
          return message.length > 0 && NAMES.every((name) => help.includes(name));
        },
      );
    });
  }
});
