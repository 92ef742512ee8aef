// Where the pass and the conversation are kept, and which tabs share them.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { settle, stopClock } from "./support/clock.mjs";
import { Browser, Store } from "./support/tab.mjs";
import { answer, capabilities, json, workerWith } from "./support/worker.mjs";

const PASS = { "Shopper-Pass": "pass" };
const KEPT = [
  ["concierge-pass", "pass"],
  ["concierge-session", "one"],
];
const entries = (store) => [...store.items].sort();
const known = ({ body, headers }) => [body.session_id, headers["Shopper-Pass"]];

suite("what is kept", () => {
  test("is nothing before the first answer", async () => {
    for (const storage of /** @type {const} */ (["session", "local"])) {
      const browser = new Browser();
      const { client, sessionStorage } = browser.open({ storage, fetch: workerWith().fetch });
      await client.history();
      assert.deepEqual([entries(sessionStorage), entries(browser.localStorage)], [[], []]);
    }
  });

  for (const [storage, inSession, inLocal] of /** @type {const} */ ([
    [undefined, KEPT, []],
    ["session", KEPT, []],
    ["local", [], KEPT],
    ["memory", [], []],
  ])) {
    test(`is the pass and the conversation, where ${storage ?? "the default"} says`, async () => {
      const browser = new Browser();
      const { fetch } = workerWith(answer("one", PASS));
      const { client, sessionStorage } = browser.open({ storage, fetch });
      await client.ask("A gift");
      assert.deepEqual(entries(sessionStorage), inSession);
      assert.deepEqual(entries(browser.localStorage), inLocal);
    });
  }

  test("is there again after the page was loaded anew", async () => {
    const browser = new Browser();
    const worker = workerWith(answer("one", PASS), answer("one"));
    const { client, sessionStorage } = browser.open({ fetch: worker.fetch });
    await client.ask("A gift");
    await browser.open({ fetch: worker.fetch }, sessionStorage).client.ask("Another gift");
    assert.deepEqual(known(worker.requests[1]), ["one", "pass"]);
  });

  test("is the pass alone after a reset", async () => {
    const { client, sessionStorage } = new Browser().open({ fetch: workerWith(answer("one", PASS)).fetch });
    await client.ask("A gift");
    client.reset();
    assert.deepEqual(entries(sessionStorage), [["concierge-pass", "pass"]]);
  });

  for (const storage of /** @type {const} */ (["session", "local"])) {
    test(`lasts as long as the page where the browser forbids ${storage} storage`, async () => {
      const browser = new Browser();
      browser.forbidding = true;
      const worker = workerWith(answer("one", PASS), answer("two"), answer("three"));
      const { client } = browser.open({ storage, fetch: worker.fetch });
      await client.ask("1");
      await client.ask("2");
      client.reset();
      await client.ask("3");
      assert.deepEqual(worker.requests.map(known), [
        [undefined, undefined],
        ["one", "pass"],
        [undefined, "pass"],
      ]);
    });
  }

  test("lasts as long as the page where storage is broken", async () => {
    const store = new Store();
    store.getItem = store.setItem = () => {
      throw new DOMException("corrupted");
    };
    const worker = workerWith(answer("one", PASS), answer("two"));
    const { client } = new Browser().open({ fetch: worker.fetch }, store);
    await client.ask("1");
    await client.ask("2");
    assert.deepEqual(known(worker.requests[1]), ["one", "pass"]);
  });

  test("lasts as long as the page where storage is full, and what is stored is not taken for it", async () => {
    const store = new Store();
    const worker = workerWith(answer("one", PASS), answer("two"), answer("three"));
    const { client } = new Browser().open({ fetch: worker.fetch }, store);
    await client.ask("1");
    store.full = true;
    await client.ask("2");
    await client.ask("3");
    assert.deepEqual(known(worker.requests[2]), ["two", "pass"]);
  });
});

for (const storage of /** @type {const} */ (["session", "local"])) {
  suite(`a second tab with ${storage} storage`, () => {
    test("has the conversation and the pass at its first question", async () => {
      const browser = new Browser();
      const worker = workerWith(answer("one", PASS), answer("one"));
      await browser.open({ storage, fetch: worker.fetch }).client.ask("A gift");
      await browser.open({ storage, fetch: worker.fetch }).client.ask("Another gift");
      assert.deepEqual(known(worker.requests[1]), ["one", "pass"]);
    });

    test("has the history when it opens, without a wait", async (t) => {
      const pass = stopClock(t);
      const browser = new Browser();
      const messages = [{ role: "user", text: "A gift", products: [], at: null }];
      const worker = workerWith(answer("one"), capabilities({ history: true }), json({ messages }));
      const asked = browser.open({ storage, fetch: worker.fetch }).client.ask("A gift");
      await pass(100);
      await asked;
      assert.deepEqual(await browser.open({ storage, fetch: worker.fetch }).client.history(), messages);
    });

    test("follows the first one's conversation, and its resets", async () => {
      const browser = new Browser();
      const worker = workerWith(answer("one"), answer("two"), answer("three"), answer("four"));
      const [first, second] = [1, 2].map(() => browser.open({ storage, fetch: worker.fetch }).client);
      await second.ask("1");
      await settle();
      await first.ask("2");
      await settle();
      await second.ask("3");
      first.reset();
      await settle();
      await second.ask("4");
      assert.deepEqual(
        worker.requests.map(({ body }) => body.session_id),
        [undefined, "one", "two", undefined],
      );
    });

    test("is not led back by an answer that the first one was waiting for when it left", async () => {
      const browser = new Browser();
      const { promise, resolve } = Promise.withResolvers();
      const worker = workerWith(answer("old"), () => promise.then(() => answer("old")), answer("new"));
      const [first, second] = [1, 2].map(() => browser.open({ storage, fetch: worker.fetch }).client);
      await first.ask("1");
      await settle();
      const asked = first.ask("2");
      await settle();
      second.reset();
      await settle();
      resolve(undefined);
      await asked;
      await settle();
      await second.ask("3");
      assert.equal(worker.requests[2].body.session_id, undefined);
    });
  });
}

suite("tabs of one visit", () => {
  test("ask who the shopper is when one of them has left, because they may have logged out there", async () => {
    const browser = new Browser();
    const worker = workerWith(answer("one"), answer("two"));
    const tokens = ["anna", "bob"];
    const token = async () => tokens.shift();
    const first = browser.open({ fetch: worker.fetch }).client;
    const second = browser.open({ fetch: worker.fetch, token }).client;
    await second.ask("1");
    first.reset();
    await settle();
    await second.ask("2");
    assert.deepEqual(
      worker.requests.map(({ headers }) => headers.Authorization),
      ["Bearer anna", "Bearer bob"],
    );
  });

  test("keep what they have when another one opens", async () => {
    const browser = new Browser();
    const stores = ["one", "two"].map((session) => {
      const store = new Store();
      store.setItem("concierge-session", session);
      browser.open({}, store);
      return store;
    });
    browser.open({});
    await settle();
    assert.deepEqual(
      stores.map((store) => store.getItem("concierge-session")),
      ["one", "two"],
    );
  });

  test("do not answer for one that has the conversation", async () => {
    const browser = new Browser();
    const store = new Store();
    store.setItem("concierge-session", "one");
    browser.open({});
    browser.open({}, store);
    const worker = workerWith(answer("one"));
    await browser.open({ fetch: worker.fetch }).client.ask("A gift");
    assert.equal(worker.requests[0].body.session_id, "one");
  });

  test("share nothing with memory alone", async () => {
    const browser = new Browser();
    const worker = workerWith(answer("one", PASS), answer("two"));
    for (const prompt of ["1", "2"]) await browser.open({ storage: "memory", fetch: worker.fetch }).client.ask(prompt);
    assert.deepEqual(known(worker.requests[1]), [undefined, undefined]);
  });

  test("work in a browser that has no channels", async () => {
    const browser = new Browser();
    browser.BroadcastChannel = undefined;
    const worker = workerWith(answer("one", PASS), answer("one"));
    const { client } = browser.open({ fetch: worker.fetch });
    await client.ask("1");
    await client.ask("2");
    assert.deepEqual(known(worker.requests[1]), ["one", "pass"]);
  });
});
