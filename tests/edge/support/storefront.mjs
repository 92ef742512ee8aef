// The shop of `npm start` before a world's worker, for a test of its pages.

import { createServer } from "node:net";

import { NAMES, demoOf } from "../../../scripts/demo.mjs";
import { serveStorefront } from "../../../storefront/server/server.mjs";
import { openWorld } from "./world.mjs";

/** Notes what the page's policy has stopped. */
const RECORDER = `
  globalThis.violations = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    violations.push(violatedDirective + " " + blockedURI);
  });
`;

/**
 * Opens the shop and what is behind it. Whoever opens it closes it.
 *
 * @param {{ name?: string, vars?: import("./world.mjs").Vars }} [options]
 */
export async function openStorefront({ name = NAMES[0], vars } = {}) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const demo = demoOf(name, url);
  const world = await openWorld({ demo, vars: { ALLOWED_ORIGINS: url, ...vars } });
  /** It has one worker, so a switch changes only the name. */
  const stage = {
    names: NAMES,
    name,
    isReady: true,
    simulator: world.simulator.url,
    endpoint: demo.endpoint,
    async switchTo(other) {
      stage.name = other;
    },
  };
  const shop = await serveStorefront({ port, worker: world.url.href, stage });
  return {
    url,
    world,
    stage,
    close: () => Promise.all([shop.close(), world.close()]),
  };
}

/**
 * Opens a page that notes what goes wrong.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function openPage(browser, options) {
  const page = await browser.newPage({ reducedMotion: "reduce", ...options });
  page.setDefaultTimeout(10_000);
  await page.addInitScript(RECORDER);
  return page;
}

/** What the policy of the page that is shown has stopped. */
export function violations(page) {
  return page.evaluate("violations");
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}
