// What the merchant asks of a running worker: closed to everybody else, true, and enough to help a shopper who is held.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { Merchant, newToken, passMidnight } from "./support/merchant.mjs";
import { ORIGIN, openWorld } from "./support/world.mjs";

const PATHS = ["/admin/usage", "/admin/blocks", "/metrics"];
const TOKEN = newToken();

/** How often each value came. */
function count(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

suite("the admin paths", () => {
  let world;
  before(async () => {
    world = await openWorld({ vars: { ADMIN_TOKEN: TOKEN } });
  });
  after(() => world.close());

  test("do not exist without an ADMIN_TOKEN", async () => {
    const plain = await openWorld();
    try {
      const merchant = new Merchant(plain, TOKEN);
      const unknown = await merchant.get("/no/such/path");
      for (const answer of await Promise.all([...PATHS.map((path) => merchant.get(path)), merchant.lift({})])) {
        const body = await answer.json();
        assert.deepEqual([answer.status, body.error], [404, "not_found"]);
      }
      assert.equal(unknown.status, 404);
    } finally {
      await plain.close();
    }
  });

  test("are closed by a token that is too short, which is a mistake in the settings", async () => {
    const short = await openWorld({ vars: { ADMIN_TOKEN: TOKEN.slice(0, 31) } });
    try {
      for (const path of PATHS) {
        const answer = await new Merchant(short, TOKEN.slice(0, 31)).get(path);
        const { error, message } = await answer.json();
        assert.deepEqual([answer.status, error], [500, "misconfigured_proxy"], path);
        assert.match(message, /ADMIN_TOKEN must be 32 to 256 visible ASCII characters/);
        assert.ok(!message.includes(TOKEN.slice(0, 31)));
      }
    } finally {
      await short.close();
    }
  });

  test("are closed without the token and with a wrong one, and say so", async () => {
    for (const token of [null, "", TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase()]) {
      const stranger = new Merchant(world, token);
      for (const answer of [...(await Promise.all(PATHS.map((path) => stranger.get(path)))), await stranger.lift({})]) {
        const { error } = await answer.json();
        assert.deepEqual([answer.status, error], [401, "invalid_admin_token"]);
      }
    }
  });

  test("cannot be read by a page of the shop", async () => {
    const page = new Merchant(world, TOKEN, { origin: ORIGIN });
    for (const path of PATHS) {
      const answer = await page.get(path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get("access-control-allow-origin"), null, path);
      assert.equal(answer.headers.get("cache-control"), "no-store", path);
    }
  });

  test("are limited for each network", async () => {
    const merchant = new Merchant(world, TOKEN);
    const answers = await Promise.all(Array.from({ length: 64 }, () => merchant.get("/metrics")));
    const refused = answers.filter(({ status }) => status === 429);
    assert.equal(refused.length, 4);
    assert.ok(Number(refused[0].headers.get("retry-after")) > 0);
    assert.equal((await new Merchant(world, TOKEN).get("/metrics")).status, 200);
  });

  test("make no object for whoever has no token", async () => {
    const before = (await world.limiters()).length;
    await Promise.all(Array.from({ length: 8 }, () => new Merchant(world, "wrong").get("/metrics")));
    assert.equal((await world.limiters()).length, before);
  });

  test("take only their method, and a range that exists", async () => {
    const merchant = new Merchant(world, TOKEN);
    assert.equal((await merchant.get("/admin/lift")).status, 405);
    const wrong = await merchant.get("/admin/usage?range=year");
    assert.deepEqual([wrong.status, (await wrong.json()).message], [400, "range must be hour, day or month."]);
  });
});

suite("the figures", () => {
  let world;
  let merchant;
  before(async () => {
    await passMidnight();
    world = await openWorld({ vars: { ADMIN_TOKEN: TOKEN, SHOPPER_LIMITS: "3/hour" } });
    merchant = new Merchant(world, TOKEN);
  });
  after(() => world.close());

  test("are those that the log counts of the same run", async () => {
    const busy = world.caller();
    let pass;
    for (let chat = 0; chat < 5; chat += 1) {
      const answer = await busy.chat({ prompt: "hat" }, pass ? { "shopper-pass": pass } : {});
      pass ??= answer.headers.get("shopper-pass");
    }
    await Promise.all(Array.from({ length: 12 }, () => world.caller().chat({ prompt: "scarf" })));
    await world.meet("status:502");
    await world.meet("error:upstream_function_error");
    await world.caller().chat({ prompt: "" });
    await new (world.caller().constructor)(world.url, { origin: null }).chat({ prompt: "hat" });
    await world.caller().history("unknown");

    const chats = () => world.lines().filter(({ operation }) => operation === undefined);
    const sent = chats().length;
    const report = await merchant.usage(({ chats }) => chats.total >= sent);
    const lines = chats();
    assert.equal(report.chats.total, lines.length);
    assert.deepEqual(report.chats.by_outcome, count(lines.map(({ outcome }) => outcome)));
    assert.deepEqual(report.chats.by_budget, { shopper: 2 });
    const attempts = lines.flatMap((line) => line.attempts ?? []);
    assert.equal(report.upstream.requests, attempts.length);
    assert.equal(report.upstream.errors, attempts.filter(({ ended }) => ended !== "answered").length);
    assert.equal(report.refunded, lines.filter(({ refunded }) => refunded).length);
    const others = world.lines().filter(({ operation }) => operation === "history");
    assert.deepEqual(report.operations.by_outcome, count(others.map(({ outcome }) => outcome)));

    const answered = lines.filter(({ outcome }) => outcome === "ok").map(({ total_ms: ms }) => ms);
    const { count: measured, p50 } = report.latency_ms.total;
    assert.equal(measured, answered.length);
    const median = answered.sort((a, b) => a - b)[Math.ceil(answered.length / 2) - 1];
    assert.ok(p50 >= median && p50 <= median * 1.125 + 1, `${p50} is not within 12.5 % above ${median}`);

    const [first] = report.busiest.shoppers;
    assert.deepEqual([first.chats, first.at_most_too_many], [5, 0]);
    const held = lines.find(({ outcome }) => outcome === "rate_limited");
    assert.deepEqual([first.limiter, first.shopper], [held.limiter, held.shopper]);
    const failed = lines.filter(({ status }) => status >= 500).map(({ request_id: id }) => id);
    assert.deepEqual(report.errors.map(({ request_id: id }) => id).sort(), failed.sort());
    const sum = report.curve.reduce((all, { ok, refused, failed, left }) => all + ok + refused + failed + left, 0);
    assert.equal(sum, report.chats.total);
  });

  test("are the same for an hour, a day and 30 days that began just now", async () => {
    const [hour, day, month] = await Promise.all(
      ["hour", "day", "month"].map(async (range) => (await merchant.get(`/admin/usage?range=${range}`)).json()),
    );
    assert.deepEqual(hour.chats, day.chats);
    assert.deepEqual(month.chats, day.chats);
    assert.deepEqual([hour.curve.length, day.curve.length, month.curve.length], [7, 145, 30]);
  });

  test("outlive the memory of the object that counts", async () => {
    const before = await (await merchant.get("/admin/usage")).json();
    assert.ok(before.chats.total > 0);
    await world.evictUsage();
    const after = await merchant.usage(({ chats }) => chats.total >= before.chats.total);
    assert.deepEqual(after.chats, before.chats);
  });

  test("are told to Prometheus as counters", async () => {
    const answer = await merchant.get("/metrics");
    assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    const report = await (await merchant.get("/admin/usage")).json();
    for (const [outcome, chats] of Object.entries(report.chats.by_outcome)) {
      assert.match(text, new RegExp(`^concierge_chats_total\\{outcome="${outcome}"\\} ${chats}$`, "m"));
    }
    assert.match(text, /^concierge_chat_duration_seconds_bucket\{le="\+Inf"\} \d+$/m);
    assert.match(text, /^concierge_info\{assistant="sales-associate",version="[\d.]+"\} 1$/m);
  });

  test("hold no prompt, address, pass, token or key, and neither do the log's lines", async () => {
    const caller = world.caller();
    const chat = await caller.chat({ prompt: "a very private birthday" });
    const pass = chat.headers.get("shopper-pass");
    await merchant.usage(({ newcomers }) => newcomers > 0);
    const answers = await Promise.all([...PATHS, "/admin/usage?range=month"].map((path) => merchant.get(path)));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    texts.push(...world.logs.map(({ message }) => message));
    for (const secret of [TOKEN, world.key, pass, caller.address, "very private", ORIGIN]) {
      for (const text of texts) assert.ok(!text.includes(secret), `${secret} in ${text.slice(0, 200)}`);
    }
  });
});

suite("a shopper who is held", { concurrency: true }, () => {
  let world;
  let merchant;
  before(async () => {
    world = await openWorld({ vars: { ADMIN_TOKEN: TOKEN, SHOPPER_LIMITS: "2/hour", NETWORK_LIMITS: "6/hour" } });
    merchant = new Merchant(world, TOKEN);
  });
  after(() => world.close());

  /** Chats until a limit refuses, and returns what a shopper has in hand then. */
  async function held() {
    const caller = world.caller();
    const first = await caller.chat({ prompt: "hat" });
    const headers = { "shopper-pass": first.headers.get("shopper-pass") };
    await caller.chat({ prompt: "hat" }, headers);
    const refused = await caller.chat({ prompt: "hat" }, headers);
    assert.equal(refused.status, 429);
    return { caller, headers, id: refused.headers.get("x-request-id"), line: await world.lineOf(refused) };
  }

  /** Chats once the isolate has forgotten the refusal, which takes 5 seconds at most. */
  async function chatsAgain({ caller, headers }) {
    const end = Date.now() + 15_000;
    for (;;) {
      const { status } = await caller.chat({ prompt: "hat" }, headers);
      if (status === 200) return;
      assert.ok(Date.now() < end, `${status} after fifteen seconds`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  test("is found and freed by the id of the refusal", async () => {
    const shopper = await held();
    const [block] = await merchant.blocks((blocks) => blocks.length > 0, `?request_id=${shopper.id}`);
    const { limiter, shopper: name } = shopper.line;
    assert.deepEqual([block.limiter, block.shopper, block.budget, block.window], [limiter, name, "shopper", "hour"]);
    assert.ok(block.frees_in_s > 3_500 && block.frees_in_s <= 3_600);
    const lifted = await merchant.lift({ request_id: shopper.id });
    assert.deepEqual(await lifted.json(), { limiter, shopper: name, budget: "shopper", lifted: 2 });
    await merchant.blocks((blocks) => blocks.every(({ shopper: other }) => other !== name));
    await chatsAgain(shopper);
    const notice = world.notices().find((one) => one.notice === "lifted" && one.limiter === limiter);
    assert.deepEqual([notice.budget, notice.count], ["shopper", 2]);
  });

  test("is freed by what the log line has, without any count", async () => {
    const shopper = await held();
    const { limiter, shopper: name, budget } = shopper.line;
    const lifted = await merchant.lift({ limiter, shopper: name, budget });
    assert.equal((await lifted.json()).lifted, 2);
    await chatsAgain(shopper);
  });

  test("is freed with a whole network", async () => {
    const { caller, line } = await held();
    for (let others = 0; others < 4; others += 1) await caller.chat({ prompt: "hat" });
    const refused = await caller.chat({ prompt: "hat" });
    assert.equal((await world.lineOf(refused)).budget, "network");
    const lifted = await merchant.lift({ limiter: line.limiter, budget: "network" });
    assert.equal((await lifted.json()).lifted, 6);
    await chatsAgain({ caller, headers: {} });
  });

  test("stays held if somebody else is freed", async () => {
    const [one, other] = [await held(), await held()];
    await merchant.lift({ limiter: one.line.limiter, shopper: other.line.shopper });
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    assert.equal((await one.caller.chat({ prompt: "hat" }, one.headers)).status, 429);
  });

  test("can free nobody, not even by a request of their page", async () => {
    const { caller, headers, line } = await held();
    const wish = { limiter: line.limiter, shopper: line.shopper };
    const answer = await caller.post("/admin/lift", wish, headers);
    assert.equal(answer.status, 401);
  });
});
