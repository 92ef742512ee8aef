// What a page calls.

import { Chat } from "./chat.ts";
import type { Fact, Message } from "./contract.ts";
import { ConciergeError } from "./error.ts";
import { keyOf } from "./key.ts";
import type { Conversation, RequestOptions } from "./options.ts";
import { SESSION } from "./shelf.ts";

/** A conversation, and what omi.me is asked to remember of it. */
export class Concierge extends Chat {
  /**
   * Has omi.me remember 1 to 20 facts. Call it only if the shopper has just agreed to these words.
   *
   * Rejects with `not_offered`, before anything is told, if the worker does not offer it.
   */
  remember(facts: readonly Fact[]): Promise<void> {
    return this.#tellOmi("memories", { memories: facts });
  }

  /**
   * Has omi.me keep a conversation. Call it only if the shopper has just agreed to this text. The same text is kept once
   * a day, so it may be sent again after a failure.
   *
   * Rejects with `not_offered`, before anything is told, if the worker does not offer it. `in_doubt` means that it may
   * have been kept or not.
   */
  keep(text: string, more?: Conversation): Promise<void> {
    return this.#tellOmi("conversations", { text, language: this.locale, idempotency_key: keyOf(text), ...more });
  }

  /**
   * Returns what was said in the conversation, at most 50 messages. It is nothing without a conversation, or where the
   * assistant has no history.
   */
  async history(options?: RequestOptions): Promise<Message[]> {
    await this.shelf.ready;
    const session = this.shelf.get(SESSION);
    if (!session || !(await this.capabilities()).history) return [];
    const path = `concierge/history?session_id=${encodeURIComponent(session)}`;
    return (await this.courier.send<{ messages: Message[] }>(path, options)).messages;
  }

  async #tellOmi(what: string, wish: object) {
    if (!(await this.capabilities()).omi?.includes(`create_${what}`)) throw new ConciergeError("not_offered");
    await this.courier.send(`omi/${what}`, { body: { consent: true, ...wish } });
  }
}
