// Answers in parts, however the bytes arrive.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Concierge } from "@concierge-proxy/client";

import { settle, stopClock } from "./support/clock.mjs";
import {
  ANSWER,
  REQUEST_ID,
  URL_OF_WORKER,
  answer,
  capabilities,
  events,
  silence,
  workerWith,
} from "./support/worker.mjs";

const STREAMING = () => capabilities({ streaming: true });
const clientOf = (worker) => new Concierge({ url: URL_OF_WORKER, storage: "memory", fetch: worker.fetch });
const event = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const LAST = event("answer", ANSWER);

/** Asks a worker that answers with these chunks: what was heard, and what came of it. */
async function ask(chunks) {
  const worker = workerWith(STREAMING(), events(chunks));
  const heard = [];
  const asked = clientOf(worker).ask("A gift", {
    onDelta: (text) => heard.push(text),
    onStatus: (state) => heard.push({ state }),
  });
  const [outcome] = await Promise.allSettled([asked]);
  const { value, reason } = /** @type {any} */ (outcome);
  return { heard, answer: value, error: reason, requests: worker.requests };
}

suite("an answer in parts", () => {
  test("is asked for where the assistant has parts and somebody listens", async () => {
    /** @type {[boolean, (() => void) | undefined, string | undefined][]} */
    const rows = [
      [true, () => {}, "text/event-stream"],
      [false, () => {}, undefined],
      [true, undefined, undefined],
    ];
    for (const [streaming, onDelta, accept] of rows) {
      const worker = workerWith(...(onDelta ? [capabilities({ streaming })] : []), answer());
      await clientOf(worker).ask("A gift", { onDelta });
      assert.equal(worker.requests.at(-1)?.headers.Accept, accept);
    }
  });

  test("is not waited for if the capabilities do not come soon", async (t) => {
    const pass = stopClock(t);
    const worker = workerWith(silence, answer());
    const asked = clientOf(worker).ask("A gift", { onDelta: () => {} });
    await pass(3_000);
    assert.deepEqual(await asked, ANSWER);
    assert.equal(worker.requests[1].headers.Accept, undefined);
  });

  test("may come whole all the same", async () => {
    const worker = workerWith(STREAMING(), answer());
    assert.deepEqual(await clientOf(worker).ask("A gift", { onDelta: () => {} }), ANSWER);
  });

  test("says its parts in order, what the assistant is at, and the answer at the end", async () => {
    const { heard, answer } = await ask([
      event("status", { state: "typing" }),
      event("delta", { text: "A " }),
      event("delta", { text: "scarf." }) + LAST,
    ]);
    assert.deepEqual(heard, [{ state: "typing" }, "A ", "scarf."]);
    assert.deepEqual(answer, ANSWER);
  });

  test("says each part as soon as it is there", async () => {
    const heard = [];
    const body = new TransformStream();
    const writer = body.writable.getWriter();
    const response = new Response(body.readable, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
    const asked = clientOf(workerWith(STREAMING(), response)).ask("A gift", { onDelta: (text) => heard.push(text) });
    const write = async (text) => {
      await writer.write(new TextEncoder().encode(text));
      await settle();
    };
    await settle();
    await write(event("delta", { text: "A " }));
    assert.deepEqual(heard, ["A "]);
    await write(LAST);
    // The answer is there before the connection ends.
    assert.deepEqual(await asked, ANSWER);
  });

  test("continues the conversation", async () => {
    const worker = workerWith(STREAMING(), events([LAST]), answer());
    const client = clientOf(worker);
    await client.ask("A gift", { onDelta: () => {} });
    await client.ask("Another gift");
    assert.equal(worker.requests[2].body.session_id, ANSWER.session_id);
  });

  const text = "für 🎁\u2028 3 €\n";
  const whole = new TextEncoder().encode(event("delta", { text }) + LAST);

  test("may be cut anywhere, inside a character too", async () => {
    for (let place = 1; place < whole.length; place++) {
      const { heard, answer } = await ask([whole.slice(0, place), whole.slice(place)]);
      assert.deepEqual([heard, answer], [[text], ANSWER], `cut at ${place}`);
    }
  });

  test("may come byte by byte", async () => {
    const { heard, answer } = await ask([...whole].map((byte) => Uint8Array.of(byte)));
    assert.deepEqual([heard, answer], [[text], ANSWER]);
  });

  for (const [what, end] of [
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ]) {
    test(`may end its lines with ${what}, between chunks too`, async () => {
      const bytes = new TextEncoder().encode((event("delta", { text: "A " }) + LAST).replaceAll("\n", end));
      for (let place = 1; place < bytes.length; place++) {
        const more = new TextEncoder().encode(`:${end}`);
        const { heard, answer } = await ask([bytes.slice(0, place), bytes.slice(place), more]);
        assert.deepEqual([heard, answer], [["A "], ANSWER], `cut at ${place}`);
      }
    });
  }

  test("may have comments, other fields, other events, and data on several lines", async () => {
    const { heard, answer } = await ask([
      ': hello\n\n:\n\nid: 7\nretry: 10\n\nevent: later\ndata: no JSON\n\ndata: {}\n\nevent:delta\ndata:{\ndata:"text":\n',
      // Without a name, an event is none of these. Without data, it is none at all.
      'data: "A "}\n\ndata: {"text":"no"}\n\nevent\ndata\n\nevent: error\n\n',
      LAST,
    ]);
    assert.deepEqual([heard, answer], [["A "], ANSWER]);
  });

  test("ends with its first answer, whatever follows", async () => {
    const { heard, answer } = await ask([
      LAST + event("delta", { text: "more" }) + event("error", { error: "upstream_error" }) + event("answer", {}),
    ]);
    assert.deepEqual([heard, answer], [[], ANSWER]);
  });

  test("fails with the error that ends it, and is not asked for again", async () => {
    const body = { error: "upstream_error", message: "It failed.", request_id: REQUEST_ID };
    const { heard, error, requests } = await ask([event("delta", { text: "A " }), event("error", body), LAST]);
    assert.deepEqual(heard, ["A "]);
    assert.deepEqual([error.name, error.code, error.message], ["ConciergeError", "upstream_error", "It failed."]);
    assert.deepEqual([error.status, error.requestId], [200, REQUEST_ID]);
    assert.equal(requests.length, 2);
  });

  for (const [what, chunks] of /** @type {[string, (string | Error)[]][]} */ ([
    ["ends without an answer", [event("delta", { text: "A " })]],
    ["ends inside its answer", [LAST.trimEnd()]],
    ["is cut", [event("delta", { text: "A " }), new TypeError("network error")]],
    ["is empty", []],
    ["has an answer that is no JSON", ["event: answer\ndata: {\n\n"]],
    ["has an error that is no JSON", ["event: error\ndata: {\n\n"]],
  ])) {
    test(`is unreadable if it ${what}, and is not asked for again`, async () => {
      const { error, requests } = await ask(chunks);
      assert.deepEqual([error.name, error.code, error.requestId], ["ConciergeError", "unreadable", REQUEST_ID]);
      assert.equal(requests.length, 2);
    });
  }

  test("fails with what a listener throws, and its request ends", async () => {
    let signal;
    const worker = workerWith(STREAMING(), async (given) => {
      signal = given;
      return events([event("delta", { text: "A " }), LAST]);
    });
    const mistake = new Error("the page's own");
    const onDelta = () => {
      throw mistake;
    };
    await assert.rejects(clientOf(worker).ask("A gift", { onDelta }), mistake);
    assert.equal(signal.aborted, true);
  });
});
