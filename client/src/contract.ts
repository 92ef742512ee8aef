// The page's contract, as types. docs/api.md describes it. Nothing here checks what a worker answers.

/** What the page knows about a question. Fields that the assistant does not know are allowed. */
export interface Context {
  /** The page's address. It is used only if its origin is one of the worker's. */
  page_url?: string;
  /** The least that the shopper wants to spend. */
  budget_min?: number;
  /** The most that the shopper wants to spend. */
  budget_max?: number;
  [field: string]: unknown;
}

/** What a shopper may choose next. */
export interface Refinement {
  /** The words, at most 2,000 characters. Show them, and send them as the next prompt. */
  text: string;
  /** What kind it is, at most 128 characters. */
  type: string;
}

/** A product. Every text is text: never insert it into a page as HTML. */
export interface Product {
  /** The assistant's id of the product, or an empty string. */
  id: string;
  /** The product's handle on the storefront, or an empty string. */
  handle: string;
  title: string;
  /** The brand. */
  vendor: string | null;
  description: string | null;
  /** The price in `currency`. */
  price: number | null;
  /** ISO 4217, or an empty string. */
  currency: string;
  /** The https address of a picture. */
  image: string | null;
  /** The https address of the product's page. */
  url: string | null;
  /** Whether it is in stock. */
  available: boolean | null;
}

/** An answer to a question. */
export interface Answer {
  /** The conversation's id, which works only for its shopper. The client keeps it. */
  session_id: string;
  /** What the assistant says, as text. Blank lines part its paragraphs. */
  message: string;
  /** At most 50, the best first. */
  products: Product[];
  intent: string | null;
  /** A question that follows the products, or an empty string. */
  follow_up: string;
  /** At most 20. */
  refinement_options: Refinement[];
  /** What {@link Concierge.nextPage} takes, if there are more products. */
  next_page?: string;
  request_id: string;
}

/** More products. */
export interface ProductPage {
  /** At most 50, the best first. */
  products: Product[];
  /** What {@link Concierge.nextPage} takes, or null on the last page. */
  next_page: string | null;
  request_id: string;
}

/** What was said. */
export interface Message {
  role: "user" | "assistant";
  text: string;
  products: Product[];
  /** When it was said, as the assistant writes it. */
  at: string | null;
}

/** What the worker's assistant offers. A page hides what is not there. */
export interface Capabilities {
  /** The assistant's name, such as `homie`. */
  assistant: string;
  /** Whether answers come in parts. */
  streaming: boolean;
  /** Whether {@link Concierge.history} has an answer. */
  history: boolean;
  /** Whether answers may have a `next_page`. */
  pages: boolean;
  /** Whether a refinement is more to the assistant than a prompt. */
  refinements: boolean;
  /** Whether shoppers can sign up for rewards. */
  signup: boolean;
  /** What omi.me is on for, such as `create_memories`. It is missing where nothing is. */
  omi?: string[];
}

/** A fact that a shopper asked to be remembered. */
export interface Fact {
  /** The fact in words, at most 500 characters. */
  content: string;
  /** At most 10 words to find it by, each of at most 50 characters. */
  tags?: string[];
}
