// The token of the page at /admin: who gets in, and where the token is kept.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { Fake, KEPT, TOKEN, openOffice, refusal } from "./support/admin.mjs";
import { busyDay } from "./support/admin-day.mjs";
import { MISSING } from "./support/browser.mjs";

suite("the admin page asks for the token", { skip: MISSING, concurrency: 3 }, () => {
  let office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office?.close());

  test("and shows nothing without it", async (t) => {
    const me = await office.enter(t, new Fake(busyDay()));
    assert.equal(await me.field.getAttribute("type"), "password");
    assert.equal(await me.focused(), "token");
    assert.equal(await me.page.locator("#dashboard").isVisible(), false);
    await me.page.evaluate("dispatchEvent(new Event('online'))");
    await me.pass(60);
    assert.deepEqual([me.fake.asked, await me.problem.textContent()], [[], ""]);
  });

  test("again if it is wrong, and says so", async (t) => {
    const me = await office.enter(t);
    await me.signIn("wrong-token");
    await me.problem.filter({ hasText: "This token is wrong." }).waitFor();
    assert.equal(await me.focused(), "token");
    assert.equal(await me.page.evaluate("sessionStorage.length"), 0);
    await me.arrive();
  });

  test("without sending what cannot be one", async (t) => {
    const me = await office.enter(t);
    for (const [typed, words] of [
      ["", "Enter the token."],
      ["   ", "Enter the token."],
      ["two words", "This cannot be the token"],
      ["pässword", "This cannot be the token"],
    ]) {
      await me.signIn(typed);
      await me.problem.filter({ hasText: words }).waitFor();
    }
    assert.deepEqual(me.fake.asked, []);
  });

  test("and leaves out the blanks around it", async (t) => {
    const me = await office.enter(t);
    await me.signIn(`  ${TOKEN}\t`);
    await me.page.locator("#figures").waitFor();
  });

  test("and keeps it for the tab alone", async (t) => {
    const me = await office.enter(t);
    await me.arrive();
    const kept = await me.page.evaluate("({ ...sessionStorage })");
    assert.deepEqual(kept, { [KEPT]: TOKEN });
    assert.deepEqual(await me.page.evaluate("[localStorage.length, document.cookie]"), [0, ""]);
    assert.equal(me.page.url(), me.url);
    assert.ok(!me.fake.asked.join().includes(TOKEN));
    assert.equal(await me.field.inputValue(), "");
    await me.page.reload();
    await me.page.locator("#figures").waitFor();
    const other = await me.page.context().newPage();
    await other.goto(me.url);
    await other.getByLabel("Admin token").waitFor();
  });

  test("and forgets it and the figures on signing out", async (t) => {
    const me = await office.enter(t, new Fake(busyDay()));
    await me.arrive();
    await me.page.getByRole("button", { name: "Sign out" }).click();
    await me.field.waitFor();
    assert.equal(await me.page.evaluate("sessionStorage.length"), 0);
    assert.equal(await me.text("total"), "");
    const before = me.fake.asked.length;
    await me.pass(60);
    assert.equal(me.fake.asked.length, before);
  });

  test("again when it no longer is the right one", async (t) => {
    const me = await office.enter(t);
    await me.arrive();
    me.fake.fault = refusal(401, "invalid_admin_token");
    await me.pass(15);
    await me.problem.filter({ hasText: "This token is wrong." }).waitFor();
    assert.equal(await me.page.evaluate("sessionStorage.length"), 0);
    assert.equal(await me.focused(), "token");
  });

  test("and says if the worker has none", async (t) => {
    const me = await office.enter(t);
    me.fake.fault = refusal(404, "not_found");
    await me.signIn();
    await me.problem.filter({ hasText: "This worker has no ADMIN_TOKEN." }).waitFor();
    assert.equal(await me.page.evaluate("sessionStorage.length"), 0);
  });

  test("and says how long too many tries have to wait", async (t) => {
    const me = await office.enter(t);
    me.fake.fault = refusal(429, "rate_limited", { "retry-after": "42" });
    await me.signIn();
    await me.problem.filter({ hasText: "Wait 42 seconds." }).waitFor();
  });
});
