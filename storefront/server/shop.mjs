// The paths of the shop, with those of a Shopify theme: pages, forms, and the Ajax API.

import { cartJson, lineJson, productJson } from "./ajax.mjs";
import { CartError, Carts } from "./carts.mjs";
import { DEPARTMENTS, productOf } from "./catalogue.mjs";
import { place } from "./paths.mjs";
import { advicePage, assistantPage, cartPage, missingPage } from "./pages.mjs";
import { productPage } from "./product.mjs";
import { HTML, json, reply } from "./reply.mjs";
import { departmentPage, homePage } from "./shelves.mjs";
import { textsIn } from "./texts.mjs";

/** @import { Cart } from "./carts.mjs" */
/** @import { Reply } from "./reply.mjs" */
/** @import { Texts } from "./texts.mjs" */

const COOKIE = "halden_cart";

/**
 * What a page of the shop is made of.
 *
 * @typedef {object} Shop
 * @property {string} lang
 * @property {string} root the address of its language's first page, with a slash at its end
 * @property {string} path the path within that root
 * @property {Texts} texts
 * @property {number} count how many pieces are in the cart
 * @property {string} worker the worker's origin
 * @property {boolean} hasPanel whether there is a developer panel
 *
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path
 * @property {string} cookie
 * @property {string} body
 * @property {boolean} isOwn whether a page of the shop sent it
 *
 * @typedef {Pick<Shop, "worker" | "hasPanel">} Surroundings
 */

/** The pages with an address of their own. */
const PAGES = new Map([
  ["/", homePage],
  ["/pages/gift-advice", advicePage],
  ["/pages/assistant", assistantPage],
]);

export class Storefront {
  #surroundings;
  #carts = new Carts();

  /** @param {Surroundings} surroundings */
  constructor(surroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * @param {Request} request
   * @returns {Reply}
   */
  answer(request) {
    const { lang, root, path } = place(request.path);
    const cart = this.#carts.find(tokenIn(request.cookie));
    const shop = { lang, root, path, texts: textsIn(lang), count: cart.count, ...this.#surroundings };
    if (request.method === "POST") return this.#change(shop, cart, request);
    if (request.method !== "GET" && request.method !== "HEAD") return refused(405, "This path is read-only.");
    return show(shop, cart);
  }

  /**
   * Changes the cart.
   *
   * @param {Shop} shop
   * @param {Cart} cart
   * @param {Request} request
   * @returns {Reply}
   */
  #change(shop, cart, { body, isOwn }) {
    const change = CHANGES.get(shop.path);
    if (!change) return refused(405, "This path takes no POST.");
    if (!isOwn) return refused(403, "Only a page of the shop changes a cart.");
    const { headers, ...rest } = change(shop, cart, body);
    if (cart.count === 0) return { headers, ...rest };
    this.#carts.keep(cart);
    const kept = `${COOKIE}=${cart.token}; Path=/; HttpOnly; SameSite=Lax`;
    return { headers: { ...headers, "Set-Cookie": kept }, ...rest };
  }
}

/** @type {Map<string, (shop: Shop, cart: Cart, body: string) => Reply>} */
const CHANGES = new Map([
  ["/cart/add.js", addByScript],
  ["/cart/add", addByForm],
  ["/cart", update],
]);

/**
 * @param {Shop} shop
 * @param {Cart} cart
 * @returns {Reply}
 */
function show(shop, cart) {
  const { path } = shop;
  const page = PAGES.get(path);
  if (page) return reply(200, HTML, page(shop));
  if (path === "/cart") return reply(200, HTML, cartPage(shop, cart));
  if (path === "/cart.js") return json(200, cartJson(shop, cart));
  const [, kind, name = "", ...rest] = path.split("/");
  if (rest.length === 0 && kind === "collections" && DEPARTMENTS.has(name)) {
    return reply(200, HTML, departmentPage(shop, name));
  }
  if (rest.length === 0 && kind === "products") {
    const [handle, extension] = name.split(".");
    const product = productOf(handle);
    if (product && extension === undefined) return reply(200, HTML, productPage(shop, product));
    if (product && name === `${handle}.js`) return json(200, productJson(shop, product));
  }
  return path.endsWith(".js") ? refused(404, "Not found.") : reply(404, HTML, missingPage(shop));
}

/**
 * `POST /cart/add.js` with `{items: [{id, quantity}]}`.
 *
 * @param {Shop} shop
 * @param {Cart} cart
 * @param {string} body
 */
function addByScript(shop, cart, body) {
  try {
    const items = itemsIn(body);
    return json(200, { items: cart.add(items).map((line) => lineJson(shop, line)) });
  } catch (error) {
    if (error instanceof CartError) return refused(error.status, error.message);
    throw error;
  }
}

/**
 * @param {string} body
 * @returns {{ id: unknown, quantity?: unknown }[]}
 */
function itemsIn(body) {
  try {
    const { items } = JSON.parse(body);
    if (Array.isArray(items) && items.length > 0 && items.every((item) => item?.id !== undefined)) return items;
  } catch {
    // What is not JSON has no items either.
  }
  throw new CartError(400, "Required parameter missing or invalid: items");
}

/**
 * `POST /cart/add`, the form of a product's page.
 *
 * @param {Shop} shop
 * @param {Cart} cart
 * @param {string} body
 * @returns {Reply}
 */
function addByForm(shop, cart, body) {
  const form = new URLSearchParams(body);
  try {
    cart.add([{ id: form.get("id"), quantity: form.get("quantity") ?? 1 }]);
    return toCart(shop);
  } catch (error) {
    if (error instanceof CartError) return reply(error.status, HTML, cartPage(shop, cart, error.message));
    throw error;
  }
}

/**
 * `POST /cart`, the form of the cart's page.
 *
 * @param {Shop} shop
 * @param {Cart} cart
 * @param {string} body
 */
function update(shop, cart, body) {
  for (const [name, value] of new URLSearchParams(body)) {
    const [, id] = name.match(/^updates\[(\d+)\]$/) ?? [];
    if (id) cart.set(Number(id), value === "" ? Number.NaN : Number(value));
    if (name === "remove") cart.set(Number(value), 0);
  }
  return toCart(shop);
}

/**
 * @param {Shop} shop
 * @returns {Reply}
 */
function toCart({ root }) {
  return { status: 303, headers: { Location: `${root}cart` }, body: "" };
}

/**
 * A refusal in the form of Shopify's.
 *
 * @param {number} status
 * @param {string} description
 */
function refused(status, description) {
  return json(status, { status, message: "Cart Error", description });
}

/** @param {string} cookie */
function tokenIn(cookie) {
  const [, token] = cookie.match(new RegExp(`(?:^|; )${COOKIE}=([0-9a-f-]{36})(?:;|$)`)) ?? [];
  return token;
}
