// A conversation in two tabs, and on a page that is left and come back to.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { MISSING } from "./support/browser.mjs";
import { SHOP } from "./support/shopper.mjs";
import { DOORS, claims, jwt } from "./support/shoppers.mjs";
import { openShopping } from "./support/shopping.mjs";
import { eventually } from "./support/world.mjs";

const ELSEWHERE = "A new conversation was begun in another tab.";

let shopping, world, homie, tokens;
before(async () => {
  if (MISSING) return;
  const browser = { isWhole: true, ignoreDefaultArgs: ["--disable-back-forward-cache"] };
  shopping = await openShopping({ world: {}, homie: { assistant: "homie" }, tokens: { vars: DOORS } }, browser);
  ({ world, homie, tokens } = shopping.worlds);
});
after(() => shopping?.close());

/** The upstream's conversation in which each of these was asked. */
async function conversations(...prompts) {
  const asked = await Promise.all(prompts.map((prompt) => world.simulator.requestsWith(prompt)));
  return asked.map(([{ session_id: session }]) => session);
}

suite("two tabs", { skip: MISSING, concurrency: 4 }, () => {
  test("a second one shows what was said in the first", async (t) => {
    const first = await shopping.enter(t, homie);
    await first.arrive({}, "A hat in two tabs");
    const second = await first.another();
    await second.visit();
    await second.open();
    await second.questions.filter({ hasText: "A hat in two tabs" }).waitFor();
    await second.isUnharmed();
  });

  for (const storage of ["session", "local"]) {
    test(`go on with one conversation, and leave it together: ${storage} storage`, async (t) => {
      const attributes = `link-hosts="${SHOP}" storage="${storage}"`;
      const prompts = ["one", "two", "three", "four"].map((word) => `hat ${word} in ${storage} storage`);
      const first = await shopping.enter(t, world);
      await first.arrive({ attributes }, prompts[0]);
      const second = await first.another();
      await second.arrive({ attributes }, prompts[1]);
      await first.widget.evaluate(async (element, prompt) => {
        await element.reset();
        await element.send(prompt);
      }, prompts[2]);
      await second.status.filter({ hasText: ELSEWHERE }).waitFor();
      await second.questions.filter({ hasText: prompts[2] }).waitFor();
      for (const tab of [first, second])
        assert.deepEqual(await tab.questions.allTextContents(), [prompts[2]], "both begin once");
      await second.converse(prompts[3]);
      const [one, two, three, four] = await conversations(...prompts);
      assert.ok(one && one === two, "together");
      assert.ok(three && three !== one && three === four, "and left together");
      await first.isUnharmed();
      await second.isUnharmed();
    });
  }
});

suite("the turns of two tabs", { skip: MISSING, concurrency: 2 }, () => {
  for (const storage of ["session", "local"]) {
    test(`are shown in both, and on their next pages: ${storage} storage`, async (t) => {
      const attributes = `link-hosts="${SHOP}" storage="${storage}"`;
      const first = await shopping.enter(t, world);
      await first.arrive({ attributes }, "A hat for both");
      const second = await first.another();
      await second.visit({ attributes });
      await second.open();
      await second.questions.filter({ hasText: "A hat for both" }).waitFor();
      await first.converse("A scarf for both");
      await second.questions.filter({ hasText: "A scarf for both" }).waitFor();
      await second.converse("Shoes for both");
      await first.questions.filter({ hasText: "Shoes for both" }).waitFor();
      const all = ["A hat for both", "A scarf for both", "Shoes for both"];
      const show = async (tab) => {
        await eventually(async () => (await tab.questions.count()) === all.length, "all questions");
        assert.deepEqual(await tab.questions.allTextContents(), all);
        assert.equal(await tab.log.locator(".chips").count(), 1, "only the last answer has chips");
        await tab.isUnharmed();
      };
      for (const tab of [first, second]) await show(tab);
      const cards = await first.products.allTextContents();
      for (const tab of [first, second]) {
        await tab.visit({ attributes });
        await tab.open();
        await show(tab);
        assert.deepEqual(await tab.products.allTextContents(), cards);
      }
    });
  }

  test("wait for an answer that is on its way", async (t) => {
    const first = await shopping.enter(t, world);
    await first.arrive({}, "A hat before a slow one");
    const second = await first.another();
    await second.arrive({}, "A scarf before a slow one");
    const [slow, quick] = ["A slow hat", "A quick hat"];
    await world.prepare(slow, "delay:2000");
    await second.ask(slow);
    await second.log.locator(".preview").waitFor();
    const wasFree = second.log.evaluate(
      (log, prompt) =>
        new Promise((resolve) => {
          const { MutationObserver } = /** @type {any} */ (globalThis);
          const isThere = () =>
            [...log.querySelectorAll(".question")].some(({ textContent }) => textContent === prompt);
          const observer = new MutationObserver(() => isThere() && resolve(!log.querySelector(".preview")));
          observer.observe(log, { childList: true });
        }),
      quick,
    );
    await first.converse(quick);
    assert.equal(await wasFree, true);
    assert.deepEqual((await second.questions.allTextContents()).slice(-2), [slow, quick]);
    await second.isUnharmed();
  });

  test("are not shown to another shopper", async (t) => {
    const anna = await shopping.enter(t, tokens);
    const be = (tab, who) =>
      tab.widget.evaluate(
        (element, value) => {
          element.token = async () => value;
        },
        jwt(claims(who)),
      );
    await anna.visit();
    await be(anna, "anna");
    await anna.open();
    await anna.converse("A hat of Anna's");
    const bob = await anna.another();
    await bob.visit();
    await be(bob, "bob");
    const refused = bob.page.waitForResponse("**/v1/concierge/capabilities");
    await bob.open();
    await (await refused).finished();
    const told = bob.page.evaluate(`new Promise((resolve) => {
      new BroadcastChannel("concierge-said").onmessage = ({ data }) => data.answer && resolve(data.prompt);
    })`);
    await anna.converse("A scarf of Anna's");
    assert.equal(await told, "A scarf of Anna's");
    await bob.page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
    assert.equal(await bob.questions.count(), 0);
  });
});

suite("a reset in another tab", { skip: MISSING, concurrency: 2 }, () => {
  test("gives a question that is under way back", async (t) => {
    const first = await shopping.enter(t, world);
    await first.arrive({}, "A hat before a reset");
    const second = await first.another();
    await second.arrive({}, "A scarf before a reset");
    const prompt = "A hat, slowly, during a reset";
    await world.prepare(prompt, "delay:5000");
    await second.ask(prompt);
    await second.status.filter({ hasText: "typing" }).waitFor();
    await first.widget.evaluate((element) => element.reset());
    await eventually(async () => (await second.field.inputValue()) === prompt, "the question in the field");
    await second.status.filter({ hasText: ELSEWHERE }).waitFor();
    await second.isUnharmed();
  });

  /** Two tabs, of which the second one's next question is refused for so many seconds. */
  async function arriveLimited(t, seconds) {
    const first = await shopping.enter(t, world);
    await first.arrive({}, "A hat before a wait");
    const second = await first.another();
    await second.arrive({}, "A scarf before a wait");
    await second.page.route("**/v1/concierge/chat", (route) => {
      if (route.request().method() !== "POST") return route.continue();
      const headers = {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Retry-After",
        "retry-after": String(seconds),
      };
      return route.fulfill({ status: 429, headers, json: { error: "rate_limited", message: "wait" } });
    });
    await second.ask("A hat too many");
    await second.page.getByRole("timer").waitFor();
    return [first, second];
  }

  test("leaves a wait and its words", async (t) => {
    const [first, second] = await arriveLimited(t, 43);
    await first.widget.evaluate((element) => element.reset());
    await second.status.filter({ hasText: ELSEWHERE }).waitFor();
    const words = await second.page.getByRole("timer").filter({ visible: true }).textContent();
    assert.match(words, /^You can ask again in 00:\d\d\.$/);
    assert.equal(await second.page.locator(".send").getAttribute("aria-disabled"), "true");
  });

  test("ends the wait of a question that would have been sent after it", async (t) => {
    const [first, second] = await arriveLimited(t, 19);
    await first.widget.evaluate((element) => element.reset());
    await eventually(async () => (await second.field.inputValue()) === "A hat too many", "the question in the field");
    assert.equal(await second.page.getByRole("timer").count(), 0);
    assert.equal(await second.page.locator(".send").getAttribute("aria-disabled"), "false");
  });

  test("has the shop asked who the shopper is now", async (t) => {
    const known = await shopping.enter(t, tokens);
    await known.visit();
    const say = (me, who) =>
      me.widget.evaluate(
        (element, value) => {
          element.token = async () => value;
        },
        jwt(claims(who)),
      );
    await say(known, "anna");
    await known.open();
    await known.converse("A hat of Anna's");
    const second = await known.another();
    await second.visit();
    await second.widget.evaluate((element) => element.reset());
    await known.status.filter({ hasText: ELSEWHERE }).waitFor();
    await say(known, "bob");
    const sent = known.page.waitForRequest("**/v1/concierge/chat");
    await known.ask("A hat of Bob's");
    const [, claimed] = (await (await sent).headerValue("authorization")).split(".");
    assert.equal(JSON.parse(Buffer.from(claimed, "base64url").toString()).sub, "bob");
  });
});

suite("the back-forward cache", { skip: MISSING, concurrency: 2 }, () => {
  // A page that is served with no-store is not kept, and neither is one that hears another tab while it is away.

  /** A shopper whose page notes whether it came back from the cache. */
  async function arrive(t, attributes = "", prompt = "A hat") {
    const me = await shopping.enter(t, world);
    await me.visit({ attributes });
    await me.page.evaluate("addEventListener('pageshow', ({ persisted }) => { globalThis.persisted = persisted; })");
    await me.open();
    await me.converse(prompt);
    return me;
  }
  const leave = (me) => me.page.goto(`${me.shop.origin}/elsewhere`);
  async function comeBack(me) {
    await me.page.evaluate("history.back()").catch(() => {});
    await eventually(() => me.page.evaluate("globalThis.persisted").catch(() => false), "the page from the cache");
  }

  test("takes the page, whose conversation goes on", async (t) => {
    const prompts = ["A hat before leaving", "A hat after leaving"];
    const me = await arrive(t, "", prompts[0]);
    await leave(me);
    await comeBack(me);
    assert.equal(await me.questions.count(), 1);
    await me.converse(prompts[1]);
    const [one, two] = await conversations(...prompts);
    assert.ok(one && one === two);
    await me.isUnharmed();
  });

  test("loses no question that was on its way", async (t) => {
    const prompt = "A hat while leaving";
    await world.prepare(prompt, "delay:1500");
    const me = await arrive(t);
    const sent = me.page.waitForRequest("**/v1/concierge/chat");
    await me.ask(prompt);
    await sent;
    await leave(me);
    await comeBack(me);
    const isAnswered = async () => (await me.log.locator(".turn:not(.preview, :has(.question))").count()) === 2;
    const isGivenBack = async () => (await me.field.inputValue()) === prompt;
    await eventually(async () => (await isAnswered()) || (await isGivenBack()), "the question or its answer", 15_000);
    await me.isUnharmed();
  });

  test("does not hide that another tab has begun anew", async (t) => {
    const me = await arrive(t, 'storage="local"');
    await leave(me);
    const other = await me.another();
    await other.visit({ attributes: 'storage="local"' });
    await other.widget.evaluate((element) => element.reset());
    await comeBack(me);
    await me.status.filter({ hasText: ELSEWHERE }).waitFor();
    assert.equal(await me.questions.count(), 0);
  });
});
