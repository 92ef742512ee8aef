// What the panel reads of the element.

import type { Texts } from "./texts.ts";

/** Beside the page, a part of it, or all of it. */
export type Mode = "bubble" | "inline" | "page";

/** Texts of the page's own. */
export type Words = Partial<Texts & { launcher: string }>;

export interface Host extends HTMLElement {
  url: string;
  linkHosts: string;
  storage: string;
  texts: Words;
  /** Returns a token of the shop's server for a shopper whom the shop knows. */
  token?: () => Promise<string | undefined>;
  /** Adds a product to the page's own cart. Returns false if it is sold out, and rejects if it fails. */
  addToCart?: (product: object) => Promise<unknown>;
  readonly language: string;
}
