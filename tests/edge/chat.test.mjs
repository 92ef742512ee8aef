// The main job: a chat goes through, and nothing but what it may carry.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { ORIGIN, PATH, openWorld } from "./support/world.mjs";

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ANSWER = ["follow_up", "intent", "message", "products", "refinement_options", "request_id", "session_id"];
const PRODUCT = "available currency description handle id image price title url vendor".split(" ");

for (const name of NAMES) {
  const { sent, requests, translated, products, vars } = ASSISTANTS[name];

  suite(`a chat with ${name}`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant: name });
    });
    after(() => world.close());

    /** What the simulator saw of the chat with this prompt. */
    async function seen(prompt) {
      const all = await world.simulator.requestsWith(prompt);
      assert.equal(all.length, 1);
      return { ...all[0], headers: Object.fromEntries(all[0].headers) };
    }

    test("is answered in the page's contract", async () => {
      const response = await world.caller().chat({ prompt: "Birthday gift for my mom, around $250" });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "application/json");
      const answer = await response.json();
      assert.match(answer.session_id, /^[\w-]{1,128}$/);
      assert.ok(answer.message.length > 0);
      assert.match(answer.request_id, UUID_V4);
      assert.equal(answer.products.length > 0, products);
      for (const product of answer.products) assert.deepEqual(Object.keys(product).sort(), PRODUCT);
      for (const option of answer.refinement_options) assert.deepEqual(Object.keys(option), ["text", "type"]);
      const fields = Object.keys(answer).filter((field) => field !== "next_page");
      assert.deepEqual(fields.sort(), ANSWER);
      // One that is translated is the worker's own.
      if (translated) assert.equal(answer.request_id, response.headers.get("x-request-id"));
    });

    test("goes upstream with the key, to the base URL and the published path", async () => {
      await world.caller().chat({ prompt: "where it goes" });
      const { method, path, query, headers } = await seen("where it goes");
      assert.deepEqual({ method, query }, { method: "POST", query: null });
      assert.match(path, sent.path);
      if (sent.key) assert.equal(sent.key(headers), world.key);
      assert.equal(headers["content-type"], "application/json");
      if (headers["x-domain"]) assert.equal(headers["x-domain"], vars.OMNIOPS_DOMAIN);
    });

    test("takes no header of the browser along", async () => {
      await world.caller().chat(
        { prompt: "headers that stay" },
        {
          "x-api-key": `ak_concierge_${"f".repeat(48)}`,
          cookie: "cart=1",
          authorization: "Bearer page",
          "x-domain": "evil.example",
          "x-forwarded-for": "192.0.2.1",
          "x-forwarded-host": "evil.example",
          "shopper-pass": "A".repeat(108),
          referer: "https://shop.example.com/secret-page",
          "x-anything": "else",
        },
      );
      const { headers } = await seen("headers that stay");
      const ours = ["accept", "content-length", "content-type", "user-agent", ...sent.headers];
      // What a runtime adds to any request that it makes.
      const transport = ["accept-encoding", "accept-language", "cf-worker", "connection", "host", "sec-fetch-mode"];
      const names = Object.keys(headers).filter((header) => !transport.includes(header));
      assert.deepEqual(names.sort(), ours.sort());
      if (sent.key) assert.equal(sent.key(headers), world.key);
      assert.match(headers["user-agent"], /^concierge-proxy\//);
    });

    test("leaves the query string behind", async () => {
      const caller = world.caller();
      const body = JSON.stringify({ prompt: "query left behind" });
      const headers = { "content-type": "application/json" };
      const response = await caller.send("POST", `${PATH}?key=1&utm=2`, { body, headers });
      assert.equal(response.status, 200);
      assert.equal((await seen("query left behind")).query, null);
    });

    test("goes upstream with each field once, and unknown ones dropped", async () => {
      await world
        .caller()
        .chat(
          '{"prompt":"a first one","pro\\u006dpt":"each once","stream":true,"sessionId":"another","message":"another",' +
            '"chat":"another","domain":"evil.example","chatbotId":"another","userId":"another","session_id":null,' +
            '"context":{"occasion":"birthday"}}',
        );
      const { body } = await seen("each once");
      assert.deepEqual(Object.keys(JSON.parse(body)), sent.fields);
      for (const other of ["a first one", "another", "evil.example"]) assert.ok(!body.includes(other), other);
    });

    test("comes back with an allow-list of headers", async () => {
      await world.prepare("headers of the answer", "headers");
      const response = await world.caller().chat({ prompt: "headers of the answer" });
      assert.ok((await response.json()).products);
      const names = [...response.headers.keys()].filter(
        (header) => !["connection", "content-length", "date", "transfer-encoding"].includes(header),
      );
      assert.deepEqual(names.sort(), [
        "access-control-allow-origin",
        "access-control-expose-headers",
        "cache-control",
        "content-type",
        "ratelimit",
        "ratelimit-policy",
        "server-timing",
        "shopper-pass",
        "vary",
        "x-content-type-options",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-tier",
        "x-ratelimit-window",
        "x-request-id",
      ]);
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      assert.equal(response.headers.get("x-ratelimit-tier"), "shopper");
    });

    for (const [fault, how] of [
      ["trickle:40", "drop by drop arrives whole"],
      ["gzip", "compressed arrives readable"],
    ]) {
      test(`that comes ${how}`, async () => {
        const { text, response } = await world.meet(fault);
        assert.equal(response.status, 200, text);
        assert.ok(JSON.parse(text).message.length > 0);
      });
    }

    test("keeps its conversation from turn to turn", async () => {
      const caller = world.caller();
      const first = await caller.chat({ prompt: "A scarf for my mother, around $250" });
      const pass = { "shopper-pass": first.headers.get("shopper-pass") };
      const { session_id } = await first.json();
      const second = await caller.chat({ prompt: "Under $200", session_id }, pass);
      const answer = await second.json();
      assert.equal(answer.session_id, session_id);
      assert.equal((await world.lineOf(first)).attempts.length, requests);
      assert.equal((await world.lineOf(second)).attempts.length, 1);
      // An assistant that makes the ids itself has none in the first chat.
      const [one, other] = (await world.simulator.chats()).slice(-2);
      assert.ok(other.session_id);
      assert.equal(one.session_id ?? other.session_id, other.session_id);
      assert.equal(answer.products.length > 0, products);
      assert.ok(answer.products.every(({ price }) => price < 200));
    });
  });
}

// What only the Sales Associate promises: its own contract is the page's.
suite("a chat with the Sales Associate alone", () => {
  let world;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  test("has its session id in the form that the contract has", async () => {
    const { session_id: id } = await (await world.caller().chat({ prompt: "hat" })).json();
    assert.match(id, UUID_V4);
  });

  test("goes upstream with its hints as they were written", async () => {
    await world
      .caller()
      .chat('{"prompt":"hints","context":{"budget_max":250.00,"x":1,"x":2,"big":12345678901234567890123}}');
    const [{ body }] = await world.simulator.requestsWith("hints");
    const { session_id: id } = JSON.parse(body);
    assert.equal(
      body,
      `{"prompt":"hints","context":{"budget_max":250.00,"x":2,"big":12345678901234567890123},"session_id":"${id}"}`,
    );
    assert.match(id, UUID_V4);
  });

  test("comes back byte for byte", async () => {
    const { key } = world;
    const body = JSON.stringify({ prompt: "byte for byte", session_id: "one" });
    const direct = await fetch(`${world.simulator.url}${PATH}`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body,
    });
    const through = await world.caller().chat(body);
    // Both are made anew, and differ only in the ids.
    const bare = (text) => text.replaceAll(/"(session_id|request_id)":"[^"]+"/g, "");
    assert.equal(bare(await through.text()), bare(await direct.text()));
  });
});
