// What was said, with its products: kept in the tab for its next page and for a new tab, and told to the tabs that have
// the conversation open. An assistant's own history has texts only, if it has one.

import type { Chat } from "./client.ts";
import type { Make } from "./extras.ts";
import {
  type Said,
  type Turn,
  append,
  forget,
  gather,
  leave,
  objects,
  openChannel,
  read,
  subjectOf,
  wasOpen,
  write,
} from "./kept.ts";
import type { Panel } from "./panel.ts";
import { SESSION } from "./tabs.ts";
import type { Json } from "./values.ts";

export class Keeper {
  #panel: Panel;
  #channel = openChannel();
  /** What other tabs have told, and is not shown yet. */
  #turns: Turn[] = [];
  #restoring?: Promise<void>;

  /** Answers tabs that ask for a conversation. Shows the turns of other tabs, and calls back then. */
  constructor(panel: Panel, shown: () => void) {
    this.#panel = panel;
    addEventListener("pagehide", () => leave(!!panel.host.shadowRoot?.querySelector("dialog.panel[open]")));
    const channel = this.#channel;
    if (!channel) return;
    channel.onmessage = ({ data }) => {
      const said = read();
      if (said && said.of === data) channel.postMessage(said);
      if (!data?.answer) return;
      this.#turns.push(data);
      void this.#show(shown);
    };
    // They wait for the answer to a question of this tab.
    new MutationObserver(() => this.#show(shown)).observe(panel.transcript.element, { childList: true });
  }

  /** Keeps a turn of this tab and tells the others, unless the page keeps nothing. */
  async keep(prompt: string, { session_id: of, ...answer }: Json) {
    const panel = this.#panel;
    if (panel.host.storage === "memory") return;
    const { shelf } = await panel.client();
    // The conversation may have been left meanwhile.
    if (!of || of !== shelf.get(SESSION)) return;
    const turn = { of, who: subjectOf(panel.token), prompt, answer };
    append(read(), turn);
    this.#channel?.postMessage(turn);
  }

  /** Shows what was said before. `files` are what its cards need. */
  restore(make: Make, files: Promise<unknown>): Promise<void> {
    this.#restoring = this.#restore(make, files);
    return this.#restoring;
  }

  async #restore(make: Make, files: Promise<unknown>) {
    const { begun, transcript } = this.#panel;
    const log = transcript.element;
    const client = await this.#panel.client();
    const session = client.shelf.get(SESSION);
    if (!session) return;
    const [told, kept] = await Promise.all([historyOf(client, session), gather(session), files]);
    const messages = merge(told, await this.#theirs(client, kept, session));
    // A question that was faster may be in it as well.
    if (messages.length === 0 || begun !== this.#panel.begun || log.querySelector(".turn")) return;
    this.#turns = this.#turns.filter(({ prompt }) => !messages.some(({ text }) => text === prompt));
    // Only the last answer has chips.
    const last = messages.length - 1;
    const turns = messages.map((message, index) =>
      transcript.turnOf(index < last ? { ...message, refinement_options: undefined } : message),
    );
    // It is not read out.
    log.replaceChildren(make("div", { className: "turn", ariaLive: "off" }, ...turns));
    if (wasOpen()) this.#panel.open(true);
    const toEnd = () => {
      log.scrollTop = log.scrollHeight;
    };
    toEnd();
    // Then the cards have their buttons, too.
    setTimeout(toEnd);
  }

  /** Returns what is kept, if it is this shopper's conversation that goes on. Anything else that is kept is removed. */
  async #theirs({ shelf }: Chat, said: Said | undefined, session: string): Promise<Json[]> {
    const panel = this.#panel;
    if (said) shelf.token ||= panel.token = await panel.host.token?.();
    const isTheirs = said && said.who === subjectOf(shelf.token) && session === shelf.get(SESSION);
    if (isTheirs) write(said);
    else forget();
    return isTheirs ? said.messages : [];
  }

  async #show(shown: () => void) {
    if (this.#turns.length === 0) return;
    const panel = this.#panel;
    await this.#restoring;
    const { shelf } = await panel.client();
    if (panel.transcript.element.querySelector(".preview")) return;
    for (const turn of this.#turns.splice(0)) {
      if (turn.of !== shelf.get(SESSION) || turn.who !== subjectOf(panel.token)) continue;
      panel.transcript.ask(turn.prompt).answer(turn.answer);
      append(read(), turn);
      shown();
    }
  }
}

/** As the client library has it. A panel does without: it needs this once a conversation has begun. */
async function historyOf(client: Chat, session: string): Promise<Json[]> {
  try {
    if (!(await client.capabilities()).history) return [];
    const path = `concierge/history?session_id=${encodeURIComponent(session)}`;
    return objects((await client.courier.send<{ messages: unknown }>(path)).messages);
  } catch {
    // What is kept is better than nothing.
    return [];
  }
}

/** Returns what the assistant remembers, with what is kept beside its texts. */
function merge(told: Json[], kept: Json[]): Json[] {
  if (told.length === 0) return kept;
  const rest = [...kept];
  // What is kept is the end of the conversation.
  return told
    .reverse()
    .map((message) => {
      const at = rest.findLastIndex(({ role, text }) => role === message.role && text === message.text);
      return at < 0 ? message : { ...message, ...rest.splice(at, 1)[0] };
    })
    .reverse();
}
