// What a shopper asks to be remembered at omi.me.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Concierge } from "@concierge-proxy/client";

import { URL_OF_WORKER, capabilities, json, refusal, workerWith } from "./support/worker.mjs";

const ALL = ["create_memories", "create_conversations"];
const TAKEN = () => json({ request_id: "x" }, { status: 202 });

function clientOf(worker, more = {}) {
  const token = async () => "token";
  return new Concierge({ url: URL_OF_WORKER, storage: "memory", fetch: worker.fetch, token, ...more });
}

test("facts are remembered with the shopper's consent and token", async () => {
  const worker = workerWith(capabilities({ omi: ALL }), TAKEN());
  const facts = [{ content: "Wears size 42", tags: ["size"] }];
  assert.equal(await clientOf(worker).remember(facts), undefined);
  const { method, path, headers, body } = worker.requests[1];
  assert.deepEqual([method, path, headers.Authorization], ["POST", "/v1/omi/memories", "Bearer token"]);
  assert.deepEqual(body, { consent: true, memories: facts });
});

test("a conversation is kept with the client's language, and what the page says of it", async () => {
  const worker = workerWith(capabilities({ omi: ALL }), TAKEN());
  await clientOf(worker, { locale: "fr" }).keep("I like hats.", { finished_at: "2026-11-28T12:00:00Z" });
  const { path, body } = worker.requests[1];
  const { idempotency_key: _, ...rest } = body;
  assert.equal(path, "/v1/omi/conversations");
  assert.deepEqual(rest, { consent: true, text: "I like hats.", language: "fr", finished_at: "2026-11-28T12:00:00Z" });
});

suite("the key of a conversation", () => {
  const keysOf = async (/** @type {Parameters<Concierge["keep"]>[]} */ keeps) => {
    const worker = workerWith(capabilities({ omi: ALL }), ...keeps.map(TAKEN));
    const client = clientOf(worker);
    for (const keep of keeps) await client.keep(...keep);
    return worker.requests.slice(1).map(({ body }) => body.idempotency_key);
  };

  test("is that of its text, in the worker's form", async () => {
    const texts = ["I like hats.", "I like hats.", "I like cats.", "", "ß🎩", "x".repeat(2_000)];
    const keys = await keysOf(texts.map((text) => [text]));
    assert.equal(keys[0], keys[1]);
    assert.equal(new Set(keys).size, texts.length - 1);
    for (const key of keys) assert.match(key, /^[!-~]{1,128}$/);
  });

  test("is the page's own if it has one", async () => {
    assert.deepEqual(await keysOf([["I like hats.", { idempotency_key: "mine" }]]), ["mine"]);
  });
});

suite("what the worker does not offer", () => {
  for (const [
    what,
    omi,
    ask,
  ] of /** @type {[string, string[] | undefined, (client: Concierge) => Promise<void>][]} */ ([
    ["facts", undefined, (client) => client.remember([{ content: "Wears size 42" }])],
    ["facts", ["create_conversations"], (client) => client.remember([{ content: "Wears size 42" }])],
    ["a conversation", ["create_memories", "read_conversations"], (client) => client.keep("I like hats.")],
  ])) {
    test(`is not told: ${what}, with ${omi ?? "nothing"}`, async () => {
      const worker = workerWith(capabilities(omi ? { omi } : {}));
      await assert.rejects(ask(clientOf(worker)), { name: "ConciergeError", code: "not_offered" });
      assert.equal(worker.requests.length, 1);
    });
  }
});

test("what may have been kept is not sent again", async () => {
  const worker = workerWith(capabilities({ omi: ALL }), refusal(502, "upstream_error"));
  await assert.rejects(clientOf(worker).keep("I like hats."), { code: "upstream_error" });
  assert.equal(worker.requests.length, 2);
});
