// A panic is answered, and hangs nobody else. The bundle here is built with the feature
// `panic-probe`, which alone knows how to panic.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { ORIGIN, PROBED, eventually, openWorld, tally } from "./support/world.mjs";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const name of NAMES) {
  suite(`a panic before ${name}`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant: name, modules: PROBED, vars: { SHOPPER_LIMITS: "3/day" } });
    });
    after(() => world.close());

    const panic = (place, caller = world.caller()) => caller.chat({ prompt: `panic in ${place}` });

    async function fault(response, status, code) {
      assert.equal(response.status, status);
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      assert.equal(response.headers.get("vary"), "Origin");
      const body = await response.json();
      assert.equal(body.error, code);
      assert.match(body.request_id, UUID);
      assert.equal(body.request_id, response.headers.get("x-request-id"));
      return body;
    }

    test("in the fetch event is answered readably, at once, and logged", async () => {
      const started = Date.now();
      const { request_id: id } = await fault(await panic("fetch"), 500, "internal_error");
      assert.ok(Date.now() - started < 5_000);
      const line = await world.line(({ request_id }) => request_id === id);
      assert.equal(line.outcome, "internal_error");
    });

    test("in the object is answered readably and at once", async () => {
      const started = Date.now();
      // The object and its caller share an instance here; where they do not, the caller says 503.
      await fault(await panic("object"), 500, "internal_error");
      assert.ok(Date.now() - started < 5_000);
    });

    test("does not hang the requests that are under way", async () => {
      const prompts = Array.from({ length: 5 }, (_, i) => `under way ${i}`);
      await Promise.all(prompts.map((prompt) => world.prepare(prompt, "delay:4000")));
      const slow = prompts.map((prompt) => world.caller().chat({ prompt }));
      await eventually(
        async () => (await world.simulator.requestsWith("under way 4")).length === 1,
        "the requests under way",
      );
      const started = Date.now();
      await fault(await panic("fetch"), 500, "internal_error");
      for (const response of await Promise.all(slow)) await fault(response, 500, "internal_error");
      assert.ok(Date.now() - started < 3_500, "before the upstream's answer");
    });

    // Only a stream that is passed on unchanged.
    if (!ASSISTANTS[name].translated)
      test("cuts a stream that is passed on, with an event that says so", async () => {
        const context = { simulator_fault: "stream-slow:1000" };
        const response = await world.caller().chat({ prompt: "in a stream", context });
        const id = response.headers.get("x-request-id");
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = (await reader.read()).value;
        await panic("fetch");
        for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
        assert.match(text, /^event: error\ndata: .*"upstream_error".*\n\n$/m);
        assert.ok(text.endsWith("\n\n") && text.includes(id), text);
        await eventually(() => world.notices().find((notice) => notice.request_id === id), "the notice of a cut");
      });

    for (const place of ["fetch", "object"]) {
      test(`in the ${place} leaves a worker that works, and limits that hold`, async () => {
        const caller = world.caller();
        const first = await caller.chat({ prompt: "before" });
        const pass = { "shopper-pass": first.headers.get("shopper-pass") };
        await panic(place);
        const rest = [];
        for (let i = 0; i < 4; i += 1) rest.push(await caller.chat({ prompt: "after" }, pass));
        assert.deepEqual(tally([first, ...rest]), { 200: 3, 429: 2 });
      });
    }

    test("after panic still leaves a worker that works", async () => {
      for (let i = 0; i < 10; i += 1) await panic(i % 2 ? "fetch" : "object");
      assert.equal((await world.caller().chat({ prompt: "still here" })).status, 200);
    });
  });
}
