// The button that adds a product to the cart. It is loaded on pages that have a cart: a Shopify theme's, or the page's own.

import css from "./cart.css";
import { CART_ENGLISH } from "./cart-texts.ts";
import type { Make } from "./extras.ts";
import type { Panel } from "./panel.ts";
import type { Json } from "./values.ts";

/** What a theme has, as far as it is used here. All of it may be missing. */
interface Shopify {
  routes?: { root?: string };
  actions?: { updateCart?(change: object): Promise<Json> };
}

/** What was added, or that there is no more of it, or why the shop did not take it. */
type Outcome = Partial<Record<"variant" | "cart", unknown>> & { name: string; isSoldOut?: boolean; refusal?: unknown };

/** What a card shows. */
export interface Offer {
  card: HTMLElement;
  product: Json;
  title: string;
  url: URL | undefined;
}

const PATIENCE_MS = 10_000;
/** A longer reason would fill the panel. */
const LONGEST_REASON = 300;

/** The shop was asked to add it, and did not say what became of it. */
class Doubt extends Error {}
/** Nothing that would lead elsewhere. */
const HANDLE = /^[\p{L}\p{N}_-]{1,255}$/u;
const SHEET = new CSSStyleSheet();
SHEET.replaceSync(css);

/** Gives a card its button, if the product can be added. */
export function sell({ card, product, title, url }: Offer, { host, scene }: Panel, make: Make) {
  const page = pageOf(product, url);
  const own = host.addToCart;
  if (product.available === false || !(own || page)) return;
  const sheets = host.shadowRoot?.adoptedStyleSheets;
  if (!sheets?.includes(SHEET)) sheets?.push(SHEET);
  const texts = { ...CART_ENGLISH, ...scene.texts };
  const add = make("button", { className: "add" }, texts.add, make("span", { className: "unseen" }, ` ${title}`));
  card.append(add);
  const act = async (): Promise<Outcome> => {
    if (!own) return addAtShopify(page as URL, title);
    return { name: title, isSoldOut: (await own(product)) === false };
  };
  add.addEventListener("click", async () => {
    if (add.ariaDisabled === "true") return;
    add.ariaDisabled = "true";
    try {
      const { name, isSoldOut, refusal, ...added } = await act();
      if (refusal !== undefined) return scene.mention(reasonIn(refusal) || texts.notAdded, "error");
      scene.mention((isSoldOut ? texts.noneLeft : texts.added).replace("{name}", () => name));
      if (!isSoldOut) scene.emit("cart", { product, quantity: 1, ...added });
    } catch (error) {
      // A second one would be in the cart if the first is there all the same.
      if (error instanceof Doubt) return scene.mention(texts.mayBeAdded, "error");
      scene.mention(texts.notAdded, "error");
      // Offline, the product's page is not there either.
      if (navigator.onLine && !own && page && scene.emit("product-click", { product, url: page.href }, true))
        location.assign(page);
    } finally {
      add.ariaDisabled = "false";
    }
  });
}

/** Returns the product's page at the shop, in the shopper's language, or undefined if there is none. */
function pageOf({ handle }: Json, url: URL | undefined): URL | undefined {
  const [, linked] = (url?.host === location.host && /\/products\/([\w%-]+)\/?$/.exec(url.pathname)) || [];
  const named = typeof handle === "string" && HANDLE.test(handle) && encodeURIComponent(handle);
  const shop = shopify();
  return (shop?.routes?.root || shop?.actions) && (linked || named)
    ? at(shop, `products/${linked || named}`)
    : undefined;
}

/**
 * Adds the first variant that is available.
 *
 * @see https://shopify.dev/docs/api/storefront-events-and-actions/actions/update-cart
 * @see https://shopify.dev/docs/api/ajax/reference/cart
 */
async function addAtShopify(page: URL, title: string): Promise<Outcome> {
  const { variants } = await (await ask(new URL(`${page.pathname}.js`, page))).json();
  const variant = variants.find(({ available }: Json) => available);
  if (!variant) return { name: title, isSoldOut: true };
  const name = variants.length > 1 ? `${title}, ${variant.title}` : title;
  const shop = shopify() as Shopify;
  if (shop.actions?.updateCart) {
    const line = { merchandiseId: `gid://shopify/ProductVariant/${variant.id}`, quantity: 1 };
    const { cart, userErrors, warnings } = await settled(shop.actions.updateCart({ lines: [line] }));
    if ((userErrors as unknown[] | undefined)?.length) throw new Error("not added");
    // A line that is out of stock is a warning.
    const isSoldOut = JSON.stringify(warnings ?? []).includes("_STOCK");
    return { name, variant, cart, isSoldOut };
  }
  const body = JSON.stringify({ items: [{ id: variant.id, quantity: 1 }] });
  const headers = { "Content-Type": "application/json" };
  const added = fetch(at(shop, "cart/add.js"), { method: "POST", headers, body }).catch(doubt);
  const response = await settled(added);
  const { ok, status } = response;
  // Sold out, at most so many for each customer, or whatever else the shop says in the shopper's language.
  if (status === 422) return { name, refusal: await response.json().catch(() => null) };
  if (!ok) throw new Error(String(status));
  return { name, variant };
}

/** Returns what the shop tells the shopper, as text. */
function reasonIn(refusal: unknown): string {
  const { description } = (refusal ?? {}) as Json;
  return typeof description === "string" ? description.slice(0, LONGEST_REASON).trim() : "";
}

/** Reads from the shop. Throws if it refuses. */
async function ask(url: URL) {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(String(response.status));
  return response;
}

/** Returns what the shop says, or throws a doubt if it does not say it soon. */
function settled<T>(asked: Promise<T>): Promise<T> {
  return Promise.race([asked, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)).then(doubt)]);
}

function doubt(): never {
  throw new Doubt();
}

function shopify() {
  return (globalThis as { Shopify?: Shopify }).Shopify;
}

/** The root has the shopper's language and country, such as `/fr/`. A root of another origin is not asked. */
function at({ routes }: Shopify, path: string): URL {
  const url = new URL((routes?.root ?? "/") + path, location.origin);
  return url.origin === location.origin ? url : new URL(`/${path}`, location.origin);
}
