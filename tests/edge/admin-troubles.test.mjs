// The page at /admin when the worker gives no figures, or what it gives is hostile.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { Fake, openOffice, refusal } from "./support/admin.mjs";
import { busyDay, heldBack } from "./support/admin-day.mjs";
import { MISSING } from "./support/browser.mjs";
import { NARROW } from "./support/shopper.mjs";
import { eventually } from "./support/world.mjs";

const MARKUP = `<img src=x onerror="globalThis.harm = 1"><script>globalThis.harm = 1</script>`;
const BIDI = "\u202egnp.exe\u2066\u200b";

/** What hides or turns around the text beside it. */
const DECEIVING = /[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

/** Values that no field expects. */
const HOSTILE = [
  MARKUP,
  BIDI,
  "x".repeat(2_000),
  Number.MAX_VALUE,
  -1,
  1e308,
  null,
  true,
  [],
  {},
  [[[]]],
  { toString: 1, constructor: 2, __proto__: null },
  Object.fromEntries([
    ["__proto__", 5],
    [MARKUP, 5],
    [BIDI, 7],
    ["ok", "9"],
  ]),
];

suite("the admin page in trouble", { skip: MISSING, concurrency: 3 }, () => {
  let office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office?.close());

  /** A merchant who has figures already. */
  const settled = async (t) => {
    const me = await office.enter(t, new Fake(busyDay()));
    await me.arrive();
    await me.page.getByText("updated just now").waitFor();
    return me;
  };

  for (const [what, fault, words] of [
    ["a worker that cannot count", refusal(503, "usage_unavailable"), "The worker cannot read its counts now."],
    ["a worker that cannot be reached", "offline", "The worker cannot be reached."],
    ["an answer that is no JSON", { status: 200, body: "<p>no</p>" }, "The worker has no answer to this."],
  ]) {
    test(`with ${what}, keeps the last figures, says how old they are, and tries again`, async (t) => {
      const me = await settled(t);
      me.fake.fault = fault;
      await me.pass(15);
      await me.trouble.filter({ hasText: words }).waitFor();
      assert.equal(await me.said.textContent(), words);
      await me.pass(50);
      assert.match(await me.trouble.textContent(), /These figures are from 1 minute ago\./);
      assert.match(await me.headline.textContent(), /^1,081 chats/);
      me.fake.fault = null;
      // The clock rules the time limit of a request, too, so each has time to end before it goes on.
      const isOver = async () => {
        await me.pass(15);
        const hidden = me.trouble.waitFor({ state: "hidden", timeout: 2_000 });
        return hidden.then(
          () => true,
          () => false,
        );
      };
      await eventually(isOver, "the figures", 20_000);
    });
  }

  test("that was told to wait, waits so long and counts it down", async (t) => {
    const me = await settled(t);
    me.fake.fault = refusal(429, "rate_limited", { "retry-after": "90" });
    await me.pass(15);
    await me.trouble
      .filter({ hasText: "Wait 90 seconds." })
      .or(me.trouble.filter({ hasText: "Wait 2 minutes." }))
      .waitFor();
    const before = me.fake.asked.length;
    me.fake.fault = null;
    await me.page.getByRole("button", { name: "Refresh" }).click();
    await me.page.getByRole("radio", { name: "Last hour" }).check();
    await me.pass(50);
    assert.match(await me.trouble.textContent(), /Wait (3\d|4[01]) seconds\./);
    assert.equal(me.fake.asked.length, before);
    await me.pass(42);
    await me.trouble.waitFor({ state: "hidden" });
    await me.headline.filter({ hasText: "the last hour" }).waitFor();
  });

  test("does not announce the same again and again", async (t) => {
    const me = await settled(t);
    me.fake.fault = "offline";
    await me.pass(15);
    await me.said.filter({ hasText: "cannot be reached" }).waitFor();
    await me.page.evaluate("document.getElementById('said').textContent = ''");
    for (let failures = 0; failures < 2; failures += 1) {
      await me.pass(16);
      await me.trouble.filter({ hasText: /The next try is in 1\d seconds/ }).waitFor();
    }
    assert.equal(await me.said.textContent(), "");
  });

  test("tries again at once when the connection is back", async (t) => {
    const me = await settled(t);
    await me.page.context().setOffline(true);
    me.fake.fault = "offline";
    await me.pass(15);
    await me.trouble.filter({ hasText: "You are offline." }).waitFor();
    me.fake.fault = null;
    await me.page.context().setOffline(false);
    await me.pass(1);
    await me.trouble.waitFor({ state: "hidden" });
  });

  test("with hostile values anywhere, shows them as text or not at all", async (t) => {
    const fake = new Fake(busyDay());
    fake.blocks = heldBack();
    const me = await office.enter(t, fake, { viewport: NARROW });
    await me.arrive();
    for (const [index, value] of HOSTILE.entries()) {
      // Each pass puts it into every field of a whole answer.
      fake.usage = { ...poison(busyDay(), value), newcomers: 1_000 + index };
      fake.blocks = poison(heldBack(), value);
      await me.pass(15);
      await me.page.locator("#newcomers", { hasText: `1,0${String(index).padStart(2, "0")}` }).waitFor();
      await me.fits();
      assert.doesNotMatch(await me.page.evaluate("document.body.textContent"), DECEIVING);
    }
    for (const value of HOSTILE) {
      const before = fake.asked.length;
      fake.fault = { json: value };
      await me.page.getByRole("button", { name: "Refresh" }).click();
      await eventually(() => fake.asked.length >= before + 2, "the next figures");
    }
    assert.equal(await me.page.evaluate("globalThis.harm"), undefined);
    assert.equal(await me.page.locator("img").count(), 0);
    await me.isUnharmed();
  });

  test("with markup as the names, shows it as it is", async (t) => {
    const usage = busyDay();
    usage.busiest.networks[0].limiter = "<b>bold</b>";
    usage.chats.by_outcome = { "<b>bold</b>": 3 };
    const me = await office.enter(t, new Fake(usage));
    await me.arrive();
    assert.equal((await me.rows("networks"))[0][0], "<b>bold</b>");
    assert.match((await me.rows("reasons"))[0][1], /<b>bold<\/b>/);
  });
});

/** The same with this value instead of each of its leaves. */
function poison(value, leaf) {
  if (Array.isArray(value)) return value.map((each) => poison(each, leaf));
  if (typeof value !== "object" || value === null) return leaf;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, poison(each, leaf)]));
}
