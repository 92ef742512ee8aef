// What a page imports.

export { Concierge } from "./concierge.ts";
export { ConciergeError } from "./error.ts";
export type {
  AskOptions,
  ConciergeOptions,
  ConciergeTarget,
  Conversation,
  LimitedEvent,
  RequestOptions,
} from "./options.ts";
export type { Answer, Capabilities, Context, Fact, Message, Product, ProductPage, Refinement } from "./contract.ts";
