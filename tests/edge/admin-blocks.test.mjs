// Who is held back, on the page at /admin: looking them up, and lifting a block.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { Fake, NOW, openOffice, refusal } from "./support/admin.mjs";
import { busyDay, heldBack, id } from "./support/admin-day.mjs";
import { MISSING } from "./support/browser.mjs";

suite("the admin page's blocks", { skip: MISSING, concurrency: 3 }, () => {
  let office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office?.close());

  const settled = async (t, how = {}) => {
    const fake = new Fake(busyDay());
    fake.blocks = heldBack();
    const me = await office.enter(t, fake, how);
    await me.arrive();
    await me.page.locator("#blocks tr").first().waitFor();
    return me;
  };
  const dialogOf = (me) => me.page.getByRole("dialog", { name: "Lift this block?" });

  test("name who waits, for which limit, and how long still", async (t) => {
    const me = await settled(t);
    const rows = await me.rows("blocks");
    assert.deepEqual(rows[0].slice(0, 4), [
      "Shopper 3GPzqg0- on LtFAu-990RT3kQz_Vm1aBx",
      "One shopper’s limit 40 in an hour",
      "2 minutes ago 28 Nov, 18:11",
      "in 20 minutes",
    ]);
    assert.match(rows[2][0], /^Network LtFAu-99/);
  });

  test("are lifted only when that is confirmed", async (t) => {
    const me = await settled(t);
    const [lift] = await me.page.getByRole("button", { name: "Lift the block of Shopper 3GPzqg0-" }).all();
    await lift.focus();
    await me.page.keyboard.press("Enter");
    await dialogOf(me).getByRole("button", { name: "Cancel" }).click();
    await dialogOf(me).waitFor({ state: "hidden" });
    assert.equal(await lift.evaluate((button) => button === button.ownerDocument.activeElement), true);
    await me.page.keyboard.press("Enter");
    await me.page.keyboard.press("Escape");
    await dialogOf(me).waitFor({ state: "hidden" });
    assert.deepEqual(me.fake.lifts, []);
  });

  test("say what was lifted, and are gone when that is counted", async (t) => {
    const me = await settled(t);
    await me.page.getByRole("button", { name: "Lift the block of Shopper 3GPzqg0-" }).click();
    await dialogOf(me).getByRole("button", { name: "Lift the block" }).click();
    const words = "Lifted. “One shopper’s limit” no longer counts 40 requests of Shopper 3GPzqg0-.";
    await me.page.locator("#lifted", { hasText: words }).waitFor();
    assert.equal(await me.said.textContent(), words);
    assert.deepEqual(me.fake.lifts, [{ request_id: id(100) }]);
    const asked = me.fake.count("GET /admin/blocks");
    await me.pass(3);
    assert.equal(me.fake.count("GET /admin/blocks"), asked, "not before the worker knows of it");
    await me.pass(3);
    await me.page.getByText("Shopper 3GPzqg0- on").waitFor({ state: "detached" });
    assert.equal(await me.focused(), "held-title");
  });

  test("stay if lifting them fails, and say why", async (t) => {
    const me = await settled(t);
    await me.page.getByRole("button", { name: "Lift the block of Shopper 3GPzqg0-" }).click();
    const confirm = dialogOf(me).getByRole("button", { name: "Lift the block" });
    for (const [fault, words] of [
      [refusal(503, "limiter_unavailable"), "No."],
      [refusal(404, "request_not_found"), "or it is too long ago"],
      ["offline", "The worker cannot be reached."],
    ]) {
      me.fake.fault = fault;
      await confirm.click();
      await me.page.locator("#confirm-problem", { hasText: words }).waitFor();
    }
    me.fake.fault = refusal(401, "invalid_admin_token");
    await confirm.click();
    await me.problem.filter({ hasText: "This token is wrong." }).waitFor();
    assert.equal(await dialogOf(me).isVisible(), false);
  });

  test("are found by a request id, even if they no longer hold", async (t) => {
    const me = await settled(t);
    me.fake.past = [{ ...heldBack()[0], request_id: id(7), at: NOW - 9_000, frees_in_s: 0 }];
    await me.page.getByLabel("Has a shopper told you a request id?").fill(` ${id(7).toUpperCase()} `);
    await me.page.keyboard.press("Enter");
    await me.page.locator("#found-blocks tr").waitFor();
    const [row] = await me.rows("found-blocks");
    assert.deepEqual(row.slice(2, 4), ["2 hours ago 28 Nov, 15:43", "free again"]);
    assert.equal(await me.focused(), "found");
  });

  test("are not found by another id, which is said", async (t) => {
    const me = await settled(t);
    const field = me.page.getByLabel("Has a shopper told you a request id?");
    const problem = me.page.locator("#look-up-problem");
    await field.fill("<b>");
    await me.page.keyboard.press("Enter");
    await problem.filter({ hasText: "A request id has 32 digits and letters" }).waitFor();
    assert.equal(me.fake.count("request_id"), 0);
    await field.fill(id(8));
    await me.page.keyboard.press("Enter");
    await problem.filter({ hasText: "No limit of yours refused a request with this id" }).waitFor();
    assert.equal(await me.focused(), "request-id");
  });

  test("copy their request id", async (t) => {
    const me = await settled(t, { permissions: ["clipboard-read", "clipboard-write"] });
    const copy = me.page.getByRole("button", { name: `Copy request id ${id(101)}` });
    await copy.click();
    await copy.filter({ hasText: "Copied" }).waitFor();
    assert.equal(await me.page.evaluate("navigator.clipboard.readText()"), id(101));
    await me.pass(3);
    await copy.filter({ hasText: "Copy" }).waitFor();
  });

  test("keep the focus near when a block with the focus ends", async (t) => {
    const me = await settled(t);
    await me.page.getByRole("button", { name: "Lift the block of Shopper 3GPzqg0-" }).focus();
    me.fake.blocks = [];
    await me.pass(15);
    await me.page.getByText("Nobody is held back.").waitFor();
    assert.equal(await me.focused(), "held-title");
  });
});
