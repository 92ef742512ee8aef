// The page at /admin before the worker itself: what shoppers do is what the merchant sees, and can help with.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MISSING, launch } from "./support/browser.mjs";
import { Merchant, newToken } from "./support/merchant.mjs";
import { eventually, openWorld } from "./support/world.mjs";

test("a merchant sees a shopper who is held, and frees them", { skip: MISSING }, async (t) => {
  const token = newToken();
  const [browser, world] = await Promise.all([
    launch(),
    openWorld({ vars: { ADMIN_TOKEN: token, SHOPPER_LIMITS: "2/hour" } }),
  ]);
  t.after(() => Promise.all([browser.close(), world.close()]));
  const caller = world.caller();
  const first = await caller.chat({ prompt: "hat" });
  const headers = { "shopper-pass": first.headers.get("shopper-pass") };
  await caller.chat({ prompt: "hat" }, headers);
  const refused = await world.lineOf(await caller.chat({ prompt: "hat" }, headers));
  assert.equal(refused.outcome, "rate_limited");
  await new Merchant(world, token).usage(({ chats }) => chats.total >= 3);

  const page = await browser.newPage();
  await page.goto(`${world.url.origin}/admin`);
  await page.locator("input[type=password]").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "3 chats in the last 24 hours" }).waitFor();
  await page.locator("#blocks tr", { hasText: refused.shopper }).getByRole("button", { name: "Lift" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Lift the block" }).click();
  await page.locator("#lifted", { hasText: `no longer counts 2 requests of Shopper ${refused.shopper}` }).waitFor();
  const notice = await eventually(() => world.notices().find((one) => one.notice === "lifted"), "the notice");
  assert.deepEqual([notice.limiter, notice.shopper], [refused.limiter, refused.shopper]);
});
