// What the parts of the panel need of the element around them.

import type { Offer } from "./cart.ts";
import type { Texts } from "./texts.ts";

export interface Refinement {
  text: string;
  type: string;
}

export interface Scene {
  texts: Texts;
  /** The language of the texts, once they are there. */
  spoken?: string;
  /** How numbers are written. */
  locale: string;
  /** The hosts that a link may lead to. */
  hosts: Set<string>;
  /** Tells the page. Returns whether the page lets it happen. */
  emit(name: string, detail?: object, cancelable?: boolean): boolean;
  ask(prompt: string, refinement?: Refinement): Promise<void>;
  nextPage(page: string): Promise<object>;
  fail(error: unknown): void;
  /** Says something, and lets what is counted down go on. */
  mention(words: string, kind?: string): void;
  /** Adds a button for the cart to a card, where the page has a cart. */
  sell(offer: Offer): Promise<void>;
  /** Puts the focus where the shopper goes on writing or reading. */
  focus(): void;
}
