// What a Shopify theme gives its pages, and a cart's count that follows whatever puts something into the cart.

/** @typedef {{ Shopify?: { routes: { root: string } } }} Theme */

const root = document.documentElement.dataset.root ?? "/";
/** @type {Theme} */ (window).Shopify = { routes: { root } };

const ADDED = /\/cart\/add\.js$/;
const send = window.fetch.bind(window);
window.fetch = async (input, init) => {
  const response = await send(input, init);
  if (response.ok && ADDED.test(response.url)) void recount();
  return response;
};

async function recount() {
  const response = await send(`${root}cart.js`);
  const count = document.querySelector("#cart-count");
  if (!response.ok || !count) return;
  const cart = /** @type {{ item_count: number }} */ (await response.json());
  count.textContent = String(cart.item_count);
}
