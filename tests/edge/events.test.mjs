// Chats that are answered by events: in parts where the assistant has them, and always with one last event.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS } from "./support/assistants.mjs";
import { eventsOf, readAll } from "./support/events.mjs";
import { PROBED, eventually, openWorld } from "./support/world.mjs";

const EVENTS = { accept: "text/event-stream, application/json" };
const GIFT = "A birthday gift for my mother, under 100";

for (const assistant of Object.keys(ASSISTANTS)) {
  suite(`an answer by events of ${assistant}`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant });
    });
    after(() => world.close());

    test("ends with the answer that a page without events gets", async () => {
      const response = await world.caller().chat({ prompt: GIFT }, EVENTS);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "text/event-stream");
      assert.equal(response.headers.get("cache-control"), "no-cache, no-transform");
      assert.ok(response.headers.get("shopper-pass"));
      const events = eventsOf((await readAll(response)).text);
      const last = events.pop();
      assert.equal(last.name, "answer");
      for (const { name } of events) assert.ok(["delta", "status"].includes(name), name);
      const answer = JSON.parse(last.data);
      const whole = await (await world.caller().chat({ prompt: GIFT })).json();
      assert.equal(answer.message, whole.message);
      assert.deepEqual(Object.keys(answer).sort(), Object.keys(whole).sort());
      assert.equal((await world.lineOf(response)).outcome, "ok");
    });

    test("is refused with a status before it begins", async () => {
      const response = await world.caller().chat({ prompt: "" }, EVENTS);
      assert.equal(response.status, 400);
      assert.equal(response.headers.get("content-type"), "application/json");
      assert.equal((await response.json()).error, "missing_prompt");
    });
  });
}

suite("Homie's events", () => {
  let world;
  const control = (method, path, body) =>
    fetch(`${world.simulator.url}/_simulator/${path}`, { method, body: JSON.stringify(body) });
  const homie = (switches) => control("PUT", "switches", { homie: switches });
  const fault = (order) => control("PUT", "fault", order);

  before(async () => {
    // At its usual pace, a busy machine reads the answer before the events.
    world = await openWorld({ assistant: "homie", flags: ["--homie-pace=50"] });
  });
  after(() => world.close());

  const ask = async (prompt, caller = world.caller()) => {
    const response = await caller.chat({ prompt }, EVENTS);
    const { text, pieces } = await readAll(response);
    return { response, text, pieces, events: eventsOf(text) };
  };
  const said = (events) =>
    events
      .filter(({ name }) => name === "delta")
      .map(({ data }) => JSON.parse(data).text)
      .join("");

  for (const switches of [
    { data: "json" },
    { data: "text" },
    { torn: true },
    { names: true, ids: true, comments: true },
    { last: "whole" },
    { end: "close" },
    { events: "both" },
  ]) {
    test(`say what the answer says, with ${JSON.stringify(switches)}`, async () => {
      await homie({ data: "json", torn: false, names: false, ids: false, comments: false, last: "empty", ...switches });
      const { events } = await ask(`${GIFT}, ${JSON.stringify(switches)}`);
      const answers = events.filter(({ name }) => name === "answer");
      assert.equal(answers.length, 1);
      // The answer counts. It may come before the last of the events.
      const { message } = JSON.parse(answers[0].data);
      assert.ok(said(events).length > 0 && message.startsWith(said(events)), said(events));
      assert.equal(events.at(-1).name, "answer");
    });
  }

  test("bring nothing of what tools do, and no id of the upstream's", async () => {
    await homie({ data: "json", tools: true });
    const { text } = await ask(`${GIFT}, with tools`);
    const state = /** @type {any} */ (await (await fetch(`${world.simulator.url}/_simulator/state`)).json());
    for (const { id, userId } of state.homie.chats) {
      assert.ok(!text.includes(id));
      assert.ok(!text.includes(userId));
    }
    assert.doesNotMatch(text, /tool|eventId|organizationId|chatId/i);
  });

  test("of two shoppers at once are never mixed", async () => {
    const prompts = ["A scarf for my father", "A candle for my sister", "A mug for my teacher", "A vase for my aunt"];
    const asked = await Promise.all(prompts.map((prompt) => ask(prompt)));
    for (const [place, { events }] of asked.entries()) {
      const answer = JSON.parse(events.at(-1).data);
      const alone = await (await world.caller().chat({ prompt: prompts[place] })).json();
      assert.ok(said(events).length > 0 && answer.message.startsWith(said(events)), said(events));
      assert.equal(answer.message, alone.message);
    }
  });

  test("that are not there leave the answer alone", async () => {
    await homie({ events: "none" });
    const { events } = await ask(`${GIFT}, without events`);
    assert.deepEqual(
      events.map(({ name }) => name),
      ["answer"],
    );
    await homie({ events: "both" });
  });

  test("that end before they have said anything, while the answer takes its time, leave the answer alone", async () => {
    await homie({ end: "at-once" });
    const prompt = `${GIFT}, in its own time`;
    await fault({ fault: "delay:11000", text: prompt, endpoint: "message" });
    const { response, events } = await ask(prompt);
    assert.equal(response.status, 200);
    assert.equal(events.at(-1).name, "answer");
    assert.equal((await world.lineOf(response)).outcome, "ok");
    await homie({ end: "open" });
  });

  test("are followed by a readable error if the answer fails after them", async () => {
    const prompt = `${GIFT}, failing late`;
    await fault({ fault: "reset-after", text: prompt, endpoint: "message" });
    const { response, events } = await ask(prompt);
    assert.equal(response.status, 200);
    const last = events.at(-1);
    assert.equal(last.name, "error");
    const { error, request_id: id } = JSON.parse(last.data);
    assert.match(error, /^upstream_/);
    assert.equal(id, response.headers.get("x-request-id"));
    assert.equal((await world.lineOf(response)).outcome, error);
    // What the page has begun to read is not sent again.
    assert.equal((await world.simulator.requestsWith(prompt)).length, 1);
  });

  test("come before nothing if the message is refused at once: the status says so", async () => {
    const prompt = `${GIFT}, refused at once`;
    await fault({ fault: "error:401", text: prompt, endpoint: "message" });
    const { response, text } = await ask(prompt);
    assert.equal(response.status, 500, text);
    assert.equal(JSON.parse(text).error, "misconfigured_api_key");
  });

  test("are let go when the shopper leaves", async () => {
    await homie({ pace: 500 });
    const prompt = `${GIFT}, left early`;
    const controller = new AbortController();
    const response = await world.caller().send("POST", "/v1/concierge/chat", {
      body: JSON.stringify({ prompt }),
      headers: { "content-type": "application/json", ...EVENTS },
      signal: controller.signal,
    });
    await response.body.getReader().read();
    controller.abort();
    assert.equal((await world.lineOf(response)).outcome, "shopper_left");
    const letGo = async () => {
      const requests = await world.simulator.requests();
      const opened = requests.filter(({ endpoint }) => endpoint === "events");
      return opened.length > 0 && opened.every(({ ended_ms: ended }) => ended !== null);
    };
    assert.ok(await eventually(letGo, "the end of the events"));
    await homie({ pace: 50 });
  });
});

test("an answer by events that another request's panic cuts ends with a readable error", async () => {
  const world = await openWorld({ assistant: "homie", modules: PROBED });
  try {
    const switches = { homie: { pace: 300 } };
    await fetch(`${world.simulator.url}/_simulator/switches`, { method: "PUT", body: JSON.stringify(switches) });
    const response = await world.caller().chat({ prompt: GIFT }, EVENTS);
    const rest = readAll(response);
    const panicked = await world.caller().chat({ prompt: "panic in fetch" });
    assert.equal(panicked.status, 500);
    const events = eventsOf((await rest).text);
    assert.equal(events.at(-1).name, "error");
    assert.equal(JSON.parse(events.at(-1).data).request_id, response.headers.get("x-request-id"));
    assert.equal((await world.caller().chat({ prompt: GIFT })).status, 200);
  } finally {
    await world.close();
  }
});
