// The demo shop, with the assistant's simulator and the worker behind it: what `npm start` and `npm run pictures` run.

import { serveStorefront } from "../storefront/server/server.mjs";
import { buildAssets } from "./assets.mjs";
import { build, cargo } from "./build.mjs";
import { freePort } from "./ports.mjs";
import { Stage } from "./stage.mjs";
import { say } from "./steps.mjs";

/** Builds everything that the shop runs. */
export async function buildShop() {
  say("Compiling the simulator");
  await Promise.all([buildAssets(), build(), cargo("build", "--package", "simulator")]);
}

/**
 * Serves the shop. Nothing is behind it before `stage.open()`.
 *
 * @param {object} options
 * @param {string} options.name the assistant
 * @param {string[]} [options.origins] whose pages may ask, too
 * @param {number} options.firstPort the worker takes it or the next free one, and the shop the one after that
 * @param {() => void} options.onFailure called when a program ends by itself
 */
export async function openShop(options) {
  const { name, origins, firstPort, onFailure } = options;
  const workerPort = await freePort(firstPort);
  const worker = `http://localhost:${workerPort}`;
  const port = await freePort(firstPort + 1, workerPort);
  const stage = new Stage({ name, page: `http://localhost:${port}`, origins, workerPort, onFailure });
  let shop;
  try {
    shop = await serveStorefront({ port, worker, stage });
  } catch (error) {
    // Another program took the port after it was looked at. The next look sees that.
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EADDRINUSE") return openShop(options);
    throw error;
  }
  const close = () => Promise.all([shop.close(), stage.close()]);
  return { worker, url: shop.url, stage, close };
}
