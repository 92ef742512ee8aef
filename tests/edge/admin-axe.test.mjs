// The page at /admin to assistive technology: what axe finds in each of its states, and whether it fits.

import { after, before, suite, test } from "node:test";

import { Fake, empty, openOffice } from "./support/admin.mjs";
import { busyDay, heldBack } from "./support/admin-day.mjs";
import { MISSING } from "./support/browser.mjs";
import { NARROW } from "./support/shopper.mjs";

const SIZES = /** @type {[string, object][]} */ ([
  ["1280 px", { viewport: { width: 1280, height: 800 } }],
  ["320 px", { viewport: NARROW }],
  ["a zoom of 200 %", { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
]);

suite("the admin page to assistive technology", { skip: MISSING, concurrency: 2 }, () => {
  let office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office?.close());

  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const [size, how] of SIZES) {
      test(`axe finds nothing, and nothing is too wide: ${colorScheme}, ${size}`, async (t) => {
        const fake = new Fake({ ...busyDay(), dry_run: true });
        fake.blocks = heldBack();
        const me = await office.enter(t, fake, { ...how, colorScheme });
        const check = async (when) => {
          await me.isAccessible(when);
          await me.fits();
        };
        await check("signed out");
        await me.signIn("wrong");
        await me.problem.filter({ hasText: "wrong" }).waitFor();
        await check("wrong token");
        await me.arrive();
        await me.page.locator("#blocks tr").first().waitFor();
        await me.page.getByText("The same as a table").click();
        await check("day");
        await me.page
          .getByRole("button", { name: /^Lift the block/ })
          .first()
          .click();
        await check("confirming");
        await me.page.getByRole("button", { name: "Lift the block", exact: true }).click();
        await me.page.locator("#lifted").waitFor();
        await check("lifted");
        fake.fault = "offline";
        await me.pass(15);
        await me.trouble.waitFor();
        await check("error");
        fake.fault = null;
        fake.usage = empty();
        await me.pass(16);
        await me.page.locator("#empty").waitFor();
        await check("empty");
      });
    }
  }

  test("axe finds nothing where colours are forced", async (t) => {
    const fake = new Fake(busyDay());
    const me = await office.enter(t, fake, { forcedColors: "active" });
    await me.arrive();
    await me.isAccessible("forced colours");
  });
});
