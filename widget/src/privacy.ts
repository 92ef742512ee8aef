// Whether a visitor of a Shopify shop lets the widget keep something beyond the visit. It is loaded at once where a page
// asks for `local` storage and has Shopify, because a visitor may change their mind before they open the chat.

/** Shopify's Customer Privacy API, which comes late or never. */
interface Shopify {
  customerPrivacy?: { preferencesProcessingAllowed?(): boolean };
  loadFeatures?(features: object[], done: () => void): void;
}

/** How long a conversation waits for the API. */
const PATIENCE_MS = 2_000;
/** What the client keeps, by its names. */
const KEPT = ["concierge-pass", "concierge-session"];

const shop = (globalThis as { Shopify?: Shopify }).Shopify;
let loading: Promise<void> | undefined;
/** Whether this page has seen a consent. */
let wasAllowed = false;

/**
 * Returns where things may be kept now. They are there already.
 *
 * @see https://shopify.dev/docs/api/customer-privacy
 */
export async function storageFor(): Promise<"local" | "session"> {
  loading ??= new Promise<void>((resolve) => {
    if (shop?.customerPrivacy || !shop?.loadFeatures) return resolve();
    setTimeout(resolve, PATIENCE_MS);
    shop.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], resolve);
  }).catch(() => {});
  await loading;
  return decide();
}

/** What may not be kept beyond the visit any more is kept for the visit. */
function decide() {
  let isAllowed: boolean | undefined;
  try {
    isAllowed = shop?.customerPrivacy?.preferencesProcessingAllowed?.();
  } catch {
    // An API that fails has said nothing.
  }
  try {
    if (isAllowed === true) {
      wasAllowed = true;
      move(sessionStorage, localStorage);
    } else if (wasAllowed) move(localStorage, sessionStorage);
    // An earlier visit has kept it. This one does not go on with it.
    else if (isAllowed === false) KEPT.forEach(leave);
  } catch {
    // The browser forbids storage, where nothing is kept anyway.
  }
  return isAllowed === true ? "local" : "session";
}

/** A pass and its conversation belong together, so all of it moves. What is where it may not be is the newest. */
function move(from: Storage, to: Storage) {
  const values = KEPT.map((name) => from.getItem(name));
  if (!values.some(Boolean)) return;
  KEPT.forEach((name, index) => {
    if (from === localStorage) leave(name);
    else from.removeItem(name);
    const value = values[index];
    if (value) to.setItem(name, value);
    else to.removeItem(name);
  });
}

/** Removes what was kept beyond the visit. It is empty first, which tells the other tabs that nothing has ended. */
function leave(name: string) {
  if (localStorage.getItem(name)) localStorage.setItem(name, "");
  localStorage.removeItem(name);
}

document.addEventListener("visitorConsentCollected", decide);
// What was on its way at a change may have been kept where it may not be. Some requests fail, and some end unseen.
for (const name of ["concierge:message", "concierge:error", "concierge:limited", "pagehide"])
  addEventListener(name, decide, true);
// Another tab has left what this one goes on with.
addEventListener("storage", ({ key, oldValue, newValue }) => {
  if (key && oldValue && newValue === "" && KEPT.includes(key)) sessionStorage.setItem(key, oldValue);
});
void storageFor();
