// One log line a request, that tells what became of it and nothing of what was said in it.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { postRaw } from "./support/socket.mjs";
import { ORIGIN, PATH, eventually, openWorld } from "./support/world.mjs";

suite("the log", () => {
  let world;
  before(async () => {
    world = await openWorld({ vars: { SHOPPER_LIMITS: "2/day" } });
  });
  after(() => world.close());

  const lineOf = (response) =>
    world.line(({ request_id: id }) => id === response.headers.get("x-request-id"));

  test("has a line for a chat: outcome, status, times, shopper and home", async () => {
    const response = await world
      .caller()
      .chat({ prompt: "hat", context: { simulator_fault: "delay:300" } });
    const line = await lineOf(response);
    assert.deepEqual(Object.keys(line), [
      "request_id",
      "outcome",
      "status",
      "total_ms",
      "upstream_ms",
      "shopper",
      "home",
    ]);
    assert.equal(line.outcome, "ok");
    assert.equal(line.status, 200);
    assert.ok(line.upstream_ms >= 290 && line.upstream_ms <= line.total_ms);
    assert.match(line.shopper, /^[\w-]{8}$/);
    assert.match(line.home, /^[\w-]{8}$/);
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
    assert.equal(a.home, c.home);
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
    const ids = world.lines().slice(before).map(({ request_id: id }) => id);
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
    const body = JSON.stringify({ prompt, context: { simulator_fault: "hang-before" } });
    const { socket } = postRaw(world.url, `Content-Length: ${body.length}`, [body]);
    await eventually(
      async () => (await world.simulator.requestsWith(prompt)).length === 1,
      "the chat upstream",
    );
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
