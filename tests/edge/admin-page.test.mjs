// The page at /admin, in Chromium: what it shows, and that it stays up to date.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { Fake, NOW, empty, openOffice, slot } from "./support/admin.mjs";
import { busyDay, heldBack } from "./support/admin-day.mjs";
import { MISSING } from "./support/browser.mjs";
import { eventually } from "./support/world.mjs";

suite("the admin page", { skip: MISSING, concurrency: 3 }, () => {
  let office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office?.close());

  suite("shows", { concurrency: 3 }, () => {
    test("the figures that the worker gives", async (t) => {
      const usage = busyDay();
      const me = await office.enter(t, new Fake(usage));
      await me.arrive();
      const { chats } = usage;
      assert.equal(await me.text("headline"), `${chats.total.toLocaleString("en")} chats in the last 24 hours`);
      assert.equal(await me.text("period"), "27 Nov, 18:13 – 28 Nov, 18:13 (CET)");
      const shown = {};
      for (const id of [
        "total",
        "ok-count",
        "refused-count",
        "failed-count",
        "left-count",
        "newcomers",
        "verified",
        "refunded",
        "requests",
        "operations",
      ]) {
        shown[id] = Number((await me.text(id)).replace(",", ""));
      }
      assert.deepEqual(shown, {
        total: chats.total,
        "ok-count": chats.ok,
        "refused-count": chats.refused,
        "failed-count": chats.failed,
        "left-count": chats.left,
        newcomers: 318,
        verified: 87,
        refunded: 6,
        requests: usage.upstream.requests,
        operations: 212,
      });
      assert.match(await me.text("errors-count"), /^23 \(2\.2%\)$/);
      assert.deepEqual(await me.rows("latency"), [
        ["Whole chat", "940 ms", "2.4 s", "4.8 s"],
        ["Assistant", "921 ms", "2.4 s", "4.8 s"],
        ["Limiter", "6 ms", "18 ms", "41 ms"],
      ]);
      assert.equal((await me.rows("networks"))[9].join(" "), "LtFAu-999RT3kQz_Vm1aBx 8 at most 3 too many");
      assert.deepEqual((await me.rows("shoppers"))[0], ["3GPzqg0-", "LtFAu-990RT3kQz_Vm1aBx", "31", ""]);
    });

    test("what is left of the assistant's caps, and until when", async (t) => {
      const me = await office.enter(t, new Fake(busyDay()));
      await me.arrive();
      assert.deepEqual(
        await me.page.evaluate(
          `["hour", "day"].map((id) => { const { value, max } = document.getElementById(id); return [value, max]; })`,
        ),
        [
          [69, 500],
          [me.fake.usage.store.day.used, 2_000],
        ],
      );
      assert.match(await me.text("hour-text"), /^431 of 500 requests left/);
      assert.equal(
        await me.text("pace"),
        "The assistant gets 84 requests an hour now. At this pace, a cap is reached in 12 hours, on 29 Nov, 05:45.",
      );
      me.fake.usage.store = { hour: null, day: null, pace_per_hour: 0, spent_in_s: null };
      await me.pass(15);
      await me.page.getByText("The assistant publishes no cap for a day.").waitFor();
      assert.equal(await me.page.locator("meter:visible").count(), 0);
    });

    test("why chats were not answered, and what to do", async (t) => {
      const me = await office.enter(t, new Fake(busyDay()));
      await me.arrive();
      const budgets = await me.rows("budgets");
      assert.deepEqual(
        budgets.map(([count]) => count),
        ["31", "12", "7"],
      );
      assert.match(budgets[0][1], /^All shoppers of one network network .*NETWORK_LIMITS/);
      const reasons = await me.rows("reasons");
      assert.match(reasons[0][1], /upstream_timeout .*give its operator a request id/);
      assert.ok(!reasons.some(([, text]) => text.includes("rate_limited")));
    });

    test("the chats over time, as bars, in a sentence, and as a table", async (t) => {
      const usage = busyDay();
      const me = await office.enter(t, new Fake(usage));
      await me.arrive();
      const image = me.page.getByRole("img", {
        name: /The busiest was 12:50–13:00, with 20 chats: 11 answered, 9 refused\./,
      });
      await image.waitFor();
      const bars = await me.page
        .locator("#chart path[fill^=url]")
        .evaluateAll((paths) =>
          paths.map((path) => [path.getAttribute("fill"), path.getAttribute("d").split("M").length - 1]),
        );
      const filled = (key) => usage.curve.filter((each) => each[key] > 0).length;
      assert.deepEqual(
        bars,
        ["ok", "left", "refused", "failed"].map((key) => [`url(#${key})`, filled(key)]),
      );
      await me.page.getByText("The same as a table").focus();
      await me.page.keyboard.press("Enter");
      await me.page.locator("#slots tr").first().waitFor();
      const rows = await me.rows("slots");
      assert.equal(
        rows.length,
        usage.curve.filter(({ ok, refused, failed, left }) => ok + refused + failed + left > 0).length,
      );
      const { ok, refused, failed, left } = usage.curve[144];
      assert.deepEqual(rows[0], ["28 Nov, 18:10", ...[ok, refused, failed, left].map(String)]);
    });

    test("another range, and says so", async (t) => {
      const fake = new Fake(busyDay());
      const days = Array.from({ length: 30 }, (_, index) => ({
        ...slot(0, 70),
        at: NOW - (29 - index) * 86_400,
        seconds: 86_400,
      }));
      fake.ranges.month = { ...busyDay(), range: "month", chats: { ...busyDay().chats, total: 2_100 }, curve: days };
      const me = await office.enter(t, fake);
      await me.arrive();
      await me.page.getByRole("radio", { name: "24 hours" }).focus();
      await me.page.keyboard.press("ArrowRight");
      await me.headline.filter({ hasText: "2,100 chats in the last 30 days" }).waitFor();
      assert.equal(await me.said.textContent(), "2,100 chats in the last 30 days");
      await me.page.getByText("A bar is a day of UTC.").waitFor();
      await me.page.getByRole("radio", { name: "Last hour" }).check();
      await me.headline.filter({ hasText: "in the last hour" }).waitFor();
      assert.equal(fake.asked.at(-2), "GET /admin/usage?range=hour");
    });

    test("that limits are only tried out", async (t) => {
      const usage = busyDay();
      usage.dry_run = true;
      usage.chats.would_be_refused = { shopper: 11, network: 2 };
      const me = await office.enter(t, new Fake(usage));
      await me.arrive();
      assert.match(await me.text("dry-run"), /refuse nobody\.\s+They would have refused 13 chats/);
    });

    test("what to do as long as there are no chats", async (t) => {
      const me = await office.enter(t, new Fake(empty()));
      await me.arrive();
      assert.equal(await me.text("headline"), "No chats in the last 24 hours");
      const { origin } = office.world.url;
      assert.equal(
        await me.text("snippet"),
        `<script type="module" src="${origin}/concierge.js"></script>\n<concierge-chat url="${origin}"></concierge-chat>`,
      );
      assert.equal(await me.page.locator("#chart").isVisible(), false);
    });
  });

  test("does all of this under its policy, which reports nothing", async (t) => {
    const fake = new Fake(busyDay());
    fake.blocks = heldBack();
    const me = await office.enter(t, fake);
    await me.arrive();
    await me.page.getByText("The same as a table").click();
    await me.page.getByRole("radio", { name: "30 days" }).check();
    await me.page.getByRole("button", { name: "Lift the block of Shopper 3GPzqg0-" }).click();
    await me.page.getByRole("button", { name: "Lift the block", exact: true }).click();
    await me.page.locator("#lifted").waitFor();
    await me.page.getByRole("button", { name: "Sign out" }).click();
    await me.field.waitFor();
    await me.isUnharmed();
  });

  suite("stays up to date", { concurrency: 3 }, () => {
    for (const [range, words, seconds] of /** @type {const} */ ([
      ["hour", "last hour", 15],
      ["day", "last 24 hours", 15],
      ["month", "last 30 days", 300],
    ])) {
      test(`every ${seconds} seconds for the ${words}`, async (t) => {
        const me = await office.enter(t);
        await me.arrive();
        await me.page.locator(`[value=${range}]`).check();
        await me.headline.filter({ hasText: words }).waitFor();
        const what = `usage?range=${range}`;
        const before = me.fake.count(what);
        await me.pass(seconds - 8);
        assert.equal(me.fake.count(what), before);
        await me.pass(9);
        await eventually(() => me.fake.count(what) === before + 1, "the next figures");
      });
    }

    test("only while somebody can see it", async (t) => {
      const me = await office.enter(t);
      await me.arrive();
      await me.page.getByText("updated just now").waitFor();
      await me.hide(true);
      const before = me.fake.asked.length;
      await me.pass(600);
      assert.equal(me.fake.asked.length, before);
      await me.hide(false);
      await me.pass(1);
      await eventually(() => me.fake.asked.length > before, "the figures");
    });

    test("and leaves the focus and the scroll where they are", async (t) => {
      const me = await office.enter(t, new Fake(busyDay()));
      await me.arrive();
      const [first] = me.fake.usage.errors;
      const copy = me.page.getByRole("button", { name: `Copy request id ${first.request_id}` });
      await copy.focus();
      const before = await me.page.evaluate("scrollY");
      assert.ok(before > 500);
      me.fake.usage = busyDay();
      me.fake.usage.newcomers = 319;
      me.fake.usage.errors.unshift({ ...first, request_id: "11111111-b156-49c4-a270-000000000000" });
      await me.pass(15);
      await me.page.locator("#newcomers", { hasText: "319" }).waitFor();
      assert.equal((await me.rows("errors")).length, 9);
      assert.equal(await copy.evaluate((button) => button === button.ownerDocument.activeElement), true);
      assert.ok(Math.abs((await me.page.evaluate("scrollY")) - before) < 100);
      assert.equal(await me.said.textContent(), "");
    });

    test("and says how long ago by the worker's clock", async (t) => {
      const me = await office.enter(t, new Fake({ ...busyDay(), to: NOW + 3_600 }));
      me.fake.usage.errors = [{ at: NOW + 3_300, request_id: "a", outcome: "upstream_error" }];
      await me.arrive();
      assert.match((await me.rows("errors"))[0][0], /^5 minutes ago/);
    });
  });
});
