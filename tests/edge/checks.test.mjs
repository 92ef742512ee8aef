// The checks before anything is spent: each refusal in the documented envelope, and no request
// upstream for any of them.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ASSISTANTS, NAMES } from "./support/assistants.mjs";
import { postRaw } from "./support/socket.mjs";
import { PATH, openWorld } from "./support/world.mjs";

for (const name of NAMES) {
  suite(`before anything is spent on ${name}`, () => {
    let world;
    before(async () => {
      world = await openWorld({ assistant: name });
    });
    after(async () => {
      // One record for the whole suite: not one of the refused requests has reached the upstream.
      const requests = await world.simulator.requests();
      await world.close();
      const chats = requests.filter(({ prompt }) => prompt !== null);
      assert.deepEqual(
        chats.map(({ prompt }) => prompt).filter((text) => !text.includes("spent")),
        [],
      );
      assert.equal(requests.length, chats.length * ASSISTANTS[name].requests);
    });

    async function refused(response, status, code) {
      const body = await response.json();
      assert.equal(response.status, status, JSON.stringify(body));
      assert.equal(body.error, code);
      assert.ok(body.message.length > 0);
      assert.equal(body.request_id, response.headers.get("x-request-id"));
      return response;
    }

    for (const origin of [
      null,
      "null",
      "https://shop.example.com.evil.com",
      "https://evil-shop.example.com",
      "https://shop.example.com:444",
      "https://shop.example.com.",
      "https://SHOP.example.com",
      "http://shop.example.com",
      "https://user@shop.example.com",
      "https://a.b-123.shopifypreview.com",
      "https://-123.shopifypreview.com.evil.com",
      "https://xn--shp-0na.example.com",
      "https://shop.example.com, https://shop.example.com",
    ]) {
      test(`the origin ${origin ?? "(none)"} is refused`, async () => {
        const response = await world.caller({ origin }).chat({ prompt: "hi" });
        await refused(response, 403, "origin_not_allowed");
        assert.equal(response.headers.get("access-control-allow-origin"), null);
        assert.equal(response.headers.get("vary"), "Origin");
      });
    }

    test("an origin of the wildcard is let in", async () => {
      const caller = world.caller({ origin: "https://spring-sale-123.shopifypreview.com" });
      assert.equal((await caller.chat({ prompt: "spent by a preview" })).status, 200);
    });

    const prompt = (text) => JSON.stringify({ prompt: text });
    const nested = (depth) => `{"prompt":"x","context":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
    for (const [what, body, status, code] of [
      ["no body", "", 400, "invalid_json_body"],
      ["no JSON", "prompt=hi", 400, "invalid_json_body"],
      ["half a JSON", '{"prompt":"hi"', 400, "invalid_json_body"],
      ["bad UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, "invalid_json_body"],
      ["65 levels", nested(63), 400, "invalid_json_body"],
      ["8,000 levels", `${"[".repeat(4_000)}${"]".repeat(4_000)}`, 400, "invalid_json_body"],
      ["an array", "[]", 400, "body_must_be_object"],
      ["null", "null", 400, "body_must_be_object"],
      ["no prompt", "{}", 400, "missing_prompt"],
      ["an empty prompt", prompt(""), 400, "missing_prompt"],
      ["white space", prompt(" \n\u00a0\u2003"), 400, "missing_prompt"],
      ["a prompt that is a number", '{"prompt":1}', 400, "missing_prompt"],
      ["a second prompt that is none", '{"prompt":"hi","prompt":" "}', 400, "missing_prompt"],
      ["2,001 code points", prompt("a".repeat(2_001)), 400, "prompt_too_long"],
      ["2,001 code points beyond the BMP", prompt("𝒳".repeat(2_001)), 400, "prompt_too_long"],
      ["a session id that is a number", '{"prompt":"hi","session_id":7}', 400, "invalid_field"],
      ["129 characters of session id", `{"prompt":"hi","session_id":"${"s".repeat(129)}"}`, 400, "invalid_field"],
      ["a context that is a text", '{"prompt":"hi","context":"mother"}', 400, "invalid_field"],
      ["a refinement that is a text", '{"prompt":"hi","refinement":"red"}', 400, "invalid_field"],
      ["a refinement without a type", '{"prompt":"hi","refinement":{"text":"red"}}', 400, "invalid_field"],
      ["a blank refinement", '{"prompt":"hi","refinement":{"text":" ","type":"x"}}', 400, "invalid_field"],
      ["a refinement that is a list", '{"prompt":"hi","refinement":[]}', 400, "invalid_field"],
      ["8,193 bytes", prompt("x").padEnd(8_193), 400, "body_too_large"],
      ["a megabyte", prompt("x").padEnd(1 << 20), 400, "body_too_large"],
    ]) {
      test(`${what}: ${code}`, async () => {
        await refused(await world.caller().chat(body), status, code);
      });
    }

    test("2,000 code points beyond the BMP go through", async () => {
      const response = await world.caller().chat({ prompt: "spent " + "𝒳".repeat(1_994) });
      assert.equal(response.status, 200);
    });

    test("8,192 bytes are read", async () => {
      const padded = `{"prompt":"spent"}`.padEnd(8_192);
      assert.equal((await world.caller().chat(padded)).status, 200);
    });

    // Only the page's own contract has the session id in a body that may not grow.
    test("8,192 bytes are refused only where the session id makes them too many", async () => {
      const full = JSON.stringify({ prompt: "spent", context: { filler: "y".repeat(8_192 - 42) } });
      assert.equal(full.length, 8_192);
      const response = await world.caller().chat(full);
      if (ASSISTANTS[name].translated) assert.equal(response.status, 200);
      else await refused(response, 400, "body_too_large");
    });

    test("a body without a length is refused with its 8,193rd byte, though it never ends", async () => {
      const chunk = `1000\r\n${"x".repeat(4_096)}\r\n`;
      const pieces = [chunk, chunk, "1\r\nx\r\n"];
      const reply = await postRaw(world.url, "Transfer-Encoding: chunked", pieces).reply;
      assert.match(reply, /^HTTP\/1.1 400 /);
      assert.match(reply, /body_too_large/);
    });

    test("a content-length that lies gains nothing", async () => {
      const pieces = ["x".repeat(9_000)];
      const reply = await postRaw(world.url, "Content-Length: 999999999", pieces).reply;
      assert.match(reply, /^HTTP\/1.1 400 /);
      assert.match(reply, /body_too_large/);
    });

    for (const type of [null, "text/plain", "application/jsonp", "application/json, text/plain", ""]) {
      test(`the content type ${type ?? "(none)"} is refused`, async () => {
        const body = Buffer.from(prompt("hi"));
        const headers = { "content-type": type };
        const response = await world.caller().send("POST", PATH, { body, headers });
        await refused(response, 415, "unsupported_media_type");
      });
    }

    test("the content type may have any case and parameters", async () => {
      const response = await world
        .caller()
        .chat({ prompt: "spent on a type" }, { "content-type": "Application/JSON ; charset=UTF-8" });
      assert.equal(response.status, 200);
    });

    for (const path of ["/", "/v1/concierge", `${PATH}/`, `/${PATH}`, "/v1/concierge/%63hat", "/V1/concierge/chat"]) {
      test(`there is nothing at ${path}`, async () => {
        await refused(await world.caller().send("POST", path), 404, "not_found");
      });
    }

    for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
      test(`${method} is not a method of the chat`, async () => {
        const response = await refused(await world.caller().send(method, PATH), 405, "method_not_allowed");
        assert.equal(response.headers.get("allow"), "POST, OPTIONS");
      });
    }
  });
}
