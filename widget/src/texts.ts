// The words of the widget. English is built in, every other language is a file that is loaded when it is needed. What has
// a file of its own has its English there, and its other languages here.

import type { CartTexts } from "./cart-texts.ts";
import type { CountdownTexts } from "./countdown-texts.ts";
import type { MemoryTexts } from "./memory-texts.ts";
import type { TabsTexts } from "./tabs-texts.ts";

export const ENGLISH = {
  title: "Shopping assistant",
  greeting: "Hello. I am this shop’s AI assistant. Tell me who it is for, the occasion or your budget.",
  log: "Conversation",
  you: "You:",
  assistant: "Assistant:",
  field: "What are you looking for?",
  send: "Send",
  close: "Close",
  reset: "New conversation",
  typing: "The assistant is typing …",
  products: "Products",
  shown: "Products shown: {count}",
  product: "Product",
  soldOut: "Sold out",
  newTab: "(opens in a new tab)",
  more: "Show more",
  empty: "I have no answer to that. Please rephrase it.",
  ready: "You can ask again now.",
  offline: "You are offline. Your question stays here.",
  unreachable: "We could not reach the assistant. Please check your connection.",
  tooLong: "That is too long. Please shorten it.",
  slow: "That took too long. Please ask again.",
  failed: "Something went wrong. Please ask again.",
  details: "Details",
  reference: "Reference: {id}",
};

/** What a panel needs, and what it may have beside that. */
export type Texts = typeof ENGLISH & Partial<CartTexts & CountdownTexts & MemoryTexts & TabsTexts>;
export type AllTexts = Required<Texts>;

const LANGUAGES = new Map<string, () => Promise<{ texts: AllTexts }>>([
  ["de", () => import("./languages/de.ts")],
  ["fr", () => import("./languages/fr.ts")],
  ["es", () => import("./languages/es.ts")],
  ["ja", () => import("./languages/ja.ts")],
]);

/** Returns the texts for a language tag and the language that they are in. They are English if there are no others. */
export async function textsFor(tag: string): Promise<[Texts, string]> {
  const [language] = tag.toLowerCase().split("-");
  // English is better than nothing, if the file does not come.
  const loaded = await LANGUAGES.get(language)?.().catch(() => undefined);
  return loaded ? [loaded.texts, language] : [ENGLISH, "en"];
}

/** Puts a value into the place that a text has for it. */
export function fill(text: string, value: string | number): string {
  return text.replace(/\{\w+\}/, () => String(value));
}

/** Returns what a shopper is told about an error. */
export function inWords(code: string, texts: Texts): string {
  if (!navigator.onLine) return texts.offline;
  if (code === "unreachable") return texts.unreachable;
  if (/too_(long|large)$/.test(code)) return texts.tooLong;
  return code.endsWith("timeout") ? texts.slow : texts.failed;
}
