// Shoppers whom the shop knows, by a token of its server.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Concierge } from "@concierge-proxy/client";

import { stopClock } from "./support/clock.mjs";
import { URL_OF_WORKER, answer, refusal, workerWith } from "./support/worker.mjs";

/** A client whose page gives these tokens, in that order, and how often it was asked. */
function clientOf(worker, ...tokens) {
  let asked = 0;
  const token = async () => tokens[Math.min(asked++, tokens.length - 1)];
  const client = new Concierge({ url: URL_OF_WORKER, storage: "memory", fetch: worker.fetch, token });
  return { client, asked: () => asked };
}

const sent = (worker) => worker.requests.map(({ headers }) => headers.Authorization);
const refused = () => refusal(401, "invalid_shopper_token");

suite("a token", () => {
  test("goes with each request, and is asked for once", async () => {
    const worker = workerWith(answer(), answer());
    const { client, asked } = clientOf(worker, "one", "two");
    await client.ask("A gift");
    await client.ask("Another gift");
    assert.deepEqual(sent(worker), ["Bearer one", "Bearer one"]);
    assert.equal(asked(), 1);
  });

  test("is asked for each time while there is none, so a login is noticed", async () => {
    const worker = workerWith(answer(), answer());
    const { client } = clientOf(worker, undefined, "one");
    await client.ask("A gift");
    await client.ask("Another gift");
    assert.deepEqual(sent(worker), [undefined, "Bearer one"]);
  });

  test("that the worker refuses is renewed", async () => {
    const worker = workerWith(refused(), answer(), answer());
    const { client } = clientOf(worker, "old", "new", "newer");
    await client.ask("A gift");
    await client.ask("Another gift");
    assert.deepEqual(sent(worker), ["Bearer old", "Bearer new", "Bearer new"]);
  });

  test("is renewed once for a question", async () => {
    const worker = workerWith(refused(), refused());
    const { client, asked } = clientOf(worker, "old", "new");
    await assert.rejects(client.ask("A gift"), { code: "invalid_shopper_token", status: 401 });
    assert.equal(worker.requests.length, 2);
    assert.equal(asked(), 2);
  });

  test("that cannot be renewed makes nobody an anonymous shopper", async () => {
    const worker = workerWith(refused());
    const { client } = clientOf(worker, "old", undefined);
    await assert.rejects(client.ask("A gift"), { code: "invalid_shopper_token" });
    assert.equal(worker.requests.length, 1);
  });

  test("is not renewed for any other refusal", async () => {
    const worker = workerWith(refusal(401, "invalid_signature"));
    await assert.rejects(clientOf(worker, "old", "new").client.ask("A gift"), { code: "invalid_signature" });
    assert.equal(worker.requests.length, 1);
  });

  test("is forgotten by a reset", async () => {
    const worker = workerWith(answer(), answer());
    const { client } = clientOf(worker, "anna", undefined);
    await client.ask("A gift");
    client.reset();
    await client.ask("Another gift");
    assert.deepEqual(sent(worker), ["Bearer anna", undefined]);
  });

  test("that fails sends nothing, and says why", async () => {
    const worker = workerWith();
    const cause = new Error("the shop is down");
    const client = new Concierge({
      url: URL_OF_WORKER,
      storage: "memory",
      fetch: worker.fetch,
      token: () => Promise.reject(cause),
    });
    await assert.rejects(client.ask("A gift"), { name: "ConciergeError", code: "no_token", cause });
    assert.deepEqual(worker.requests, []);
  });

  test("that never comes ends in a timeout", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith();
    const token = () => new Promise(() => {});
    const client = new Concierge({ url: URL_OF_WORKER, storage: "memory", fetch: worker.fetch, token });
    const asked = assert.rejects(client.ask("A gift"), { code: "timeout" });
    await pass(65_000);
    await asked;
    assert.deepEqual(worker.requests, []);
  });
});
