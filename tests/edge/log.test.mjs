// One log line a request, that tells what became of it and nothing of what was said in it.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { postRaw } from "./support/socket.mjs";
import { ORIGIN, PATH, eventually, openWorld } from "./support/world.mjs";

for (const name of NAMES) {
  suite(`the log of ${name}`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant: name, vars: { SHOPPER_LIMITS: "2/day" } });
    });
    after(() => world.close());

    const lineOf = (response) => world.lineOf(response);

    test("has a line for a chat: outcome, status, times, attempts, shopper and limiter", async () => {
      const { line } = await world.meet("delay:300");
      assert.deepEqual(Object.keys(line), [
        "request_id",
        "outcome",
        "status",
        "total_ms",
        "limiter_ms",
        "upstream_ms",
        "attempts",
        "shopper",
        "limiter",
      ]);
      assert.equal(line.outcome, "ok");
      assert.equal(line.status, 200);
      assert.ok(line.upstream_ms >= 290 && line.upstream_ms <= line.total_ms);
      assert.ok(line.limiter_ms <= line.total_ms - line.upstream_ms);
      const ends = [...Array(ASSISTANTS[name].requests - 1).fill("continued"), "answered"];
      assert.deepEqual(
        line.attempts,
        ends.map((ended) => ({ url: "primary", key: "current", ended })),
      );
      assert.match(line.shopper, /^[\w-]{8}$/);
      assert.match(line.limiter, /^[\w-]{22}$/);
    });

    test("puts the lines of one shopper together, and tells its neighbours apart", async () => {
      const caller = world.caller();
      const first = await caller.chat({ prompt: "hat" });
      const pass = { "shopper-pass": first.headers.get("shopper-pass") };
      const second = await caller.chat({ prompt: "hat" }, pass);
      const neighbour = await caller.chat({ prompt: "hat" });
      const [a, b, c] = await Promise.all([first, second, neighbour].map(lineOf));
      assert.equal(a.shopper, b.shopper);
      assert.notEqual(a.shopper, c.shopper);
      assert.equal(a.limiter, c.limiter);
    });

    test("says which budget refused, and its window", async () => {
      const caller = world.caller();
      const first = await caller.chat({ prompt: "hat" });
      const pass = { "shopper-pass": first.headers.get("shopper-pass") };
      await caller.chat({ prompt: "hat" }, pass);
      const line = await lineOf(await caller.chat({ prompt: "hat" }, pass));
      assert.equal(line.outcome, "rate_limited");
      assert.deepEqual([line.budget, line.window], ["shopper", "day"]);
      assert.equal(line.upstream_ms, undefined);
      assert.equal(line.attempts, undefined);
    });

    test("is told in Server-Timing, too, which a page may read", async () => {
      const { response, line } = await world.meet("delay:300");
      assert.equal(
        response.headers.get("server-timing"),
        `limiter;dur=${line.limiter_ms}, upstream;dur=${line.upstream_ms}, total;dur=${line.total_ms}`,
      );
      const exposed = response.headers.get("access-control-expose-headers").toLowerCase().split(", ");
      assert.ok(exposed.includes("server-timing"));
    });

    test("has one line for every request, good or bad", async () => {
      const caller = world.caller();
      const before = world.lines().length;
      const responses = [
        await caller.chat({ prompt: "hat" }),
        await caller.chat("{"),
        await caller.send("GET", PATH),
        await caller.send("POST", "/nowhere"),
        await caller.send("OPTIONS", PATH),
        await caller.send("GET", "/healthz"),
        await world.caller({ origin: "https://evil.example" }).chat({ prompt: "hat" }),
      ];
      for (const response of responses) await lineOf(response);
      const ids = world
        .lines()
        .slice(before)
        .map(({ request_id: id }) => id);
      assert.equal(ids.length, responses.length);
      assert.equal(new Set(ids).size, responses.length);
    });

    test("holds no prompt, address, pass, session id, query string or origin", async () => {
      const address = "203.0.113.77";
      const caller = world.caller({ address });
      const body = { prompt: "a-prompt-nobody-reads", session_id: "an-id-nobody-reads" };
      const first = await caller.chat(body);
      const pass = first.headers.get("shopper-pass");
      const { session_id: session } = await first.json();
      await caller.send("POST", `${PATH}?query-nobody-reads`, {
        body: JSON.stringify({ prompt: "a-prompt-nobody-reads", session_id: session }),
        headers: { "content-type": "application/json", "shopper-pass": pass },
      });
      await lineOf(first);
      const all = JSON.stringify(world.logs);
      for (const secret of ["nobody-reads", address, pass, session, ORIGIN]) {
        assert.ok(!all.includes(secret), secret);
      }
    });

    test("has a line for a shopper who left, and the upstream is let go", async () => {
      const prompt = "left before the answer";
      await world.prepare(prompt, "hang-before");
      const body = JSON.stringify({ prompt });
      const { socket } = postRaw(world.url, `Content-Length: ${body.length}`, [body]);
      await eventually(async () => (await world.simulator.requestsWith(prompt)).length === 1, "the chat upstream");
      socket.resetAndDestroy();
      const line = await world.line(({ outcome }) => outcome === "shopper_left");
      assert.equal(line.status, 499);
      assert.ok(line.upstream_ms < 5_000);
      await eventually(async () => {
        const [request] = await world.simulator.requestsWith(prompt);
        return request.aborted;
      }, "the end of the upstream request");
    });
  });
}

// Only the Sales Associate says what is left of it.
suite("the notices of the store's hour", { concurrency: 3 }, () => {
  /** @type {(percent: number, remaining: number) => object} */
  const low = (percent, remaining) => ({ notice: "store_running_low", percent, remaining, cap: 500 });

  /** @type {[faults: string[], notices: object[]][]} */
  const HOURS = [
    [["quota:101", "ok"], []],
    [["quota:100"], [low(20, 100)]],
    [["quota:99", "quota:98"], [low(20, 99)]],
    [
      ["quota:99", "quota:24", "quota:23", "quota:0"],
      [low(20, 99), low(5, 24)],
    ],
    [["quota:24", "quota:99"], [low(5, 24)]],
    [
      ["quota:99", "quota:499", "quota:97"],
      [low(20, 99), low(20, 97)],
    ],
  ];
  for (const [faults, notices] of HOURS) {
    test(`${faults.join(", ")}: ${notices.length}`, async (t) => {
      const world = await openWorld();
      t.after(() => world.close());
      for (const fault of faults) await world.meet(fault);
      assert.deepEqual(world.notices(), notices);
      const told = world.logs.filter(({ message }) => message.startsWith('{"notice"'));
      assert.ok(told.every(({ level }) => level === "warn"));
    });
  }
});
