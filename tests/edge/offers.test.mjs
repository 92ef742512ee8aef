// What an assistant offers: told for nothing, and what it does not offer is refused before anything is spent.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { ORIGIN, SPIED, openWorld } from "./support/world.mjs";

const CAPABILITIES = "/v1/concierge/capabilities";

/** Each path beside the chat: what it belongs to, and its method. */
const PATHS = {
  "/v1/concierge/history?session_id=x": ["history", "GET"],
  "/v1/concierge/products?page=x": ["pages", "GET"],
  "/v1/concierge/signup": ["signup", "POST"],
  "/v1/concierge/clicks": ["signup", "POST"],
};

for (const name of NAMES) {
  const { offers, vars } = ASSISTANTS[name];

  suite(`what ${name} offers`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant: name, modules: SPIED });
    });
    after(async () => {
      // Nothing of this suite has asked a limiter, or the assistant.
      assert.deepEqual(await world.limiters(), []);
      assert.deepEqual(await world.simulator.requests(), []);
      await world.close();
    });

    const ask = (path, method, caller = world.caller()) =>
      method === "POST" ? caller.post(path, { email: "a@example.com" }) : caller.send(method, path);

    test("is told to any page, cacheable and without a limiter", async () => {
      const response = await world.caller().send("GET", CAPABILITIES);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("cache-control"), "public, max-age=300");
      assert.equal(response.headers.get("content-type"), "application/json");
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      assert.equal(response.headers.get("vary"), "Origin");
      const { assistant, ...told } = await response.json();
      assert.equal(assistant, vars.ASSISTANT ?? "sales-associate");
      assert.deepEqual(Object.keys(told), ["streaming", "history", "pages", "refinements", "signup"]);
      for (const [capability, yes] of Object.entries(told)) {
        if (capability !== "streaming") assert.equal(yes, offers.includes(capability), capability);
      }
      assert.equal((await world.caller().send("HEAD", CAPABILITIES)).status, 200);
      const wrong = await world.caller().send("POST", CAPABILITIES);
      assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
    });

    for (const [path, [capability, method]] of Object.entries(PATHS)) {
      const bare = path.split("?")[0];
      if (offers.includes(capability)) {
        test(`includes ${bare}, by its own method and for its own pages alone`, async () => {
          const response = await ask(path, method === "GET" ? "POST" : "GET");
          assert.equal(response.status, 405);
          assert.equal(response.headers.get("allow"), `${method}, OPTIONS`);
          const stranger = world.caller({ origin: "https://evil.example" });
          assert.equal((await (await ask(path, method, stranger)).json()).error, "origin_not_allowed");
        });
      } else {
        test(`does not include ${bare}, and that costs nothing`, async () => {
          const response = await ask(path, method);
          const body = await response.json();
          assert.deepEqual([response.status, body.error], [404, "not_offered"]);
          assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
          assert.equal(response.headers.get("shopper-pass"), null);
          assert.equal(body.request_id, response.headers.get("x-request-id"));
        });
      }
    }
  });
}

suite("sign-ups", () => {
  test("are not offered without a program", async (t) => {
    const world = await openWorld({ assistant: "rewardsbot", vars: { REWARDS_PROGRAM: "" }, modules: SPIED });
    t.after(() => world.close());
    const { signup } = await (await world.caller().send("GET", CAPABILITIES)).json();
    assert.equal(signup, false);
    const response = await world.caller().post("/v1/concierge/signup", { email: "a@example.com", consent: true });
    assert.equal((await response.json()).error, "not_offered");
    assert.deepEqual(await world.limiters(), []);
  });
});
