// What a question sends, and what the next one knows of it.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Concierge } from "@concierge-proxy/client";

import { settle } from "./support/clock.mjs";
import { ANSWER, URL_OF_WORKER, answer, capabilities, json, refusal, workerWith } from "./support/worker.mjs";

function clientOf(worker, options = {}) {
  return new Concierge({ url: URL_OF_WORKER, storage: "memory", fetch: worker.fetch, ...options });
}

suite("a question", () => {
  test("is the first thing that is sent", async () => {
    const worker = workerWith(answer());
    const client = clientOf(worker);
    client.reset();
    await settle();
    assert.deepEqual(worker.requests, []);
    await client.ask("A gift");
    assert.equal(worker.requests.length, 1);
  });

  test("is a POST of the contract, and nothing else is in it", async () => {
    const worker = workerWith(answer());
    await clientOf(worker).ask("A gift");
    assert.deepEqual(worker.requests, [
      {
        method: "POST",
        path: "/v1/concierge/chat",
        headers: { "Content-Type": "application/json" },
        body: { prompt: "A gift", context: {} },
      },
    ]);
  });

  test("returns the contract's answer as it is", async () => {
    assert.deepEqual(await clientOf(workerWith(answer())).ask("A gift"), ANSWER);
  });

  test("takes the context, the refinement and the client's language along", async () => {
    const worker = workerWith(answer());
    const refinement = { text: "Under $200", type: "price_pivot" };
    await clientOf(worker, { locale: "fr" }).ask("Under $200", { context: { budget_max: 200 }, refinement });
    const { context, refinement: sent } = worker.requests[0].body;
    assert.deepEqual([context, sent], [{ locale: "fr", budget_max: 200 }, refinement]);
  });

  test("has the session id of the last answer", async () => {
    const worker = workerWith(answer("one"), answer("two"), answer("three"));
    const client = clientOf(worker);
    for (const prompt of ["1", "2", "3"]) await client.ask(prompt);
    assert.deepEqual(
      worker.requests.map(({ body }) => body.session_id),
      [undefined, "one", "two"],
    );
  });

  test("goes on with the conversation if an answer names none", async () => {
    const worker = workerWith(answer("one"), json({ message: "A scarf." }), answer("one"));
    const client = clientOf(worker);
    for (const prompt of ["1", "2", "3"]) await client.ask(prompt);
    assert.equal(worker.requests[2].body.session_id, "one");
  });

  test("has the pass of the last answer, even if that was a refusal", async () => {
    const worker = workerWith(
      refusal(400, "missing_prompt", { "Shopper-Pass": "pass-1" }),
      answer("s", { "Shopper-Pass": "pass-2" }),
      answer(),
    );
    const client = clientOf(worker);
    await assert.rejects(client.ask(""));
    await client.ask("A gift");
    await client.ask("Another one");
    assert.deepEqual(
      worker.requests.map(({ headers }) => headers["Shopper-Pass"]),
      [undefined, "pass-1", "pass-2"],
    );
  });

  test("goes to the worker's origin, whatever else is in its URL", async () => {
    const worker = workerWith(answer());
    await clientOf(worker, { url: `${URL_OF_WORKER}/v1/concierge/chat?x#y` }).ask("A gift");
    assert.equal(worker.requests[0].path, "/v1/concierge/chat");
  });

  test("is asked of no URL that is none", () => {
    const invalid = { name: "TypeError", code: "ERR_INVALID_URL" };
    assert.throws(() => clientOf(workerWith(), { url: "concierge" }), invalid);
    // @ts-expect-error A page without types may leave all options out.
    assert.throws(() => new Concierge(), invalid);
  });
});

suite("a reset", () => {
  test("begins a new conversation of the same shopper", async () => {
    const worker = workerWith(answer("one", { "Shopper-Pass": "pass" }), answer("two"));
    const client = clientOf(worker);
    await client.ask("A gift");
    client.reset();
    await client.ask("Another gift");
    assert.equal(worker.requests[1].body.session_id, undefined);
    assert.equal(worker.requests[1].headers["Shopper-Pass"], "pass");
  });

  test("holds against an answer that is still on its way", async () => {
    const late = Promise.withResolvers();
    const worker = workerWith(() => late.promise, answer("new"));
    const client = clientOf(worker);
    const asked = client.ask("A gift");
    await settle();
    client.reset();
    late.resolve(answer("old"));
    await asked;
    await client.ask("Another gift");
    assert.equal(worker.requests[1].body.session_id, undefined);
  });
});

suite("a history", () => {
  test("is empty without a conversation, and nothing is sent for it", async () => {
    const worker = workerWith();
    assert.deepEqual(await clientOf(worker).history(), []);
    assert.deepEqual(worker.requests, []);
  });

  test("is that of the conversation", async () => {
    const messages = [{ role: "user", text: "A gift", products: [], at: null }];
    const said = json({ session_id: "a/b+c", messages, request_id: "x" });
    const worker = workerWith(answer("a/b+c"), capabilities({ history: true }), said);
    const client = clientOf(worker);
    await client.ask("A gift");
    assert.deepEqual(await client.history(), messages);
    const { method, path } = worker.requests[2];
    assert.deepEqual([method, path], ["GET", "/v1/concierge/history?session_id=a%2Fb%2Bc"]);
  });

  test("is empty before an assistant that has none, and is not asked for", async () => {
    const worker = workerWith(answer(), capabilities());
    const client = clientOf(worker);
    await client.ask("A gift");
    assert.deepEqual([await client.history(), await client.history()], [[], []]);
    assert.deepEqual(
      worker.requests.map(({ path }) => path),
      ["/v1/concierge/chat", "/v1/concierge/capabilities"],
    );
  });
});

test("a further page is asked for by its text, and with the pass", async () => {
  const page = { products: [], next_page: null, request_id: "x" };
  const worker = workerWith(answer("s", { "Shopper-Pass": "pass" }), json(page));
  const client = clientOf(worker);
  await client.ask("A gift");
  assert.deepEqual(await client.nextPage("p&q"), page);
  const { method, path, headers } = worker.requests[1];
  assert.deepEqual([method, path, headers], ["GET", "/v1/concierge/products?page=p%26q", { "Shopper-Pass": "pass" }]);
});

suite("the capabilities", () => {
  test("are asked for once, by a request that says nothing about the shopper", async () => {
    const worker = workerWith(answer("s", { "Shopper-Pass": "pass" }), capabilities({ pages: true }));
    const client = clientOf(worker, { token: async () => "token" });
    await client.ask("A gift");
    assert.equal((await client.capabilities()).pages, true);
    assert.equal((await client.capabilities()).assistant, "homie");
    assert.equal(worker.requests.length, 2);
    assert.deepEqual(worker.requests[1].headers, {});
  });

  test("are asked for again after a failure", async () => {
    const worker = workerWith(refusal(500, "misconfigured_proxy"), capabilities());
    const client = clientOf(worker);
    await assert.rejects(client.capabilities(), { code: "misconfigured_proxy" });
    assert.equal((await client.capabilities()).assistant, "homie");
  });
});
