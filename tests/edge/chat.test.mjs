// The main job: a chat goes through, and nothing but what it may carry.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ORIGIN, PATH, openWorld } from "./support/world.mjs";

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

suite("a chat", () => {
  let world;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  /** What the simulator saw of the chat with this prompt. */
  async function seen(prompt) {
    const requests = await world.simulator.requestsWith(prompt);
    assert.equal(requests.length, 1);
    return { ...requests[0], headers: Object.fromEntries(requests[0].headers) };
  }

  test("is answered in the published contract", async () => {
    const response = await world.caller().chat({ prompt: "Birthday gift for my mom, around $250" });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    const answer = await response.json();
    assert.match(answer.session_id, UUID_V4);
    assert.ok(answer.message.length > 0);
    assert.ok(answer.products.length > 0);
    assert.match(answer.request_id, UUID_V4);
  });

  test("goes upstream with the key, to the base URL and the published path", async () => {
    await world.caller().chat({ prompt: "where it goes" });
    const { method, path, query, headers } = await seen("where it goes");
    assert.deepEqual({ method, path, query }, { method: "POST", path: PATH, query: null });
    assert.equal(headers["x-api-key"], world.key);
    assert.equal(headers["content-type"], "application/json");
  });

  test("takes no header of the browser along", async () => {
    await world.caller().chat(
      { prompt: "headers that stay" },
      {
        "x-api-key": `ak_concierge_${"f".repeat(48)}`,
        cookie: "cart=1",
        authorization: "Bearer page",
        "x-forwarded-for": "192.0.2.1",
        "x-forwarded-host": "evil.example",
        "shopper-pass": "A".repeat(108),
        referer: "https://shop.example.com/secret-page",
        "x-anything": "else",
      },
    );
    const { headers } = await seen("headers that stay");
    const ours = ["accept", "content-length", "content-type", "user-agent", "x-api-key"];
    // What a runtime adds to any request that it makes.
    const transport = ["accept-encoding", "accept-language", "cf-worker", "connection", "host", "sec-fetch-mode"];
    const names = Object.keys(headers).filter((name) => !transport.includes(name));
    assert.deepEqual(names.sort(), ours);
    assert.equal(headers["x-api-key"], world.key);
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

  test("goes upstream with each field once, unknown ones dropped and hints kept as written", async () => {
    await world
      .caller()
      .chat(
        '{"prompt":"a first one","pro\\u006dpt":"each once","stream":true,"sessionId":"another",' +
          '"context":{"budget_max":250.00,"x":1,"x":2,"big":12345678901234567890123},"session_id":null}',
      );
    const { body } = await seen("each once");
    const { session_id: id } = JSON.parse(body);
    assert.equal(
      body,
      `{"prompt":"each once","context":{"budget_max":250.00,"x":2,"big":12345678901234567890123},"session_id":"${id}"}`,
    );
    assert.match(id, UUID_V4);
  });

  test("comes back byte for byte, with an allow-list of headers", async () => {
    await world.simulator.fault("headers", 1);
    const response = await world.caller().chat({ prompt: "headers of the answer" });
    const text = await response.text();
    assert.ok(JSON.parse(text).products);
    const names = [...response.headers.keys()].filter(
      (name) => !["connection", "content-length", "date", "transfer-encoding"].includes(name),
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

  test("that comes drop by drop arrives whole", async () => {
    const response = await world.caller().chat({ prompt: "drop by drop", context: { simulator_fault: "trickle:40" } });
    assert.ok((await response.json()).message.length > 0);
  });

  test("that is compressed upstream arrives readable", async () => {
    const response = await world.caller().chat({ prompt: "compressed", context: { simulator_fault: "gzip" } });
    assert.ok((await response.json()).message.length > 0);
  });

  test("keeps its conversation from turn to turn", async () => {
    const caller = world.caller();
    const first = await caller.chat({ prompt: "A scarf for my mother, around $250" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    const { session_id, products } = await first.json();
    const second = await caller.chat({ prompt: "Under $200", session_id }, pass);
    const answer = await second.json();
    assert.equal(answer.session_id, session_id);
    assert.ok(
      products.some(({ price }) => price > 200),
      "the first turn had something dearer",
    );
    assert.ok(answer.products.length > 0);
    assert.ok(answer.products.every(({ price }) => price < 200));
  });
});
