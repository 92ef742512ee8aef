// Each fault of the upstream is answered in the envelope, within the deadline, and without a word
// of what the upstream said.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { ORIGIN, PATH, openWorld } from "./support/world.mjs";

/** What answers whom: fault, status, code. */
const FAULTS = [
  ["reset-before", 502, "upstream_invoke_error"],
  ["not-json", 502, "upstream_error"],
  ["json-as-html", 502, "upstream_error"],
  ["empty", 502, "upstream_empty_response"],
  ["html-502", 502, "upstream_error"],
  ["html-504", 502, "upstream_error"],
  ["gateway-403", 502, "upstream_error"],
  ["gateway-413", 502, "upstream_error"],
  ["gateway-429", 429, "rate_limited"],
  ["redirect", 502, "upstream_error"],
  ["unknown-error", 502, "upstream_error"],
  ["oversized-error:3000000", 502, "upstream_error"],
  ["no-request-id", 502, null],
  ["key-echo", 502, "upstream_error"],
  ["bad-retry-after", 429, "rate_limited"],
  ["status:204", 502, "upstream_empty_response"],
  ["status:301", 502, "upstream_error"],
  ["status:404", 502, "upstream_error"],
  ["status:418", 502, "upstream_error"],
  ["status:500", 502, "upstream_error"],
  ["status:503", 502, "upstream_error"],
  ["status:522", 502, "upstream_invoke_error"],
  ["status:530", 502, "upstream_invoke_error"],
  ["error:invalid_json_body", 400, "invalid_json_body"],
  ["error:body_must_be_object", 400, "body_must_be_object"],
  ["error:body_too_large", 400, "body_too_large"],
  ["error:missing_prompt", 400, "missing_prompt"],
  ["error:prompt_too_long", 400, "prompt_too_long"],
  ["error:invalid_api_key", 500, "misconfigured_api_key"],
  ["error:method_not_allowed", 502, "upstream_error"],
  ["error:rate_limited", 429, "rate_limited"],
  ["error:misconfigured_api_key", 500, "misconfigured_api_key"],
  ["error:upstream_invoke_error", 502, "upstream_invoke_error"],
  ["error:upstream_function_error", 502, "upstream_function_error"],
  ["error:upstream_error", 502, "upstream_error"],
  ["error:upstream_empty_response", 502, "upstream_empty_response"],
];

suite("the upstream's fault", { concurrency: 8 }, () => {
  let world;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  const chat = (fault, prompt = `fault ${fault}`) =>
    world.caller().chat({ prompt, context: { simulator_fault: fault } });

  for (const [fault, status, code] of FAULTS) {
    test(`${fault} is answered ${status} ${code ?? ""}`, async () => {
      const response = await chat(fault, `fault ${fault} of the table`);
      const text = await response.text();
      assert.equal(response.status, status, text);
      const body = JSON.parse(text);
      if (code) assert.equal(body.error, code);
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
      assert.ok(response.headers.get("shopper-pass"), "an admitted newcomer gets its pass");
      assert.ok(!text.includes("<"), "no markup of the upstream's");
      assert.ok(!text.includes(world.key), "no key");
      const requests = await world.simulator.requestsWith(`fault ${fault} of the table`);
      assert.equal(requests.length, 1);
    });
  }

  test("a redirect is not followed", async () => {
    await chat("redirect");
    const paths = (await world.simulator.requests()).map(({ path }) => path);
    assert.ok(paths.every((path) => path === PATH), paths.join());
  });

  test("an error's request id is the upstream's, and ours stays in the header", async () => {
    const response = await chat("error:upstream_function_error");
    const { request_id: id } = await response.json();
    assert.notEqual(id, response.headers.get("x-request-id"));
    const line = await world.line((line) => line.upstream_request_id === id);
    assert.equal(line.request_id, response.headers.get("x-request-id"));
  });

  test("an error's request id is ours where the upstream's is none", async () => {
    const response = await chat("no-request-id");
    assert.equal((await response.json()).request_id, response.headers.get("x-request-id"));
  });

  test("the store's own cap is told without its number", async () => {
    const body = await (await chat("error:rate_limited")).json();
    assert.equal(body.tier, "store");
    assert.equal(body.limit, undefined);
  });

  test("a Retry-After that is garbage becomes a minute", async () => {
    assert.equal((await chat("bad-retry-after")).headers.get("retry-after"), "60");
  });

  test("no first byte within 25 s is answered then, and the upstream let go", { timeout: 40_000 }, async () => {
    const started = Date.now();
    const response = await chat("hang-before");
    const took = Date.now() - started;
    assert.equal(response.status, 504);
    assert.equal((await response.json()).error, "upstream_timeout");
    assert.ok(took >= 24_500 && took < 27_000, `${took} ms`);
    const line = await world.line(({ outcome }) => outcome === "upstream_timeout");
    assert.ok(line.upstream_ms >= 24_500);
    const [request] = await world.simulator.requestsWith("fault hang-before");
    assert.equal(request.aborted, true);
  });

  test("an answer that is reset in its middle ends as a network error", async () => {
    const response = await chat("reset-after");
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });

  test("an answer that is cut short ends as a network error", async () => {
    const response = await chat("truncated");
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });

  test("a large answer comes through whole", async () => {
    const response = await chat("oversized:3000000");
    assert.ok((await response.text()).length >= 3_000_000);
  });
});

suite("an upstream that is not there", () => {
  test("is answered at once", async (t) => {
    const world = await openWorld();
    t.after(() => world.close());
    await world.simulator.stop();
    const response = await world.caller().chat({ prompt: "anybody?" });
    assert.equal(response.status, 502);
    assert.equal((await response.json()).error, "upstream_invoke_error");
    assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
  });
});
