// Faults of the platform under the fetch event, and bodies that are slow to come.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { postRaw } from "./support/socket.mjs";
import { BROKEN, ORIGIN, openWorld } from "./support/world.mjs";

suite("a platform that", () => {
  for (const [breakage, code] of [
    ["response-once", "internal_error"],
    ["headers-once", "internal_error"],
    ["no-randomness", "internal_error"],
    ["no-response", "internal_error"],
  ]) {
    test(`breaks (${breakage}) is answered in the envelope, and the next request as ever`, async (t) => {
      const world = await openWorld({ modules: BROKEN });
      t.after(() => world.close());
      const caller = world.caller();
      const response = await caller.chat({ prompt: "hat" }, { "x-break": breakage });
      assert.equal(response.status, 500);
      const body = await response.json();
      assert.equal(body.error, code);
      assert.equal(body.request_id, response.headers.get("x-request-id"));
      assert.equal(response.headers.get("vary"), "Origin");
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      const foreign = world.caller({ origin: "https://elsewhere.example.com" });
      const unread = await foreign.chat({ prompt: "hat" }, { "x-break": breakage });
      assert.equal(unread.headers.get("access-control-allow-origin"), null);
      assert.equal((await caller.chat({ prompt: "hat" })).status, 200);
    });
  }
});

suite("a body", () => {
  test("that comes byte by byte is read", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const body = JSON.stringify({ prompt: `byte by byte ${"x".repeat(200)}` });
    const { reply } = postRaw(world.url, `Content-Length: ${body.length}`, body);
    assert.match(await reply, /^HTTP\/1.1 200 /);
  });

  test("that stalls is refused after 10 s, readably and in the log", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    const started = Date.now();
    const pieces = ['{"prompt":'];
    const reply = await postRaw(world.url, "Content-Length: 100", pieces, 20_000).reply;
    const took = Date.now() - started;
    assert.match(reply, /^HTTP\/1.1 400 /);
    assert.match(reply, /invalid_json_body/);
    assert.ok(took >= 9_500 && took < 14_000, `${took} ms`);
    const line = await world.line(({ outcome }) => outcome === "invalid_json_body");
    assert.equal(line.detail, "body: timeout");
  });
});
