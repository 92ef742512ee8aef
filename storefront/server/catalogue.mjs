// What the shop sells: the simulator's catalogue, on shelves, with the variants that a cart needs.

import { readFileSync } from "node:fs";

/**
 * What is put into a cart. Prices are in cents. Without a price, it is sold on request only.
 *
 * @typedef {{ id: number, title: string, option: string | null, price: number | null, available: boolean }} Variant
 *
 * @typedef {object} Product
 * @property {number} id
 * @property {string} handle
 * @property {string} title
 * @property {string | null} vendor
 * @property {string | null} description
 * @property {string} category
 * @property {string} colour
 * @property {string} department
 * @property {string | null} option what its variants differ in
 * @property {number | null} price of the first variant
 * @property {boolean} available
 * @property {Variant[]} variants at least one
 *
 * @typedef {object} Listed a product in the file
 * @property {number} id
 * @property {string} handle
 * @property {string} title
 * @property {string | null} vendor
 * @property {string | null} description
 * @property {number | null} price in dollars
 * @property {boolean | null} available null if it is not known
 * @property {string} category
 * @property {string} colour
 */

/** The departments, each with its categories. */
export const DEPARTMENTS = new Map([
  ["home", ["vase", "lamp", "throw", "cushion", "planter"]],
  ["table", ["bowl", "mug", "tray"]],
  ["scent", ["candle", "perfume"]],
  ["wear", ["scarf", "hat", "gloves", "bag", "wallet"]],
  ["jewellery", ["necklace", "earrings", "watch"]],
  ["paper", ["book", "notebook"]],
]);

/**
 * The products with several variants. `more` is what a variant costs beyond the first one, in cents.
 *
 * @type {Map<string, { option: string, values: { title: string, more?: number, soldOut?: boolean }[] }>}
 */
const VARIANTS = new Map([
  ["skipper-ribbed-beanie", { option: "Size", values: [{ title: "S/M" }, { title: "L/XL" }] }],
  [
    "promenade-leather-gloves",
    { option: "Size", values: [{ title: "Small" }, { title: "Medium", soldOut: true }, { title: "Large" }] },
  ],
  ["northlight-cashmere-scarf", { option: "Length", values: [{ title: "180 cm" }, { title: "220 cm", more: 3_500 }] }],
]);

/**
 * What a product's only variant is called.
 *
 * @type {{ option: null, values: { title: string, more?: number, soldOut?: boolean }[] }}
 */
const ONLY = { option: null, values: [{ title: "Default Title" }] };

/** @type {Listed[]} */
const listed = JSON.parse(readFileSync(new URL("../../simulator/catalogue.json", import.meta.url), "utf8"));

/** All products, in the order of the file. */
export const PRODUCTS = listed.map(product);

const byHandle = new Map(PRODUCTS.map((product) => [product.handle, product]));
const byVariant = new Map(
  PRODUCTS.flatMap((product) => product.variants.map((variant) => [variant.id, { product, variant }])),
);

/** @param {string} handle */
export function productOf(handle) {
  return byHandle.get(handle);
}

/**
 * Returns a variant and its product.
 *
 * @param {number} id
 */
export function variantOf(id) {
  return byVariant.get(id);
}

/** @param {string} department */
export function productsIn(department) {
  return PRODUCTS.filter((product) => product.department === department);
}

/**
 * @param {Listed} item
 * @returns {Product}
 */
function product({ id, handle, title, vendor, description, price, available, category, colour }) {
  const [department] = [...DEPARTMENTS].find(([, categories]) => categories.includes(category)) ?? ["home"];
  const { option, values } = VARIANTS.get(handle) ?? ONLY;
  const first = price === null ? null : Math.round(price * 100);
  const isThere = available !== false && first !== null;
  const variants = values.map(({ title, more = 0, soldOut = false }, place) => ({
    id: id * 10 + place + 1,
    title,
    option: option && title,
    price: first === null ? null : first + more,
    available: isThere && !soldOut,
  }));
  const shown = { id, handle, title, vendor, description, category, colour, department };
  return { ...shown, option, price: first, available: isThere, variants };
}
