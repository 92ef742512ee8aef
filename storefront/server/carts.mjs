// The carts of this run, in the server's memory. A browser knows its own by a cookie.

import { randomUUID } from "node:crypto";

import { variantOf } from "./catalogue.mjs";

/** @import { Product, Variant } from "./catalogue.mjs" */

/** Beyond that, the oldest cart is dropped. */
const MOST_CARTS = 1_000;
/** Of one variant. */
const MOST_PIECES = 99;

/** @typedef {{ product: Product, variant: Variant, price: number, quantity: number }} Line */

/** What cannot be put into a cart, as the Ajax API tells it. */
export class CartError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** A cart with what is in it. */
export class Cart {
  token = randomUUID();
  /**
   * The pieces of each variant, by its id.
   *
   * @type {Map<number, number>}
   */
  #pieces = new Map();

  /** @returns {Line[]} */
  get lines() {
    return [...this.#pieces].flatMap(([id, quantity]) => {
      const known = variantOf(id);
      return known ? [{ ...known, price: known.variant.price ?? 0, quantity }] : [];
    });
  }

  get count() {
    return this.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  }

  get total() {
    return this.lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  }

  /**
   * Adds all of them, or none if one of them cannot be added. Returns their lines.
   *
   * @param {{ id: unknown, quantity?: unknown }[]} items
   */
  add(items) {
    const checked = items.map(({ id, quantity = 1 }) => {
      const known = variantOf(Number(id));
      const pieces = Number(quantity);
      if (!known) throw new CartError(404, "Cannot find variant");
      if (!(Number.isInteger(pieces) && pieces >= 1)) throw new CartError(422, "The quantity is not a whole number");
      const { product, variant } = known;
      if (!variant.available) throw new CartError(422, `The product '${product.title}' is already sold out.`);
      return { id: variant.id, pieces };
    });
    for (const { id, pieces } of checked) this.set(id, (this.#pieces.get(id) ?? 0) + pieces);
    const added = new Set(checked.map(({ id }) => id));
    return this.lines.filter(({ variant }) => added.has(variant.id));
  }

  /**
   * Sets how many pieces there are of a variant. Nothing happens if there is no such variant, or no such number.
   *
   * @param {number} id
   * @param {number} quantity
   */
  set(id, quantity) {
    if (!variantOf(id) || !(Number.isInteger(quantity) && quantity >= 0)) return;
    if (quantity > 0) this.#pieces.set(id, Math.min(quantity, MOST_PIECES));
    else this.#pieces.delete(id);
  }
}

export class Carts {
  /** @type {Map<string, Cart>} */
  #carts = new Map();

  /**
   * Returns the cart with this token, or an empty one that is kept only once something is put into it.
   *
   * @param {string | undefined} token
   */
  find(token) {
    return this.#carts.get(token ?? "") ?? new Cart();
  }

  /** @param {Cart} cart */
  keep(cart) {
    this.#carts.set(cart.token, cart);
    const [oldest] = this.#carts.keys();
    if (this.#carts.size > MOST_CARTS) this.#carts.delete(oldest);
  }
}
