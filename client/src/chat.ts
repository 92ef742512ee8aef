// A conversation, and what the assistant offers.

import type { Answer, Capabilities, ProductPage } from "./contract.ts";
import { type Courier, hireCourier } from "./courier.ts";
import type { AskOptions, ConciergeOptions, ConciergeTarget, RequestOptions } from "./options.ts";
import { SESSION, type Shelf, openShelf } from "./shelf.ts";
import { within } from "./waiting.ts";

/** How long a question waits to learn whether answers come in parts. */
const CAPABILITIES_MS = 3_000;

/**
 * A shopper's conversation with the assistant behind a worker.
 *
 * Nothing is sent before the page asks for something. All methods reject with a {@link ConciergeError}.
 *
 * A request that a budget refuses for at most 20 seconds is sent once more after that time. Meanwhile, a `limited` event
 * says each second how many are left. A request that the worker says it did not take is sent once more, too. A question
 * that may have been a turn of the conversation is never sent again.
 */
export class Chat extends (EventTarget as new () => ConciergeTarget) {
  /** Sends what further classes ask. A page has no use for it. */
  declare readonly courier: Courier;
  /** Keeps the conversation's id. A page has no use for it. */
  declare readonly shelf: Shelf;
  declare readonly locale: string | undefined;
  #capabilities: Capabilities | undefined;

  /** Throws a `TypeError` if the URL is none. */
  constructor(options: ConciergeOptions);
  constructor(options = {} as ConciergeOptions) {
    super();
    this.locale = options.locale;
    this.shelf = openShelf(options.storage);
    this.courier = hireCourier(options, this.shelf, (seconds) =>
      this.dispatchEvent(new CustomEvent("limited", { detail: { seconds } })),
    );
  }

  /**
   * Returns the answer to the shopper's words, 1 to 2,000 characters. It goes on with the conversation that this tab or
   * another tab of the visit has begun.
   */
  async ask(prompt: string, { context, refinement, ...rest }: AskOptions = {}): Promise<Answer> {
    // If it is not known soon whether answers come in parts, they come whole.
    const offers =
      rest.onDelta && (await within(CAPABILITIES_MS, rest.signal, () => this.capabilities()).catch(() => {}));
    await this.shelf.ready;
    const { ends } = this.shelf;
    const session = this.shelf.get(SESSION);
    const body = { prompt, session_id: session, context: { locale: this.locale, ...context }, refinement };
    const answer = await this.courier.send<Answer>("concierge/chat", { body, live: offers?.streaming, ...rest });
    // An answer that comes after a reset, in whichever tab, belongs to the conversation that was left.
    const isCurrent = ends === this.shelf.ends && session === this.shelf.get(SESSION);
    if (answer.session_id && isCurrent) this.shelf.set(SESSION, answer.session_id);
    return answer;
  }

  /** Returns more products for the `next_page` of an answer or of a page. Each page counts as a question. */
  nextPage(page: string, options?: RequestOptions): Promise<ProductPage> {
    return this.courier.send(`concierge/products?page=${encodeURIComponent(page)}`, options);
  }

  /** Leaves the conversation, in all tabs of the visit. Call it also when the shopper logs in or out. */
  reset(): void {
    this.shelf.set(SESSION);
  }

  /** Returns what the worker's assistant offers. Once that is known, it is not asked again. */
  async capabilities(): Promise<Capabilities> {
    this.#capabilities ??= await this.courier.send<Capabilities>("concierge/capabilities", { anonymous: true });
    return this.#capabilities;
  }
}
