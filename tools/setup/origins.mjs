// The allow-list, made from the addresses of a shop.

import { BadUsage, isLocal, readAddress } from "../usage.mjs";

/** Where names are given out below a country's, such as co.uk. */
const TWO_LEVELS = /^[^.]+\.(ac|co|com|gov|net|ne|or|org)\.[a-z]{2}$/;
const ONE_LEVEL = /^[^.]+\.[^.]+$/;

/** What somebody answers who takes the question for one of yes or no. Shops may have these names, but then in full. */
const NO_NAMES = ["yes", "no", "y", "n", "none"];

/** Where merchants manage their shop at Shopify. No shopper ever sees it. */
const SHOPIFY_ADMIN = "admin.shopify.com";

/**
 * Returns the origins of a storefront. A brand's domain is let in with and without www.
 *
 * @param {string} text
 */
export function originsOf(text) {
  const url = readAddress(text, "The storefront");
  const { hostname, port } = url;
  if (hostname.includes("*")) throw new BadUsage("The storefront is one address, without a *.");
  if (hostname === SHOPIFY_ADMIN) throw new BadUsage(notTheAdmin(url));
  if (!hostname.includes(".") && !isLocal(url))
    throw new BadUsage("The storefront has no domain, such as example.com.");
  if (isLocal(url) || port || hostname.endsWith(".myshopify.com")) return [url.origin];
  if (hostname.startsWith("www.")) return [url.origin, `https://${hostname.slice("www.".length)}`];
  const isBrand = ONE_LEVEL.test(hostname) || TWO_LEVELS.test(hostname);
  return isBrand ? [`https://www.${hostname}`, url.origin] : [url.origin];
}

/**
 * Returns the path of an address. No origin has one, so it is not in the list.
 *
 * @param {string} text
 */
export function pathIn(text) {
  const { pathname } = readAddress(text, "The storefront");
  return pathname === "/" ? "" : pathname;
}

/** @param {URL} url */
function notTheAdmin({ pathname }) {
  const [, name = "example-shop"] = pathname.match(/^\/store\/([a-z\d][a-z\d-]*)(?:\/|$)/) ?? [];
  const seen = `the address that your shoppers see, such as www.example.com or ${name}.myshopify.com`;
  return `${SHOPIFY_ADMIN} is where you manage your shop. The storefront is ${seen}.`;
}

/**
 * Returns the origin of a Shopify shop under its own name. Each shop's name is its own, so it has to be whole.
 *
 * @param {string} text
 */
export function originOfShop(text) {
  if (NO_NAMES.includes(text.trim().toLowerCase()))
    throw new BadUsage("That is no name of a shop. Its name at Shopify is such as example-shop.myshopify.com.");
  const { hostname } = readAddress(text.includes(".") ? text : `${text}.myshopify.com`, "The shop's name");
  if (/^[a-z\d][a-z\d-]*\.myshopify\.com$/.test(hostname)) return `https://${hostname}`;
  throw new BadUsage("A Shopify shop's own name looks like example-shop.myshopify.com.");
}

/**
 * Returns the pattern of the previews of a shop's themes.
 *
 * @param {string} id
 */
export function originOfPreviews(id) {
  if (/^\d{3,}$/.test(id.trim())) return `https://*-${id.trim()}.shopifypreview.com`;
  throw new BadUsage("A shop's id is a number. It is in the address of a preview, before .shopifypreview.com.");
}

/**
 * Adds origins to a list. What is there stays as it is written.
 *
 * @param {string} list
 * @param {string[]} origins
 */
export function addTo(list, origins) {
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
  const known = new Set(entries.map((entry) => entry.toLowerCase().replace(/:443$/, "")));
  const added = [...new Set(origins)].filter((origin) => !known.has(origin));
  return added.length > 0 ? [...entries, ...added].join(", ") : list;
}
