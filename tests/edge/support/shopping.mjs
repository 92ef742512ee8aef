// Shoppers in one browser, on one shop's pages, before some workers.

import { launch } from "./browser.mjs";
import { openShop } from "./shop.mjs";
import { Shopper } from "./shopper.mjs";
import { openWorld } from "./world.mjs";

/**
 * Opens a browser, a shop, and a world for each name, which lets the shop's pages in. Whoever opens it closes it.
 *
 * @param {Record<string, import("./world.mjs").WorldOptions>} options
 * @param {Parameters<typeof launch>[0]} [browserOptions]
 */
export async function openShopping(options, browserOptions) {
  const shop = await openShop();
  const names = Object.keys(options);
  const open = (/** @type {string} */ name) => {
    const { vars, ...rest } = options[name];
    return openWorld({ vars: { ALLOWED_ORIGINS: shop.origin, ...vars }, ...rest });
  };
  const [browser, ...opened] = await Promise.all([launch(browserOptions), ...names.map(open)]);
  const worlds = Object.fromEntries(opened.map((world, index) => [names[index], world]));
  return {
    worlds,

    /** A shopper with a browser like this, before this worker. */
    async enter(t, world, how = {}) {
      const context = await browser.newContext({ reducedMotion: "reduce", ...how });
      t.after(() => context.close());
      return new Shopper(await context.newPage(), shop, world);
    },

    close() {
      return Promise.all([browser, shop, ...Object.values(worlds)].map((part) => part.close()));
    },
  };
}
