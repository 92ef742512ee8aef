// What was said, kept in the tab for its next page. It stands in for the history of an assistant that has none.

import type { Panel } from "./panel.ts";
import { SESSION } from "./tabs.ts";
import type { Json } from "./values.ts";

/** The panel removes it by this name when a conversation begins. */
const SAID = "concierge-said";
const MOST_MESSAGES = 20;
const MOST_CHARACTERS = 100_000;

interface Said {
  /** The conversation's id. */
  of: unknown;
  /** Whom the shop took the shopper for. */
  who: string;
  messages: Json[];
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
  // Only the last answer has chips. No card shows a description.
  const messages = [...before.map((old) => ({ ...old, refinement_options: undefined })), ...turn].slice(-MOST_MESSAGES);
  const written = () =>
    JSON.stringify({ of, who, messages }, (name, value) => (name === "description" ? undefined : value));
  while (messages.length > 0 && written().length > MOST_CHARACTERS) messages.shift();
  try {
    sessionStorage.setItem(SAID, written());
  } catch {
    // Storage is forbidden, or full.
  }
}

/** Shows what was said before: what the assistant remembers, or else what is kept here. */
export async function restore(panel: Panel) {
  const { begun, transcript } = panel;
  const client = await panel.client();
  const history = await client.history().catch(() => undefined);
  const messages = history?.length ? history : await recall(panel).catch(() => undefined);
  // A question that was faster may be in it as well.
  if (begun === panel.begun && !transcript.element.querySelector(".turn")) transcript.restore(messages);
}

/** Returns what is kept of the conversation that goes on. Anything else that is kept is removed. */
async function recall(panel: Panel): Promise<Json[] | undefined> {
  const said = read();
  if (!said) return undefined;
  const { shelf } = await panel.client();
  shelf.token ||= panel.token = await panel.host.token?.();
  if (said.of === shelf.get(SESSION) && said.who === subjectOf(shelf.token)) return said.messages;
  sessionStorage.removeItem(SAID);
  return undefined;
}

function read(): Said | undefined {
  try {
    const said = JSON.parse(sessionStorage.getItem(SAID) ?? "");
    return Array.isArray(said.messages) ? { ...said, messages: said.messages.slice(-MOST_MESSAGES) } : undefined;
  } catch {
    // There is none, or it is not ours.
    return undefined;
  }
}

/** Returns whom a token names. It only hides what was said, so nothing is verified. */
function subjectOf(token = ""): string {
  try {
    return String(JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub);
  } catch {
    return "";
  }
}
