// The bodies of good answers on their way: event by event, whole, or with a readable end.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { eventsOf, readAll } from "./support/events.mjs";
import { postRaw } from "./support/socket.mjs";
import { ORIGIN, eventually, openWorld } from "./support/world.mjs";

const HATS = "A warm felt hat, please";

suite("a good answer's body", { concurrency: 16 }, () => {
  let world;
  before(async () => {
    world = await openWorld({ vars: { SHOPPER_LIMITS: "50/hour" } });
  });
  after(() => world.close());

  const chat = (fault, prompt) => world.caller().chat({ prompt, context: { simulator_fault: fault } });

  const cutOf = (response) =>
    eventually(
      () => world.notices().find(({ request_id: id }) => id === response.headers.get("x-request-id")),
      "the notice of a cut",
    );

  const isErrorEvent = (event, response) => {
    assert.equal(event.name, "error");
    const { error, message, request_id: id, ...rest } = JSON.parse(event.data);
    assert.equal(error, "upstream_error");
    assert.ok(message.length > 0);
    assert.equal(id, response.headers.get("x-request-id"));
    assert.deepEqual(rest, {});
  };

  test("a stream that stalls is ended after 10 s of silence, and the upstream let go", async () => {
    const response = await chat("stream-stall", `${HATS}, stalled`);
    const { text, pieces } = await readAll(response);
    const events = eventsOf(text);
    assert.equal(events.length, 3, text);
    isErrorEvent(events[2], response);
    const silence = pieces.at(-1).at - pieces.at(-2).at;
    assert.ok(silence >= 9_500 && silence < 14_000, `${silence} ms`);
    assert.equal((await cutOf(response)).reason, "timeout");
    // The upstream notices a moment later.
    const letGo = async () => (await world.simulator.requestsWith(`${HATS}, stalled`))[0].aborted;
    assert.ok(await eventually(letGo, "the end of the connection"));
  });

  for (const fault of ["hang-after", "trickle:1500"]) {
    test(`${fault}: an answer that is not whole within 10 s is a readable 504`, async () => {
      const started = Date.now();
      const response = await chat(fault, `${HATS}, ${fault}`);
      const took = Date.now() - started;
      assert.equal(response.status, 504);
      assert.equal((await response.json()).error, "upstream_timeout");
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      assert.ok(took >= 9_500 && took < 20_000, `${took} ms`);
      const requests = () => world.simulator.requestsWith(`${HATS}, ${fault}`);
      const [request] = await eventually(async () => {
        const [first, ...rest] = await requests();
        return first.aborted && [first, ...rest];
      }, "the end of the request upstream");
      assert.equal((await requests()).length, 1, request.fault);
    });
  }

  for (const fault of ["truncated", "reset-after"]) {
    test(`${fault}: an answer that breaks off is a readable 502, and charged`, async () => {
      const response = await chat(fault, `${HATS}, ${fault}`);
      assert.equal(response.status, 502);
      assert.equal((await response.json()).error, "upstream_error");
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      assert.equal(response.headers.get("x-ratelimit-remaining"), "49");
      assert.equal((await world.simulator.requestsWith(`${HATS}, ${fault}`)).length, 1);
      const line = await world.lineOf(response);
      assert.equal(line.outcome, "upstream_error");
      assert.equal(line.refunded, undefined);
    });
  }

  test("a stream has the headers of one, and its texts are the message", async () => {
    const response = await chat("stream", HATS);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    assert.equal(response.headers.get("cache-control"), "no-cache, no-transform");
    assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
    assert.ok(response.headers.get("shopper-pass"));
    const events = eventsOf((await readAll(response)).text);
    const done = events.pop();
    assert.equal(done.name, "done");
    assert.ok(events.length > 2 && events.every(({ name }) => name === "message"));
    const texts = events.map(({ data }) => JSON.parse(data).text);
    assert.equal(texts.join(""), JSON.parse(done.data).message);
    const line = await world.lineOf(response);
    assert.equal(line.outcome, "ok");
  });

  test("a stream comes event by event", async () => {
    const response = await chat("stream-slow:300", `${HATS}, slowly`);
    const { text, pieces } = await readAll(response);
    assert.ok(pieces.length >= 3, `${pieces.length} pieces`);
    assert.equal(eventsOf(pieces[0].text)[0].name, "message");
    const took = pieces.at(-1).at - pieces[0].at;
    assert.ok(took >= 600, `${took} ms for ${eventsOf(text).length} events`);
  });

  test("a stream that is cut ends in order, with an event that says so", async () => {
    const response = await chat("stream-cut", `${HATS}, cut`);
    assert.equal(response.status, 200);
    const { text } = await readAll(response);
    isErrorEvent(eventsOf(text).at(-1), response);
    assert.ok(text.endsWith("\n\n"));
    const { notice, reason } = await cutOf(response);
    assert.deepEqual([notice, reason], ["answer_cut", "broken"]);
    assert.equal((await world.simulator.requestsWith(`${HATS}, cut`)).length, 1);
  });

  test("a stream that is cut brings its whole events, and no half of one", async () => {
    const { text } = await readAll(await chat("stream-cut", `${HATS}, cut again`));
    const events = eventsOf(text);
    assert.deepEqual(
      events.map(({ name }) => name),
      ["message", "message", "error"],
      text,
    );
    for (const { data } of events.slice(0, 2)) assert.equal(typeof JSON.parse(data).text, "string");
  });

  for (const fault of ["stream-slow:1500", "stream-stall"]) {
    test(`${fault}: a shopper who leaves in the middle lets the upstream go`, async () => {
      const prompt = `${HATS}, left ${fault}`;
      const body = JSON.stringify({ prompt, context: { simulator_fault: fault } });
      const { socket } = postRaw(world.url, `Content-Length: ${body.length}`, [body]);
      let left;
      let text = "";
      // Before the socket's own reader has what it waits for, and closes politely.
      socket.prependListener("data", (data) => {
        text += data;
        if (!left && text.includes("data:")) {
          left = Date.now();
          socket.resetAndDestroy();
        }
      });
      const { ended_ms: ended } = await eventually(async () => {
        const [request] = await world.simulator.requestsWith(prompt);
        return request?.aborted && request;
      }, "the end of the request upstream");
      assert.ok(ended - left < 5_000, `${ended - left} ms`);
      const [, id] = text.match(/x-request-id: (\S+)/i) ?? [];
      const isOf = ({ request_id: other }) => other === id;
      const { reason } = await eventually(() => world.notices().find(isOf), "the notice of a cut");
      assert.equal(reason, "shopper_left");
    });
  }

  test("a large answer comes through whole", async () => {
    const response = await chat("oversized:3000000", `${HATS}, at length`);
    assert.equal(response.status, 200);
    const text = await response.text();
    assert.ok(text.length >= 3_000_000);
    assert.ok(JSON.parse(text).message.length > 2_900_000);
  });

  test("a large answer that breaks off ends as a network error", async (t) => {
    const doomed = await openWorld();
    t.after(() => doomed.close());
    const response = await doomed.caller().chat({ prompt: HATS, context: { simulator_fault: "oversized:200000000" } });
    assert.equal(response.status, 200);
    const reader = /** @type {ReadableStream} */ (response.body).getReader();
    await reader.read();
    await doomed.simulator.stop();
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    });
    const notice = await eventually(() => doomed.notices()[0], "the notice");
    assert.deepEqual([notice.notice, notice.reason], ["answer_cut", "broken"]);
  });
});
