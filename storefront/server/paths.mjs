// Where the parts of the shop are. The shop in a language other than English has a root of its own.

/** @import { Product } from "./catalogue.mjs" */

/** The languages, each with its root. */
export const ROOTS = new Map([
  ["en", "/"],
  ["de", "/de/"],
]);

/**
 * Returns the language of a path, its root, and the path within the root.
 *
 * @param {string} path
 */
export function place(path) {
  const isGerman = path === "/de" || path.startsWith("/de/");
  const lang = isGerman ? "de" : "en";
  return { lang, root: ROOTS.get(lang) ?? "/", path: isGerman ? path.slice(3) || "/" : path };
}

/** @param {Product} product */
export function picture({ handle }) {
  return `/pictures/${handle}.svg`;
}
