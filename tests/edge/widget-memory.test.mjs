// What a shopper whom the shop knows has omi.me remember from within the widget: what they saw and agreed to, and nothing else.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { NARROW } from "./support/shopper.mjs";
import { DOORS, claims, jwt } from "./support/shoppers.mjs";
import { openShopping } from "./support/shopping.mjs";
import { simulate } from "./support/simulator.mjs";

const KEY = "omi-key-of-the-shop-1234";
const CREATE = "create_memories create_conversations";
const ALL = `${CREATE} read_memories read_conversations`;
const WIDE = "1000/minute";
let people = 0;

suite("what omi.me is asked to remember", { skip: MISSING, concurrency: 4 }, () => {
  let omi, shopping, world, without;
  before(async () => {
    omi = await simulate(
      (url) => url,
      ["--assistant", "omi", "--omi-keys", KEY, "--omi-app", "app", "--omi-conversation-limit", "1000"],
    );
    const vars = {
      ...DOORS,
      VERIFIED_LIMITS: WIDE,
      OMI_APP_ID: "app",
      OMI_APP_KEY: KEY,
      OMI_BASE_URL: omi.baseUrl,
      OMI_CAPABILITIES: ALL.replaceAll(" ", ", "),
      OMI_LIMITS: WIDE,
    };
    shopping = await openShopping({ world: { vars }, without: { vars: { ...DOORS, VERIFIED_LIMITS: WIDE } } });
    ({ world, without } = shopping.worlds);
  });
  after(() => Promise.all([shopping?.close(), omi?.stop()]));

  /** A shopper whom the shop knows. `told` has what the worker was told for omi.me. */
  async function enter(t, { scope = ALL, at = world, how = {}, isKnown = true, before: script = "" } = {}) {
    const me = await shopping.enter(t, at, how);
    await me.page.addInitScript(script);
    people += 1;
    const [sub, uid] = [`customer-${people}`, `omi-${people}`];
    const jwtOf = (claim) => jwt(claims(sub, { omi_uid: uid, ...claim }));
    const told = [];
    const files = [];
    me.page.on("request", (request) => {
      if (request.url().includes("/v1/omi/")) told.push(request.postDataJSON());
      if (request.url().includes("concierge-memory")) files.push(request.url());
    });
    await me.visit();
    await me.widget.evaluate((element, value) => {
      element.token = async () => value;
    }, isKnown && jwtOf({ scope }));
    await me.open();
    await me.converse("I wear size 42");
    const headers = { authorization: `Bearer ${jwtOf({ scope: ALL })}` };
    /** What omi.me has of this shopper. */
    const kept = async (what) =>
      (await (await world.caller(me.shop).send("GET", `/v1/omi/${what}`, { headers })).json())[what];
    const button = (name) => me.page.getByRole("button", { name });
    return { me, told, files, kept, button, sent: me.page.getByRole("textbox", { name: "What is sent" }) };
  }

  test("is nothing, if another shopper is there before the first one has agreed", async (t) => {
    const { me, told, button } = await enter(t);
    await button("Remember this").click();
    await me.widget.evaluate(
      (element, value) => {
        element.token = async () => value;
        return element.reset();
      },
      jwt(claims("somebody-else", { omi_uid: "somebody-else", scope: ALL })),
    );
    await button("Agree and send").click();
    await me.page.locator(".consent").waitFor({ state: "detached" });
    assert.deepEqual(told, []);
  });

  test("is a fact, in the words that the shopper agrees to", async (t) => {
    const { me, told, kept, button, sent } = await enter(t);
    await button("Remember this").focus();
    await me.page.keyboard.press("Enter");
    assert.equal(await sent.inputValue(), "I wear size 42");
    assert.equal(await me.focused(), "sent");
    assert.match(await me.page.locator(".consent").textContent(), /is sent to omi\.me/);
    await me.isAccessible("consent");
    await sent.fill("Wears size 42 in shoes");
    assert.deepEqual(told, [], "nothing before they agree");
    await me.page.keyboard.press("Tab");
    assert.equal(await me.focused(), "agree");
    await me.page.keyboard.press("Enter");
    await me.status.filter({ hasText: "Sent to omi.me: “Wears size 42 in shoes”" }).waitFor();
    await me.focuses("remember");
    assert.deepEqual(
      (await kept("memories")).map(({ content }) => content),
      ["Wears size 42 in shoes"],
    );
    assert.deepEqual(told, [{ consent: true, memories: [{ content: "Wears size 42 in shoes" }] }]);
    await me.isUnharmed();
  });

  test("is the conversation as it is shown, once", async (t) => {
    const { me, told, kept, button, sent } = await enter(t);
    for (const time of ["first", "second"]) {
      await button("Keep this conversation").click();
      const text = await sent.inputValue();
      assert.match(text, /^You:\nI wear size 42\n\nAssistant:\n./);
      assert.equal(await sent.getAttribute("readonly"), "", time);
      await button("Agree and send").click();
      await me.status.filter({ hasText: "The conversation was sent to omi.me." }).waitFor();
      assert.equal(told.at(-1).text, text);
      await me.widget.evaluate(({ shadowRoot }) => shadowRoot.querySelector(".status").replaceChildren());
    }
    assert.equal((await kept("conversations")).length, 1);
    await me.isUnharmed();
  });

  test("is the end of a conversation that is too long", async (t) => {
    const { me, told, button, sent } = await enter(t);
    await me.page.route("**/v1/concierge/chat", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), message: "é\u0007".repeat(10_000) } });
    });
    await me.converse("Tell me more");
    await button("Keep this conversation").click();
    assert.doesNotMatch(await sent.inputValue(), /size 42/);
    await button("Agree and send").click();
    await me.status.filter({ hasText: "The conversation was sent to omi.me." }).waitFor();
    assert.equal(told.length, 1);
  });

  test("is nothing if the shopper leaves, and the panel stays", async (t) => {
    const { me, told, button, sent } = await enter(t, { how: { viewport: NARROW } });
    for (const leave of [() => me.page.keyboard.press("Escape"), () => button("Cancel").click()]) {
      await button("Remember this").click();
      await sent.waitFor();
      await me.fits();
      await leave();
      await sent.waitFor({ state: "detached" });
      assert.equal(await me.field.isVisible(), true);
      await me.focuses("remember");
    }
    assert.deepEqual(told, []);
  });

  test("is offered only where the worker offers it, to whom the token allows it", async (t) => {
    const buttons = ({ me }) => me.log.locator(".memory button").allTextContents();
    const memories = await enter(t, { scope: "create_memories" });
    await memories.button("Remember this").waitFor();
    assert.equal((await buttons(memories)).length, 1);
    const others = [await enter(t, { scope: "read_memories" }), await enter(t, { at: without })];
    for (const other of others) {
      // The buttons come, if at all, before the answer after the next request.
      await other.me.converse("Something else");
      assert.deepEqual(await buttons(other), []);
    }
    const stranger = await enter(t, { isKnown: false });
    assert.deepEqual([await buttons(stranger), stranger.files], [[], []]);
  });

  test("is under the last answer, and gone with the conversation", async (t) => {
    const { me, button } = await enter(t);
    await button("Remember this").waitFor();
    await me.converse("I like hats");
    await me.log.locator(".turn:last-child .memory").waitFor();
    assert.equal(await button("Remember this").count(), 1);
    await button("New conversation").click();
    assert.equal(await button("Remember this").count(), 0);
  });

  test("is reached with a keyboard alone, as all the rest is", async (t) => {
    const shopify = "globalThis.Shopify = { actions: { updateCart: async () => ({ cart: {} }) } }";
    const { me, told } = await enter(t, { how: { viewport: { width: 1280, height: 900 } }, before: shopify });
    await me.page.route(`${me.shop.origin}/products/**`, (route) =>
      route.fulfill({ json: { variants: [{ id: 1, title: "M", available: true }] } }),
    );
    await me.page.getByRole("button", { name: "Keep this conversation" }).waitFor();
    await me.field.focus();
    /** Goes back, and says what is there. */
    const back = async () => {
      await me.page.keyboard.press("Shift+Tab");
      return me.focused();
    };
    const seen = [];
    while (seen.at(-1) !== "launcher" && seen.length < 60) seen.push(await back());
    for (const name of ["keep", "remember", "chip", "add", "reset", "close", "launcher"])
      assert.ok(seen.includes(name), `${name} in ${seen}`);
    assert.ok(seen.indexOf("remember") < seen.indexOf("add"), "from the end to the beginning");

    const go = async (name) => {
      await me.field.focus();
      for (let steps = 0; (await back()) !== name; steps++) assert.ok(steps < 60, name);
      await me.page.keyboard.press("Enter");
    };
    await go("add");
    await me.status.filter({ hasText: /^Added to the cart: / }).waitFor();
    assert.equal(await me.focused(), "add");
    await go("remember");
    await me.focuses("sent");
    await me.page.keyboard.press("Escape");
    await me.focuses("remember");
    await go("keep");
    await me.focuses("sent");
    await me.page.keyboard.press("Tab");
    await me.page.keyboard.press("Enter");
    await me.status.filter({ hasText: "The conversation was sent to omi.me." }).waitFor();
    await me.focuses("keep");
    assert.equal(told.length, 1);
    await go("chip");
    await me.focuses("field");
    await me.page.keyboard.press("Escape");
    await me.focuses("launcher");
    await me.isUnharmed();
  });

  suite("before it is sent after a short wait", { concurrency: 4 }, () => {
    /** A shopper who has agreed, and whose wish waits. */
    async function agree(t) {
      const { me, told, button } = await enter(t);
      const headers = { "access-control-allow-origin": "*", "access-control-expose-headers": "*", "retry-after": "5" };
      await me.page.route("**/v1/omi/**", (route) => {
        if (route.request().method() === "OPTIONS" || told.length > 1) return route.continue();
        return route.fulfill({ status: 429, headers, json: { error: "rate_limited", message: "no" } });
      });
      await button("Remember this").click();
      await me.page.clock.install();
      await button("Agree and send").click();
      await me.page.getByRole("alert").filter({ hasText: "This will be sent in a moment." }).waitFor();
      return { me, told, button };
    }

    test("the dialog says so, and the chat is free", async (t) => {
      const { me, told } = await agree(t);
      assert.equal(await me.widget.locator(".send").getAttribute("aria-disabled"), "false");
      assert.deepEqual(await me.events("limited"), []);
      await me.page.clock.runFor(6_000);
      await me.status.filter({ hasText: "Sent to omi.me" }).waitFor();
      assert.equal(told.length, 2);
    });

    test("it can be cancelled", async (t) => {
      const { me, told, button } = await agree(t);
      await button("Cancel").click();
      await me.page.clock.runFor(20_000);
      await me.converse("I wear size 43");
      assert.equal(told.length, 1);
    });
  });

  for (const [status, code, words] of [
    [401, "invalid_shopper_token", "Please log in again."],
    [403, "insufficient_scope", "You have not allowed this shop"],
    [403, "omi_not_enabled", "You have not allowed this shop"],
    [409, "in_progress", "This is being sent already."],
    [409, "in_doubt", "It is not certain whether omi.me has kept this."],
    [429, "rate_limited", "asked for too often"],
    [504, "upstream_timeout", "It is not certain whether omi.me has kept this."],
  ]) {
    test(`fails in words: ${code}`, async (t) => {
      const { me, button, sent } = await enter(t);
      const headers = { "access-control-allow-origin": "*" };
      await me.page.route("**/v1/omi/**", (route) => {
        if (route.request().method() === "OPTIONS") return route.continue();
        return route.fulfill({ status, headers, json: { error: code, message: "no" } });
      });
      await button("Remember this").click();
      await sent.fill("I like blue");
      await button("Agree and send").click();
      await me.page.getByRole("alert").filter({ hasText: words }).waitFor();
      assert.equal(await sent.inputValue(), "I like blue");
      await me.isAccessible(code);
    });
  }
});
