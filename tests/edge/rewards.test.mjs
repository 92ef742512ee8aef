// Sign-ups and clicks: they reach the assistant as they were meant, and no address is kept on the way.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { openWorld } from "./support/world.mjs";

const SIGNUP = "/v1/concierge/signup";
const CLICKS = "/v1/concierge/clicks";
const EMAIL = "nobody-reads-this@example.com";

for (const name of NAMES.filter((other) => ASSISTANTS[other].offers.includes("signup"))) {
  const program = ASSISTANTS[name].vars.REWARDS_PROGRAM;

  suite(`the rewards of ${name}`, () => {
    let world, shopper;
    before(async () => {
      world = await openWorld({ assistant: name });
      const caller = world.caller();
      const response = await caller.chat({ prompt: "A birthday gift for a friend" });
      const { session_id, products } = await response.json();
      shopper = { caller, session_id, products, pass: { "shopper-pass": response.headers.get("shopper-pass") } };
    });
    after(() => world.close());

    const post = (path, body, headers = shopper.pass) => shopper.caller.post(path, body, headers);
    const state = async () => (await world.simulator.state())[name];
    const conversation = async () => (await world.simulator.chats())[0].session_id;

    test("take a sign-up with its consent, and where the shopper came from", async () => {
      const { session_id } = shopper;
      const utm = { utm_source: "spring", utm_medium: "page" };
      const response = await post(SIGNUP, { session_id, email: EMAIL, consent: true, utm, card_bin: "411111" });
      assert.equal(response.status, 202);
      assert.deepEqual(await response.json(), { request_id: response.headers.get("x-request-id") });
      const { signups } = await state();
      assert.deepEqual(signups, [{ program, email: EMAIL, utm, convo_id: await conversation() }]);
      const line = await world.lineOf(response);
      assert.deepEqual([line.operation, line.outcome, line.status], ["signup", "ok", 202]);
    });

    test("take a click, under an id and at a time of the worker's", async () => {
      const { session_id, products } = shopper;
      const response = await post(CLICKS, { session_id, email: EMAIL, product_id: products[0].id });
      assert.equal(response.status, 202);
      const { clicks } = await state();
      const [{ click_id: id, click_datetime: at, ...click }] = clicks;
      const convo_id = await conversation();
      assert.deepEqual(click, { program, email: EMAIL, convo_id, presentation_id: products[0].id });
      assert.equal(id, response.headers.get("x-request-id"));
      assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, at);
      assert.equal((await world.lineOf(response)).operation, "clicks");
    });

    for (const [what, path, change, status, code] of [
      ["a sign-up without consent", SIGNUP, { consent: undefined }, 400, "invalid_field"],
      ["a sign-up whose consent is a text", SIGNUP, { consent: "true" }, 400, "invalid_field"],
      ["a sign-up without an address", SIGNUP, { email: undefined }, 400, "invalid_field"],
      ["a sign-up with half an address", SIGNUP, { email: "nobody@" }, 400, "invalid_field"],
      ["a sign-up with two addresses", SIGNUP, { email: "a@example.com, b@example.com" }, 400, "invalid_field"],
      ["a sign-up with a long address", SIGNUP, { email: `${"a".repeat(250)}@example.com` }, 400, "invalid_field"],
      ["a sign-up whose utm is a list", SIGNUP, { utm: ["spring"] }, 400, "invalid_field"],
      ["a sign-up whose utm holds a number", SIGNUP, { utm: { utm_source: 7 } }, 400, "invalid_field"],
      ["a sign-up without a conversation", SIGNUP, { session_id: undefined }, 404, "session_not_found"],
      ["a sign-up in nobody's conversation", SIGNUP, { session_id: "none" }, 404, "session_not_found"],
      ["a click without an address", CLICKS, { email: undefined }, 400, "invalid_field"],
      ["a click on no product", CLICKS, { product_id: "" }, 400, "invalid_field"],
      ["a click in nobody's conversation", CLICKS, { session_id: "none" }, 404, "session_not_found"],
    ]) {
      test(`refuse ${what}, before anything goes upstream`, async () => {
        const before = await state();
        const { session_id, products } = shopper;
        const good = { session_id, email: EMAIL, consent: true, product_id: products[0].id };
        const response = await post(String(path), { ...good, ...Object(change) });
        const body = await response.json();
        assert.deepEqual([response.status, body.error], [status, code], JSON.stringify(body));
        assert.deepEqual(await state(), before);
      });
    }

    test("are for the shopper of the conversation alone", async () => {
      const before = await state();
      const { session_id } = shopper;
      const stranger = world.caller();
      const body = { session_id, email: EMAIL, consent: true, product_id: "1" };
      for (const path of [SIGNUP, CLICKS]) {
        const response = await stranger.post(path, body);
        assert.deepEqual([response.status, (await response.json()).error], [404, "session_not_found"]);
      }
      assert.deepEqual(await state(), before);
    });

    test("leave no address in the log or in any answer", async () => {
      const { session_id } = shopper;
      let all = "";
      for (const body of [
        { session_id, email: EMAIL, consent: true },
        { session_id, email: EMAIL, consent: false },
        { session_id: "none", email: EMAIL, consent: true },
        { email: EMAIL },
      ]) {
        const response = await post(SIGNUP, body);
        all += JSON.stringify([...response.headers]) + (await response.text());
        await world.lineOf(response);
      }
      await world.simulator.fault("error:422", { endpoint: "signup", times: 1 });
      const response = await post(SIGNUP, { session_id, email: EMAIL, consent: true });
      assert.equal(response.status, 502);
      all += await response.text();
      await world.lineOf(response);
      all += JSON.stringify(world.logs);
      assert.ok(!all.includes("nobody-reads-this"));
    });

    test("count in the shopper's budget", async (t) => {
      const small = await openWorld({ assistant: name, vars: { SHOPPER_LIMITS: "2/day" } });
      t.after(() => small.close());
      const caller = small.caller();
      const first = await caller.chat({ prompt: "A birthday gift for a friend" });
      const { session_id } = await first.json();
      const pass = { "shopper-pass": first.headers.get("shopper-pass") };
      const body = { session_id, email: EMAIL, consent: true };
      const statuses = [];
      for (let i = 0; i < 2; i += 1) statuses.push((await caller.post(SIGNUP, body, pass)).status);
      assert.deepEqual(statuses, [202, 429]);
    });
  });
}
