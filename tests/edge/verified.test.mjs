// Shoppers whom the merchant knows, and those who come by way of Shopify: the same promises hold for all.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { DOORS, WAYS, claims, jwt, pair, signedQuery } from "./support/shoppers.mjs";
import { PATH, atOnce, openWorld, tally } from "./support/world.mjs";

const CAP = 4;
let people = 1_000;

/** A shopper nobody has seen, by name. */
function somebody() {
  people += 1;
  return String(people);
}

async function refused(response, status, code) {
  const body = await response.json();
  assert.deepEqual([response.status, body.error], [status, code], JSON.stringify(body));
  assert.equal(body.request_id, response.headers.get("x-request-id"));
  return body;
}

for (const [way, arrive] of Object.entries(WAYS)) {
  suite(`a shopper who comes ${way}`, () => {
    const isKnown = !way.includes("pass") && !way.includes("visitor");
    let world;
    before(async () => {
      const limits = { SHOPPER_LIMITS: `${CAP}/hour`, VERIFIED_LIMITS: `${CAP}/hour` };
      world = await openWorld({ vars: { ...DOORS, ...limits } });
    });
    after(() => world.close());

    /** A chat of a shopper at an address. */
    async function chat(who, address, { pass, session, prompt = "hat", ...fields } = /** @type {any} */ ({})) {
      const { query, headers, body } = arrive(who, address, pass);
      const all = { prompt, session_id: session, ...fields, ...body };
      const response = await world.caller({ address }).post(`${PATH}${query}`, all, headers);
      const text = await response.text();
      return { response, status: response.status, answer: JSON.parse(text) };
    }

    /** The pass that an answer brings, as a page of this way reads it. */
    const passOf = ({ response, answer }) =>
      way.includes("Shopify") ? answer.shopper_pass : (response.headers.get("shopper-pass") ?? undefined);

    test("is answered, and logged without who they are", async () => {
      const { address } = world.caller();
      const who = somebody();
      const { response, status, answer } = await chat(who, address);
      assert.equal(status, 200);
      assert.equal(typeof answer.message, "string");
      const line = await world.lineOf(response);
      assert.equal(line.verified, isKnown || undefined);
      assert.equal(typeof passOf({ response, answer }), isKnown ? "undefined" : "string");
      const log = JSON.stringify(world.logs);
      for (const secret of [`"${who}"`, address, "shpss_", "Bearer"]) assert.ok(!log.includes(secret), secret);
    });

    test("has exactly their chats, in whatever order they come", async () => {
      const { address } = world.caller();
      const who = somebody();
      const first = await chat(who, address);
      const pass = passOf(first);
      const rest = await Promise.all(Array.from({ length: 2 * CAP }, () => chat(who, address, { pass })));
      assert.deepEqual(tally(rest), { 200: CAP - 1, 429: CAP + 1 });
      const [full] = rest.filter(({ status }) => status === 429);
      assert.deepEqual([full.answer.tier, full.answer.limit], ["shopper", CAP]);
      assert.ok(Number(full.response.headers.get("retry-after")) > 3_500);
    });

    test("keeps a conversation that is nobody else's", async () => {
      const { address } = world.caller();
      const who = somebody();
      const first = await chat(who, address);
      const session = first.answer.session_id;
      const second = await chat(who, address, { pass: passOf(first), session });
      assert.equal(second.answer.session_id, session);
      const other = world.caller().address;
      const thief = await chat(somebody(), other, { session });
      assert.equal(thief.status, 200);
      assert.notEqual(thief.answer.session_id, session);
      // Without what shows who they are, nobody is that shopper.
      const bare = await world.caller().chat({ prompt: "hat", session_id: session });
      assert.notEqual((await bare.json()).session_id, session);
    });

    test("reads a refusal of a broken body", async () => {
      const { query, headers } = arrive(somebody(), world.caller().address);
      const response = await world.caller().post(`${PATH}${query}`, "{", headers);
      await refused(response, 400, "invalid_json_body");
    });

    test("reads the refusal when the upstream fails, and pays nothing for a chat that never arrived", async () => {
      const { address } = world.caller();
      const who = somebody();
      const first = await chat(who, address);
      const pass = passOf(first);
      const prompt = `A hat for ${who}, ${way}`;
      await world.prepare(prompt, "error:rate_limited");
      const failed = await chat(who, address, { prompt, pass });
      assert.deepEqual([failed.status, failed.answer.tier], [429, "store"]);
      const line = await world.lineOf(failed.response);
      assert.equal(line.refunded, true);
      assert.equal(failed.response.headers.get("x-ratelimit-remaining"), String(CAP - 1));
    });
  });
}

suite("a token", () => {
  let world;
  before(async () => {
    world = await openWorld({ vars: { ...DOORS, VERIFIED_LIMITS: "50/hour", NETWORK_LIMITS: "3/hour" } });
  });
  after(() => world.close());

  const chat = (token, options = {}) =>
    world.caller(options).chat({ prompt: "hat" }, { authorization: `Bearer ${token}` });

  test("is good on 50 addresses at once, for exactly its shopper's chats", async () => {
    const answers = await atOnce(() => {
      const token = jwt(claims(somebody()));
      return Promise.all(Array.from({ length: 120 }, () => chat(token)));
    });
    assert.deepEqual(tally(answers), { 200: 50, 429: 70 });
  });

  test("takes nothing of its network's budget, and its network nothing of it", async () => {
    const { address } = world.caller();
    const crowd = await Promise.all(Array.from({ length: 5 }, () => world.caller({ address }).chat({ prompt: "hat" })));
    assert.deepEqual(tally(crowd), { 200: 3, 429: 2 });
    const token = jwt(claims(somebody()));
    const known = await Promise.all(Array.from({ length: 5 }, () => chat(token, { address })));
    assert.deepEqual(tally(known), { 200: 5 });
  });

  test("may be meant for the worker's origin, and for no other", async () => {
    assert.equal((await chat(jwt(claims("a", { aud: world.url.origin })))).status, 200);
    const foreign = await chat(jwt(claims("a", { aud: "https://other.example.com" })));
    assert.match((await refused(foreign, 401, "invalid_shopper_token")).message, /aud/);
  });

  test("that is hostile is refused readably, and nothing goes upstream or to a limiter", async () => {
    const before = (await world.simulator.requests()).length;
    const limiters = (await world.limiters()).length;
    const good = jwt(claims("a"));
    const [head, body, signature] = good.split(".");
    const flipped = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    /** @type {[string, RegExp][]} */
    const hostile = [
      ["", /JWT/],
      ["x", /JWT/],
      [`${none}.${body}.`, /algorithm/],
      [`${none}.${body}.${signature}`, /algorithm/],
      [`${head}.${body}.${flipped}`, /signature/],
      [`${head}.${body}.`, /signature/],
      [jwt(claims("a"), { secret: "another secret of another server" }), /signature/],
      [jwt(claims("a"), { header: { alg: "HS512" } }), /algorithm/],
      [jwt(claims("a", { exp: 1 })), /expired/],
      [jwt(claims("a", { exp: 99_999_999_999 })), /24 hours/],
      [jwt(claims("")), /sub/],
      [jwt(claims("a".repeat(5_000))), /4096/],
    ];
    for (const [token, words] of hostile) {
      const response = await chat(token);
      assert.equal(response.headers.get("access-control-allow-origin") !== null, true);
      assert.match((await refused(response, 401, "invalid_shopper_token")).message, words);
    }
    assert.equal((await world.simulator.requests()).length, before);
    assert.equal((await world.limiters()).length, limiters);
  });

  test("may be sent by a page of an allowed origin alone", async () => {
    const response = await chat(jwt(claims("a")), { origin: "https://evil.example.com" });
    await refused(response, 403, "origin_not_allowed");
    const preflight = await world.caller().send("OPTIONS", PATH, {
      headers: { "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });
    assert.match(preflight.headers.get("access-control-allow-headers"), /Authorization/);
  });
});

for (const kind of ["ES256", "EdDSA"]) {
  suite(`a token signed by ${kind}`, () => {
    const [old, now, stranger] = ["old", "now", "now"].map((kid) => pair(kind, kid));
    let world;
    before(async () => {
      const other = pair(kind === "ES256" ? "EdDSA" : "ES256", "other");
      const set = JSON.stringify({ keys: [old, now, other].map(({ jwk }) => jwk) });
      world = await openWorld({ vars: { SHOPPER_TOKEN_KEY: set, VERIFIED_LIMITS: "2/hour" } });
    });
    after(() => world.close());

    const chat = (token) => world.caller().chat({ prompt: "hat" }, { authorization: `Bearer ${token}` });
    const token = (who, { key }, header = {}) => jwt(claims(who), { key, header: { alg: kind, ...header } });

    test("is good under any key of the set, by its name or without one", async () => {
      const who = somebody();
      const answers = [
        await chat(token(who, now, { kid: "now" })),
        await chat(token(who, old)),
        await chat(token(who, now)),
      ];
      assert.deepEqual(tally(answers), { 200: 2, 429: 1 });
    });

    test("is refused under any other", async () => {
      for (const bad of [
        token("a", stranger, { kid: "now" }),
        token("a", now, { kid: "old" }),
        token("a", now, { kid: "unknown" }),
        jwt(claims("a"), { header: { alg: kind } }),
        jwt(claims("a"), { secret: JSON.stringify(now.jwk) }),
      ]) {
        await refused(await chat(bad), 401, "invalid_shopper_token");
      }
    });
  });
}

suite("Shopify's signature", () => {
  let world;
  before(async () => {
    world = await openWorld({ assistant: "homie", vars: { ...DOORS, SHOPPER_LIMITS: "2/hour" } });
  });
  after(() => world.close());

  const post = (query, headers = {}) =>
    world.caller({ origin: null }).post(`${PATH}?${query}`, { prompt: "hat" }, headers);

  test("is needed where it is claimed, in its form, its time and with nothing beside it", async () => {
    const before = (await world.simulator.requests()).length;
    const good = signedQuery("7");
    const old = String(Math.floor(Date.now() / 1_000) - 120);
    for (const query of [
      `${good}0`,
      good.replace("customer_id=7", "customer_id=8"),
      `${good}&shop=example-shop.myshopify.com`,
      `${good}&extra=1`,
      signedQuery("7", { extra: "1" }),
      signedQuery("7", { timestamp: old }),
      signedQuery("7", { shop: "other.myshopify.com" }),
      "signature=",
    ]) {
      await refused(await post(query), 401, "invalid_signature");
    }
    await refused(await post(""), 403, "origin_not_allowed");
    assert.equal((await world.simulator.requests()).length, before);
  });

  test("counts a visitor by the forwarded address, which is believed for nobody else", async () => {
    const via = (address) => ({ "x-forwarded-for": `203.0.113.99, ${address}` });
    const chats = (address, query) =>
      Promise.all(Array.from({ length: 3 }, () => post(query, { ...via(address), "cf-connecting-ip": "192.0.2.200" })));
    // Nobody shows a pass, so each is a newcomer; the limiters show who is counted where.
    const answers = [
      ...(await chats("198.51.100.201", signedQuery())),
      ...(await chats("198.51.100.202", signedQuery())),
    ];
    const lines = await Promise.all(answers.map((answer) => world.lineOf(answer)));
    const limiters = new Set(lines.map(({ limiter }) => limiter));
    assert.equal(limiters.size, 2);
    const { address } = world.caller();
    const lie = await world.caller({ address }).chat({ prompt: "hat" }, via("198.51.100.201"));
    const honest = await world.caller({ address }).chat({ prompt: "hat" });
    const [one, two] = [await world.lineOf(lie), await world.lineOf(honest)];
    assert.equal(one.limiter, two.limiter);
    assert.ok(!limiters.has(one.limiter));
  });

  test("covers the page's own parameter, so that a history can be read", async () => {
    const customer = somebody();
    const answer = await (await post(signedQuery(customer))).json();
    const get = (query) => world.caller({ origin: null }).send("GET", `/v1/concierge/history?${query}`);
    const mine = await get(signedQuery(customer, { session_id: answer.session_id }));
    assert.equal((await mine.json()).messages.length, 2);
    const theirs = await get(signedQuery(somebody(), { session_id: answer.session_id }));
    await refused(theirs, 404, "session_not_found");
    const unsigned = await get(`${signedQuery(customer)}&session_id=${answer.session_id}`);
    await refused(unsigned, 401, "invalid_signature");
  });
});
