// The key is nowhere: in no answer, no log line and no file that is built.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";

import { PATH, ROOT, openWorld } from "./support/world.mjs";

/** The key, and every half of it that would still be one. */
function traces(key) {
  const hex = key.slice("ak_concierge_".length);
  const bytes = Buffer.from(hex, "hex");
  return [hex, hex.slice(0, 24), hex.slice(24), bytes.toString("base64"), Buffer.from(key).toString("base64url")];
}

suite("the key", () => {
  test("is in no answer and no log line, whatever happens", async (t) => {
    const world = await openWorld({ vars: { SHOPPER_LIMITS: "5/day" } });
    t.after(() => world.close());
    const caller = world.caller();
    const faults = ["key-echo", "headers", "error:invalid_api_key", "error:upstream_error", "redirect", "status:500"];
    const first = await caller.chat({ prompt: "hat" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    const responses = [
      first,
      ...(await Promise.all(
        faults.map((simulator_fault) => world.caller().chat({ prompt: "hat", context: { simulator_fault } })),
      )),
      ...(await Promise.all(Array.from({ length: 6 }, () => caller.chat({ prompt: "hat" }, pass)))),
      await caller.chat("{"),
      await caller.chat({ prompt: world.key, session_id: world.key }, { "x-api-key": world.key }),
      await caller.send("GET", `/healthz?key=${world.key}`),
      await caller.send("POST", `/${world.key}`),
      await caller.send("OPTIONS", PATH),
    ];
    let all = "";
    for (const response of responses) {
      all += JSON.stringify([...response.headers]) + (await response.text());
    }
    await world.line(({ outcome }) => outcome === "rate_limited");
    all += JSON.stringify(world.logs);
    for (const trace of traces(world.key)) assert.ok(!all.includes(trace), trace);
    assert.ok((await world.simulator.requests()).length > 6, "the chats did go upstream");
  });

  test("is not named when it is wrong", async (t) => {
    const key = `ak_concierge_${"0123456789abcdef".repeat(3)}0`;
    const world = await openWorld({ key: null, vars: { CONCIERGE_API_KEY: key } });
    t.after(() => world.close());
    const response = await world.caller().chat({ prompt: "hat" });
    assert.equal(response.status, 500);
    const all = (await response.text()) + JSON.stringify(world.logs);
    assert.match(all, /CONCIERGE_API_KEY/);
    assert.ok(!all.includes("0123456789abcdef"));
  });

  test("has no form of a key in any file that is uploaded", () => {
    for (const name of readdirSync(join(ROOT, "dist"))) {
      const text = readFileSync(join(ROOT, "dist", name), "latin1");
      assert.ok(!/ak_concierge_[0-9a-f]/i.test(text), name);
    }
  });

  test("has no probe for panics in any file that is uploaded", () => {
    for (const name of readdirSync(join(ROOT, "dist"))) {
      const text = readFileSync(join(ROOT, "dist", name), "latin1");
      assert.ok(!text.includes("panic in "), name);
    }
  });
});
