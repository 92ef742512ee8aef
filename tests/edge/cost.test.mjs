// `npm run cost`: the bills are those of Cloudflare's own examples, and the usage is that of the bench.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";

import { priceOfAMillion } from "../../bench/prices.mjs";
import { tables } from "../../bench/report.mjs";
import { billOf, mostFreeChats, priceOf, sharesOf } from "../../scripts/cost/bill.mjs";
import { FREE_CPU_MS, METERS, OBJECT_GB } from "../../scripts/cost/prices.mjs";
import { measuredIn, originsOf, usageOf } from "../../scripts/cost/usage.mjs";
import { ROOT } from "../../scripts/steps.mjs";

const RESULTS = JSON.parse(readFileSync(join(ROOT, "bench", "results.json"), "utf8"));
const MEASURED = measuredIn(RESULTS);
const PROGRAM = join(ROOT, "scripts", "cost.mjs");
const NOTHING = /** @type {import("../../scripts/cost/usage.mjs").Usage} */ (
  Object.fromEntries(Object.keys(METERS).map((key) => [key, 0]))
);

const cents = (/** @type {number} */ dollars) => dollars.toFixed(2);
const total = (usage) => cents(billOf({ ...NOTHING, ...usage }).total);
const month = (options) => usageOf({ chats: 0, refused: 0, ...options }, MEASURED);

suite("a bill", () => {
  test("is that of the examples in Cloudflare's documentation of Workers", () => {
    assert.equal(total({ requests: 15_000_000, cpuMs: 7 * 15_000_000 }), "8.00");
    assert.equal(total({ requests: 3_000_000, cpuMs: 7 * 3_000_000 }), "5.00");
    assert.equal(total({ requests: 720, cpuMs: 180_000 * 720 }), "6.99");
    assert.equal(total({ requests: 100_000_000, cpuMs: 7 * 100_000_000 }), "45.40");
  });

  test("is that of the examples in its documentation of Durable Objects, rounded up as they are there", () => {
    for (const [objectRequests, seconds, dollars] of /** @type {[number, number, string][]} */ ([
      [1_500_000, 1_000_000, "5.15"],
      [3_750_000, 86_400_000, "142.95"],
      [12_960_100, 259_200_000, "419.30"],
      [21_610_000, 4_320_000, "20.65"],
    ])) {
      assert.equal(total({ objectRequests, objectGbSeconds: seconds * OBJECT_GB }), dollars);
    }
  });

  test("is without rounding that of the same examples in an earlier copy", () => {
    const exact = (meter, used) => cents(priceOf({ ...meter, whole: false }, used));
    assert.equal(exact(METERS.objectRequests, 12_960_100), "1.79");
    assert.equal(exact(METERS.objectGbSeconds, 86_400_000 * OBJECT_GB), "133.24");
    assert.equal(exact(METERS.objectGbSeconds, 259_200_000 * OBJECT_GB), "409.72");
    assert.equal(exact(METERS.objectGbSeconds, 4_320_000 * OBJECT_GB), "1.91");
  });

  test("is that of the example in its documentation of logs", () => {
    assert.equal(total({ loggedGb: 75, keptGb: 20 }), cents(5 + 7.05));
  });

  test("has the prices with which the bench has priced a million chats, and docs/figures.md shows them", () => {
    const document = readFileSync(join(ROOT, "docs", "figures.md"), "utf8");
    for (const { chatCpu, busy, lone, price } of Object.values(RESULTS.peers)) {
      assert.equal(priceOfAMillion(chatCpu.median, busy, 1_000), price.busy);
      assert.equal(lone && priceOfAMillion(chatCpu.median, lone, 1_000), price.lone);
    }
    for (const line of tables(RESULTS).split("\n")) assert.ok(document.includes(line), line);
  });

  test("has for rows that are written or deleted what the bench's price of a million chats has", () => {
    const counted = { requests: 0, alarms: 0, rows: 2_000, deletions: 1_000, awakeMs: 0 };
    const more = priceOfAMillion(0, counted, 1_000) - priceOfAMillion(0, { ...counted, rows: 0, deletions: 0 }, 1_000);
    assert.equal(
      cents(more),
      cents(priceOf({ ...METERS.rowsWritten, included: 0 }, month({ chats: 1_000_000 }).rowsWritten)),
    );
  });

  test("is for rows and stored data, which have no example, by the table there", () => {
    assert.equal(total({ rowsWritten: 51_500_000 }), "6.50");
    assert.equal(total({ rowsRead: 26_000_000_000 }), "6.00");
    assert.equal(total({ storedGb: 7.5 }), "5.50");
  });

  test("is the subscription for everything that is included, and more for anything above it", () => {
    const included = Object.fromEntries(Object.entries(METERS).map(([key, meter]) => [key, meter.included]));
    assert.equal(billOf(NOTHING).total, 5);
    assert.equal(total(included), "5.00");
    for (const [key, meter] of Object.entries(METERS)) {
      const price = priceOf(meter, meter.included + 1);
      assert.equal(price, "whole" in meter ? meter.price : meter.price / meter.per, key);
    }
  });
});

suite("the usage of a month", () => {
  test("is nothing without chats", () => {
    assert.deepEqual(month({ chats: 0, refused: 0.9 }), NOTHING);
  });

  test("has for chats that come alone what the bench has counted", () => {
    const { requests, alarms, rows, deletions } = RESULTS.peers["this worker"].lone;
    const usage = month({ chats: 1_000 });
    assert.equal(usage.objectRequests, requests + alarms);
    assert.equal(usage.rowsWritten, rows + deletions);
  });

  test("has no shorter a time awake for a chat than a busy limiter in the bench", () => {
    const { awakeMs } = RESULTS.peers["this worker"].busy;
    assert.ok(month({ chats: 1_000, networks: 1 }).objectGbSeconds >= (awakeMs / 1_000) * OBJECT_GB);
  });

  test("has an alarm a day for each network, and never more alarms than chats", () => {
    assert.equal(month({ chats: 10_000, networks: 100 }).objectRequests, 10_000 + 100 * 30);
    assert.equal(month({ chats: 10_000, networks: 100 }).rowsWritten, 10_000 + 2 * 100 * 30);
    assert.equal(month({ chats: 10_000, networks: 1_000 }).objectRequests, 20_000);
  });

  test("has for /admin a request, a row and a second awake more a chat, and a row a second all day at most", () => {
    for (const [chats, seconds] of [
      [1_000, 1_000],
      [9_000_000, 30 * 86_400],
    ]) {
      const [plain, counted] = [month({ chats }), month({ chats, admin: true })];
      assert.equal(counted.objectRequests - plain.objectRequests, chats);
      assert.equal(counted.rowsWritten - plain.rowsWritten, seconds);
      assert.equal(cents(counted.objectGbSeconds - plain.objectGbSeconds), cents(seconds * OBJECT_GB));
    }
    assert.match(originsOf({ chats: 1, refused: 0, admin: true }, MEASURED).objectGbSeconds.how, /a second a report/);
  });

  test("has requests, CPU and log lines for what is refused, and nothing of an object", () => {
    const [calm, flood] = [month({ chats: 1_000 }), month({ chats: 1_000, refused: 0.9 })];
    assert.equal(calm.requests, 2_000);
    assert.equal(flood.requests, 20_000);
    assert.equal(flood.loggedGb, 10 * calm.loggedGb);
    assert.equal(cents(flood.cpuMs - calm.cpuMs), cents(18_000 * MEASURED.refusalMs));
    for (const key of ["objectRequests", "objectGbSeconds", "rowsWritten", "rowsRead", "storedGb"]) {
      assert.equal(flood[key], calm[key], key);
    }
  });

  test("says of each number whether it is measured or assumed", () => {
    assert.deepEqual(Object.keys(originsOf({ chats: 0, refused: 0 }, MEASURED)), Object.keys(METERS));
  });
});

suite("the free plan", () => {
  const fullest = (chats, options) => sharesOf(month({ chats, ...options }), MEASURED)[0];

  test("ends first at the rows, for chats that come alone: three a chat, of 100,000 a day", () => {
    assert.equal(mostFreeChats({ refused: 0 }, MEASURED), 1_000_000);
    assert.deepEqual(fullest(1_000_000), { name: "Rows written", share: 1, lost: "chats" });
    assert.ok(fullest(1_000_001).share > 1);
  });

  test("ends first at the requests in a flood: 100,000 a day", () => {
    assert.equal(fullest(150_000, { refused: 0.9 }).name, "Worker requests");
    assert.equal(mostFreeChats({ refused: 0.9 }, MEASURED), 150_000);
  });

  test("is full at what a day allows, of each meter that it limits", () => {
    const day = { requests: 1e5, objectRequests: 1e5, objectGbSeconds: 13_000, rowsWritten: 1e5, rowsRead: 5e6 };
    const usage = { ...NOTHING, loggedGb: 0.5 * 30, storedGb: 5 };
    for (const [key, used] of Object.entries(day)) usage[key] = used * 30;
    const shares = sharesOf(usage, { ...MEASURED, chatMs: 10 });
    assert.equal(shares.length, 8);
    for (const { name, share } of shares) assert.equal(share, 1, name);
    assert.deepEqual(
      shares.filter(({ lost }) => lost === "log lines").map(({ name }) => name),
      ["Logged, GB"],
    );
  });

  test("is enough for no chat that takes more CPU than one request may", () => {
    const slow = { ...MEASURED, chatMs: FREE_CPU_MS.most + 1 };
    assert.equal(mostFreeChats({ refused: 0 }, slow), 0);
  });
});

suite("npm run cost", () => {
  const run = (...flags) => spawnSync("node", [PROGRAM, ...flags], { encoding: "utf8" });

  test("prints as JSON what it prints as text, and each price with its page and its day", () => {
    const cost = JSON.parse(run("--chats", "20000000", "--refused", "0.25", "--networks", "500", "--json").stdout);
    assert.deepEqual(cost.month, { chats: 20_000_000, refused: 0.25, networks: 500 });
    const text = run("--chats", "20000000", "--refused", "0.25", "--networks", "500").stdout;
    assert.match(text, new RegExp(`^All together +${cents(cost.paid.total)}$`, "m"));
    assert.ok(cost.paid.total > 5 && !cost.free.fits);
    for (const { source } of Object.values(cost.prices)) {
      assert.match(source.page, /^https:\/\/developers\.cloudflare\.com\//);
      assert.match(source.updated, /^2026-\d\d-\d\d$/);
    }
  });

  test("refuses a flag that it does not understand, and says what it takes", () => {
    for (const flags of [
      ["--chats", "-1"],
      ["--chats", "1.5"],
      ["--chats", "1e6"],
      ["--chats", "many"],
      ["--chats", ""],
      ["--chats", "1000000000001"],
      ["--chats"],
      ["--refused", "1"],
      ["--refused", "0.99999999999999999999"],
      ["--refused", "90%"],
      ["--refused", "-0.1"],
      ["--refused", ""],
      ["--networks", "0"],
      ["--shoppers", "5"],
      ["100000"],
    ]) {
      const { status, stderr, stdout } = run(...flags);
      assert.equal(status, 1, flags.join(" "));
      assert.equal(stdout, "");
      assert.match(stderr, /What to do: npm run cost -- /, flags.join(" "));
      assert.doesNotMatch(stderr, /\n +at /);
    }
  });

  test("prints what docs/cost.md shows", () => {
    const document = readFileSync(join(ROOT, "docs", "cost.md"), "utf8");
    const [, flags = "", shown] = document.match(/```sh\nnpm run cost -- (.+)\n```\n\n```text\n([\s\S]+?)```/) ?? [];
    const printed = execFileSync("node", [PROGRAM, ...flags.split(" ")], { encoding: "utf8" });
    assert.equal(shown, printed, "if bench/results.json has changed, copy the new output");
  });
});
