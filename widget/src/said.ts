// What was said, kept in the tab for its next page, and for a new tab. It stands in for the history of an assistant that
// has none.

import type { Chat } from "./client.ts";
import type { Panel } from "./panel.ts";
import { SESSION } from "./tabs.ts";
import type { Json } from "./values.ts";

/** Its name in storage, and the channel's on which a new tab asks for it. The panel removes it by this name. */
const SAID = "concierge-said";
const MOST_MESSAGES = 20;
const MOST_CHARACTERS = 100_000;
/** How long a new tab waits for another one, which answers within a few milliseconds. */
const PATIENCE_MS = 100;

interface Said {
  /** The conversation's id. */
  of: unknown;
  /** Whom the shop took the shopper for. */
  who: string;
  messages: Json[];
}

/** Answers new tabs that ask for a conversation. */
export function share() {
  if (!("BroadcastChannel" in globalThis)) return;
  const channel = new BroadcastChannel(SAID);
  channel.onmessage = ({ data }) => {
    const said = read();
    if (said && said.of === data) channel.postMessage(said);
  };
}

/** Keeps a turn, unless the assistant has a history, or the page keeps nothing. */
export async function keep(panel: Panel, prompt: string, { session_id: of, message, ...answer }: Json) {
  if (panel.host.storage === "memory") return;
  const client = await panel.client();
  const offers = await client.capabilities().catch(() => undefined);
  // The conversation may have been left meanwhile.
  if (offers?.history || !of || of !== client.shelf.get(SESSION)) return;
  const who = subjectOf(panel.token);
  const said = read();
  const before = said?.of === of && said.who === who ? said.messages : [];
  const { products, follow_up, next_page, refinement_options } = answer;
  const turn = [
    { role: "user", text: prompt },
    { role: "assistant", text: message, products, follow_up, next_page, refinement_options },
  ];
  // Only the last answer has chips.
  const messages = [...before.map((old) => ({ ...old, refinement_options: undefined })), ...turn];
  write({ of, who, messages: messages.slice(-MOST_MESSAGES) });
}

/** Shows what was said before: what the assistant remembers, or else what is kept. */
export async function restore(panel: Panel) {
  const { begun, transcript } = panel;
  const client = await panel.client();
  const offers = await client.capabilities().catch(() => undefined);
  const session = client.shelf.get(SESSION);
  if (!session) return;
  const messages = await (offers?.history ? historyOf(client, session) : recall(panel, client, session));
  // A question that was faster may be in it as well.
  if (begun === panel.begun && !transcript.element.querySelector(".turn")) transcript.restore(messages);
}

/** As the client library has it. A panel does without: it needs this once a conversation has begun. */
async function historyOf({ courier }: Chat, session: string): Promise<unknown> {
  const path = `concierge/history?session_id=${encodeURIComponent(session)}`;
  return (await courier.send<{ messages: unknown }>(path)).messages;
}

/** Returns what is kept of the conversation that goes on. Anything else that is kept is removed. */
async function recall(panel: Panel, { shelf }: Chat, session: string): Promise<unknown> {
  const own = read();
  const said = own?.of === session ? own : await askOtherTabs(session);
  if (said) shelf.token ||= panel.token = await panel.host.token?.();
  const isTheirs = said && said.who === subjectOf(shelf.token) && session === shelf.get(SESSION);
  if (isTheirs) write(said);
  else sessionStorage.removeItem(SAID);
  return isTheirs ? said.messages : undefined;
}

/** Returns what another tab has kept of a conversation. */
function askOtherTabs(session: unknown): Promise<Said | undefined> {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(SAID);
    channel.onmessage = ({ data }) => {
      const said = checked(data);
      if (said?.of === session) resolve(said);
    };
    channel.postMessage(session);
    setTimeout(() => {
      channel.close();
      resolve(undefined);
    }, PATIENCE_MS);
  });
}

function write({ messages, ...said }: Said) {
  // No card shows a description.
  const written = () =>
    JSON.stringify({ ...said, messages }, (name, value) => (name === "description" ? undefined : value));
  while (messages.length > 0 && written().length > MOST_CHARACTERS) messages.shift();
  try {
    sessionStorage.setItem(SAID, written());
  } catch {
    // Storage is forbidden, or full.
  }
}

function read(): Said | undefined {
  try {
    return checked(JSON.parse(sessionStorage.getItem(SAID) ?? "null"));
  } catch {
    // It is not ours, or storage is forbidden.
    return undefined;
  }
}

function checked(said: Said | undefined): Said | undefined {
  return Array.isArray(said?.messages) ? { ...said, messages: said.messages.slice(-MOST_MESSAGES) } : undefined;
}

/** Returns whom a token names. It only hides what was said, so nothing is verified. */
function subjectOf(token = ""): string {
  try {
    return String(JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub);
  } catch {
    return "";
  }
}
