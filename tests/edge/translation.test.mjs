// Answers that are translated: hostile ones become clean ones, and each reading of a published contract is read.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, TRANSLATED } from "./support/assistants.mjs";
import { openWorld } from "./support/world.mjs";

const GIFT = "A birthday gift for a friend";
const ANSWER = ["session_id", "message", "products", "intent", "follow_up", "refinement_options"];
const TEXTS = ["id", "handle", "title", "currency"];
const OPTIONAL = ["vendor", "description", "image", "url"];

/** Whether an answer has the types of the page's contract, and no other field. */
function isClean(answer) {
  const { products, refinement_options: options, next_page: page, request_id: id, ...rest } = answer;
  assert.deepEqual(Object.keys(rest).sort(), ANSWER.filter((field) => field in rest).sort());
  for (const field of ["session_id", "message", "follow_up"]) assert.equal(typeof rest[field], "string", field);
  assert.equal(typeof id, "string");
  assert.ok(page === undefined || /^[\w-]+$/.test(page));
  assert.ok(products.length <= 50, `${products.length} products`);
  for (const product of products) {
    assert.equal(Object.keys(product).length, 10);
    for (const field of TEXTS) assert.equal(typeof product[field], "string", field);
    assert.ok(product.title.trim());
    for (const field of OPTIONAL) assert.ok(product[field] === null || typeof product[field] === "string", field);
    assert.ok(product.price === null || Number.isFinite(product.price), `price ${product.price}`);
    assert.ok([null, true, false].includes(product.available));
    // Plain http only because the simulator is on this machine.
    for (const link of [product.image, product.url])
      assert.ok(link === null || /^https?:\/\/[^\s"<>]+$/.test(link), link);
  }
  assert.ok(options.length <= 20);
  for (const option of options) {
    assert.deepEqual(Object.keys(option), ["text", "type"]);
    assert.ok(option.text.trim() && typeof option.type === "string");
  }
}

for (const name of TRANSLATED) {
  suite(`an answer of ${name}`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant: name });
    });
    after(() => world.close());

    for (const hostile of ["html", "links", "types", "nulls", "many"].map((kind) => `hostile-${kind}`)) {
      test(`that is ${hostile} is clean, or readably refused`, async () => {
        const { response, text } = await world.meet(hostile);
        const answer = JSON.parse(text);
        if (response.status === 200) isClean(answer);
        else assert.match(answer.error, /^upstream_(error|empty_response)$/);
        assert.ok(text.length < 200_000, `${text.length} bytes`);
      });
    }

    test("with HTML in its texts has it as text, for a page to show as text", async () => {
      const { text } = await world.meet("hostile-html");
      const { message } = JSON.parse(text);
      assert.match(message, /^<|✨|</);
    });

    test("with fields that no contract has comes without them", async () => {
      const { response, text } = await world.meet("extra-fields");
      assert.equal(response.status, 200);
      isClean(JSON.parse(text));
      for (const extra of ["simulator_extra", "secret", "__proto__", "polluted"])
        assert.ok(!text.includes(extra), extra);
    });

    test("without a fault is clean, and in the shopper's words of the page", async () => {
      const { text } = await world.meet("ok");
      const answer = JSON.parse(text);
      isClean(answer);
      assert.equal(answer.products.length > 0, ASSISTANTS[name].products);
    });
  });
}

suite("a hint", () => {
  test("of a budget and a chosen refinement go to an assistant that has a field for them", async (t) => {
    const world = await openWorld({ assistant: "rewardsbot" });
    t.after(() => world.close());
    const caller = world.caller();
    const first = await (await caller.chat({ prompt: GIFT })).json();
    assert.ok(first.refinement_options.length > 0);
    const [{ text, type }] = first.refinement_options;
    const context = { budget_min: 20, budget_max: 80.5 };
    for (const prompt of [text, "something else besides"]) {
      await caller.chat({ prompt, refinement: { text, type }, context, session_id: first.session_id });
    }
    const [, chosen, besides] = (await world.simulator.requests()).map(({ body }) => JSON.parse(body));
    const refinement_selection = { category: type, selection: text };
    const product_filter = { low_price: 20, high_price: 80.5 };
    assert.deepEqual(chosen, { refinement_selection, product_filter });
    assert.deepEqual(besides, { chat: "something else besides", refinement_selection, product_filter });
  });

  test("of the page goes upstream only if it is one of the merchant's", async (t) => {
    const world = await openWorld({ assistant: "homie" });
    t.after(() => world.close());
    const page = "https://shop.example.com/products/scarf";
    for (const [url, sent] of [
      [page, page],
      ["https://evil.example/", "https://shop.example.com"],
      ["https://shop.example.com.evil.example/", "https://shop.example.com"],
      [7, "https://shop.example.com"],
    ]) {
      const prompt = `from ${url}`;
      await world.caller().chat({ prompt, context: { page_url: url } });
      const [{ body }] = await world.simulator.requestsWith(prompt);
      assert.equal(JSON.parse(body).currentUrl, sent);
    }
  });
});

/** The readings of a contract: the switches, the worker's settings for them, and the assistant that has them. */
const READINGS = [
  ["homie", { link: "uri" }],
  ["homie", { link: "url" }],
  ["homie", { auth: "x-api-key" }],
  ["homie", { auth: "bearer" }, { ASSISTANT_AUTH: "bearer" }],
  ["homie", { events: "none" }],
  ["homie", { history: "answers" }],
  ["homie", { unknown: "forbidden" }],
  ["rewardsbot", { sources: 1 }],
  ["rewardsbot", { sources: 7, "page-size": 9 }],
  ["omniops", { answers: "bare" }],
  ["omniops", { answers: "wrapped" }],
  ["omniops as built", { answers: "bare" }],
  ["omniops as built", { answers: "wrapped" }],
];

suite("the reading", { concurrency: 4 }, () => {
  for (const [name, changes, vars = {}] of READINGS) {
    const what = Object.entries(changes).map((change) => change.join(" "));

    test(`${what} of ${name} makes no difference to a page`, async (t) => {
      const world = await openWorld({ assistant: String(name), vars: Object(vars) });
      t.after(() => world.close());
      const { products, offers, vars: own } = ASSISTANTS[String(name)];
      await world.simulator.switches({ [own.ASSISTANT]: changes });
      const caller = world.caller();
      const first = await caller.chat({ prompt: GIFT });
      const pass = { "shopper-pass": first.headers.get("shopper-pass") };
      const answer = await first.json();
      assert.equal(first.status, 200, JSON.stringify(answer));
      isClean(answer);
      assert.equal(answer.products.length > 0, products);
      assert.ok(answer.products.every(({ url, image }) => url && image));
      const { session_id } = answer;
      const second = await (await caller.chat({ prompt: "Under $200", session_id }, pass)).json();
      assert.equal(second.session_id, session_id);
      if (!offers.includes("history")) return;
      const { messages } = await (await caller.history(session_id, pass)).json();
      assert.ok(messages.some(({ role }) => role === "assistant"));
    });
  }

  for (const unknown of ["not-found", "forbidden"]) {
    test(`unknown ${unknown} of homie: a chat that is gone is begun anew`, async (t) => {
      const world = await openWorld({ assistant: "homie" });
      t.after(() => world.close());
      const caller = world.caller();
      const first = await caller.chat({ prompt: GIFT });
      const { session_id } = await first.json();
      const pass = { "shopper-pass": first.headers.get("shopper-pass") };
      await world.simulator.reset();
      await world.simulator.switches({ homie: { unknown } });
      const response = await caller.chat({ prompt: "A scarf", session_id }, pass);
      const answer = await response.json();
      assert.equal(response.status, 200, JSON.stringify(answer));
      assert.notEqual(answer.session_id, session_id);
      assert.deepEqual(world.notices(), []);
    });
  }

  for (const reset of ["seconds", "milliseconds"]) {
    for (const name of ["omniops", "omniops as built"]) {
      test(`reset in ${reset} of ${name}: a limit is waited for, and no longer than it lasts`, async (t) => {
        const world = await openWorld({ assistant: name });
        t.after(() => world.close());
        await world.simulator.switches({ omniops: { minute: 1, reset } });
        assert.equal((await world.meet("ok")).response.status, 200);
        let met = await world.meet("ok");
        // A minute of the clock may have begun between the two.
        if (met.response.status === 200) met = await world.meet("ok");
        const { response, text } = met;
        assert.equal(response.status, 429);
        const { tier, limit_window: window } = JSON.parse(text);
        assert.deepEqual([tier, window], ["store", "minute"]);
        const wait = Number(response.headers.get("retry-after"));
        assert.ok(wait >= 1 && wait <= 60, `${wait} s`);
      });
    }
  }
});
