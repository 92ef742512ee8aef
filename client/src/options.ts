// What a page may say when it makes a client, asks a question, or has a conversation kept.

import type { Context, Refinement } from "./contract.ts";

export interface ConciergeOptions {
  /** The worker's address, such as `https://concierge.example.com`. Only its origin counts. */
  url: string;
  /**
   * Where the shopper's pass and the conversation's id are kept: until the last tab of the visit is closed (`session`,
   * the default), across visits (`local`), or as long as the page (`memory`). It is the page's memory, too, where the
   * browser forbids storage.
   */
  storage?: "session" | "local" | "memory";
  /** What sends the requests, by default the page's `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The page's language (BCP 47), such as `en`. It is sent as `context.locale`, and as a kept conversation's. */
  locale?: string;
  /**
   * Returns a token of the shop's server for a shopper whom the shop knows, or undefined for any other. A token is used
   * until the worker refuses it, or until `reset()`. While there is none, each request asks for it again.
   */
  token?: () => Promise<string | undefined>;
}

/** What may be said about a request. */
export interface RequestOptions {
  /** Ends the request early. */
  signal?: AbortSignal;
}

/** What may be said about a question. An early end may come too late: it may have been a turn of the conversation. */
export interface AskOptions extends RequestOptions {
  /** What the page knows about the question. */
  context?: Context;
  /** The refinement that the shopper chose. Send its text as the prompt, too. */
  refinement?: Refinement;
  /** Called with each further part of the message, where the assistant answers in parts. The answer counts. */
  onDelta?: (text: string) => void;
  /** Called with what the assistant is at, such as `typing`. It needs `onDelta`. */
  onStatus?: (state: string) => void;
}

/** What may be said about a conversation that is to be kept. */
export interface Conversation {
  /** When it began (RFC 3339). */
  started_at?: string;
  /** When it ended (RFC 3339). */
  finished_at?: string;
  /** Its language (BCP 47), by default the client's `locale`. */
  language?: string;
  /** What makes a repetition the same conversation: 1 to 128 visible ASCII characters. By default a hash of the text. */
  idempotency_key?: string;
}

/** Says how many seconds a refused request still waits before it is sent again, from the whole wait down to 0. */
export type LimitedEvent = CustomEvent<{ seconds: number }>;

/** An event target that knows its own event. */
export interface ConciergeTarget extends EventTarget {
  addEventListener(
    type: "limited",
    listener: (event: LimitedEvent) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}
