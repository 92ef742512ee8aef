// The key is nowhere: in no answer, no log line and no file that is built.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";

import { NAMES } from "./support/assistants.mjs";
import { PATH, ROOT, openWorld } from "./support/world.mjs";

/** The key, and every half of it that would still be one. Each key ends with its secret in hex or base64. */
function traces(key) {
  const hex = key.split(/[_-]/).at(-1);
  const bytes = Buffer.from(hex, "hex");
  return [hex, hex.slice(0, 24), hex.slice(24, 48), bytes.toString("base64"), Buffer.from(key).toString("base64url")];
}

suite("the key", () => {
  for (const name of NAMES) {
    test(`is in no answer and no log line of ${name}, whatever happens`, async (t) => {
      const signing = randomBytes(32).toString("hex");
      const world = await openWorld({ assistant: name, vars: { SHOPPER_LIMITS: "5/day", SIGNING_KEY: signing } });
      t.after(() => world.close());
      const secrets = [world.key, signing].filter(Boolean);
      const caller = world.caller();
      const faults = ["key-echo", "headers", "gateway-403", "unknown-error", "redirect", "status:500"];
      const met = await Promise.all(faults.map((fault) => world.meet(fault)));
      const first = await caller.chat({ prompt: "hat" });
      const pass = { "shopper-pass": first.headers.get("shopper-pass") };
      const responses = [
        first,
        ...(await Promise.all(Array.from({ length: 6 }, () => caller.chat({ prompt: "hat" }, pass)))),
        await caller.chat("{"),
        await caller.send("GET", "/v1/concierge/capabilities"),
        await caller.send("OPTIONS", PATH),
      ];
      for (const secret of secrets) {
        responses.push(
          await caller.chat({ prompt: secret, session_id: secret }, { "x-api-key": secret }),
          await caller.send("GET", `/healthz?key=${secret}`),
          await caller.send("GET", `/v1/concierge/history?session_id=${secret}`),
          await caller.send("POST", `/${secret}`),
        );
      }
      let all = met.map(({ response, text }) => JSON.stringify([...response.headers]) + text).join();
      for (const response of responses) {
        all += JSON.stringify([...response.headers]) + (await response.text());
      }
      await world.line(({ outcome }) => outcome === "rate_limited");
      all += JSON.stringify(world.logs);
      for (const secret of secrets) for (const trace of traces(secret)) assert.ok(!all.includes(trace), trace);
      // A signing key goes nowhere at all, unless a shopper sends it as a prompt.
      const requests = (await world.simulator.requests()).filter(
        ({ prompt }) => !prompt || !signing.startsWith(prompt),
      );
      assert.ok(requests.length > 6, "the chats did go upstream");
      assert.ok(!JSON.stringify(requests).includes(signing));
    });
  }

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
