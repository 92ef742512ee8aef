// Whether a visitor of a Shopify shop lets the widget keep something beyond the visit. It is loaded where a page asks for
// `local` storage and has Shopify.

import type { Host } from "./host.ts";

/** Shopify's Customer Privacy API, which comes late or never. */
interface Shopify {
  customerPrivacy?: { preferencesProcessingAllowed?(): boolean };
  loadFeatures?(features: object[], done: () => void): void;
}

/** How long a conversation waits for the API. */
const PATIENCE_MS = 2_000;
/** What the client keeps, by its names. */
const KEPT = ["concierge-pass", "concierge-session"];

const WATCHED = new WeakSet<Host>();
let loading: Promise<void> | undefined;

/**
 * Returns where things may be kept now. They are there already: what may not be kept beyond the visit any more is kept
 * for the visit.
 *
 * @see https://shopify.dev/docs/api/customer-privacy
 */
export async function storageFor(host: Host): Promise<"local" | "session"> {
  const shop = (globalThis as { Shopify?: Shopify }).Shopify;
  loading ??= new Promise<void>((resolve) => {
    if (shop?.customerPrivacy || !shop?.loadFeatures) return resolve();
    setTimeout(resolve, PATIENCE_MS);
    shop.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], resolve);
  }).catch(() => {});
  await loading;
  const decide = () => {
    let isAllowed = false;
    try {
      isAllowed = shop?.customerPrivacy?.preferencesProcessingAllowed?.() === true;
      if (isAllowed) move(sessionStorage, localStorage);
      else move(localStorage, sessionStorage);
    } catch {
      // The API fails, which is no consent, or the browser forbids storage, where nothing is kept anyway.
    }
    return isAllowed ? "local" : "session";
  };
  if (!WATCHED.has(host)) {
    WATCHED.add(host);
    document.addEventListener("visitorConsentCollected", decide);
    // The answer to a question from before a change may have been kept where it may not be.
    host.addEventListener("concierge:message", decide);
  }
  return decide();
}

/** A pass and its conversation belong together, so all of it moves. What is where it may not be is the newest. */
function move(from: Storage, to: Storage) {
  const values = KEPT.map((name) => from.getItem(name));
  if (!values.some(Boolean)) return;
  KEPT.forEach((name, index) => {
    from.removeItem(name);
    const value = values[index];
    if (value) to.setItem(name, value);
    else to.removeItem(name);
  });
}
