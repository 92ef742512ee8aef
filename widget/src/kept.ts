// What is kept of a conversation, in the tab's storage, and what the other tabs have kept of it.

import type { Json } from "./values.ts";

/** Its name in storage, and the channel's on which tabs tell it. The panel removes it by this name. */
const SAID = "concierge-said";
/** The loader reads it by this name. */
const OPEN = "concierge-chat";
const MOST_MESSAGES = 20;
const MOST_CHARACTERS = 100_000;
/** How long a tab waits for the others, which answer within a few milliseconds. */
const PATIENCE_MS = 100;

export interface Said {
  /** The conversation's id. */
  of: unknown;
  /** Whom the shop took the shopper for. */
  who: string;
  messages: Json[];
  /** When the last of them was said. */
  at?: number;
}

/** A turn, as one tab tells it the others. */
export interface Turn extends Pick<Said, "of" | "who"> {
  prompt: string;
  answer: Json;
}

/** Keeps a turn with what was said before. */
export function append(said: Said | undefined, { of, who, prompt, answer }: Turn) {
  const before = said && said.of === of && said.who === who ? said.messages : [];
  const { message, products, follow_up, next_page, refinement_options } = answer;
  const turn = [
    { role: "user", text: prompt },
    { role: "assistant", text: message, products, follow_up, next_page, refinement_options },
  ];
  write({ of, who, messages: [...before, ...turn].slice(-MOST_MESSAGES), at: Date.now() });
}

export function write({ messages, ...said }: Said) {
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

/** Keeps for the next page whether the chat is open, once something is kept of a conversation. */
export function leave(isOpen: boolean) {
  try {
    if (isOpen && sessionStorage.getItem(SAID)) sessionStorage.setItem(OPEN, "open");
    else sessionStorage.removeItem(OPEN);
  } catch {
    // Storage is forbidden.
  }
}

/** Tells whether the chat was open on the page before. */
export function wasOpen(): boolean {
  try {
    return sessionStorage.getItem(OPEN) !== null;
  } catch {
    return false;
  }
}

export function forget() {
  try {
    sessionStorage.removeItem(SAID);
  } catch {
    // Storage is forbidden.
  }
}

export function read(): Said | undefined {
  try {
    return checked(JSON.parse(sessionStorage.getItem(SAID) ?? "null"));
  } catch {
    // It is not ours, or storage is forbidden.
    return undefined;
  }
}

/** Returns the newest of what the tabs have kept of a conversation. */
export async function gather(of: unknown): Promise<Said | undefined> {
  const all: (Said | undefined)[] = [];
  const channel = openChannel();
  if (channel) {
    channel.onmessage = ({ data }) => all.push(checked(data));
    channel.postMessage(of);
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    channel.close();
  }
  all.push(read());
  return all
    .filter((said): said is Said => !!said && said.of === of)
    .sort((one, other) => (other.at ?? 0) - (one.at ?? 0))[0];
}

/** A browser that forbids storage may forbid it, too. */
export function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(SAID);
  } catch {
    return undefined;
  }
}

function checked(said: Said | undefined): Said | undefined {
  return said && Array.isArray(said.messages)
    ? { ...said, messages: objects(said.messages).slice(-MOST_MESSAGES) }
    : undefined;
}

export function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
}

/** Returns whom a token names. It only hides what was said, so nothing is verified. */
export function subjectOf(token = ""): string {
  try {
    return String(JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub);
  } catch {
    return "";
  }
}
