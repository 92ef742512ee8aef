// Where the pass and the conversation's id are kept, and how the tabs of one visit share them.

import { attempt } from "./attempt.ts";

/** The name of the shopper's pass. */
export const PASS = "concierge-pass";
/** The name of the conversation's id, and of the channel between the tabs. */
export const SESSION = "concierge-session";

/** How long a new tab waits for what the others have. They answer within a few milliseconds. */
const GREETING_MS = 100;

/** What one tab tells the others: a value of its own, whether it is new, or nothing, which asks for theirs. */
type Word = [name?: string, value?: string, isNew?: boolean];

export interface Shelf {
  /** How often the conversation was left, in whichever tab. `local` storage counts only this one. */
  ends: number;
  /** The token of a shopper whom the shop knows. It is kept nowhere. */
  token?: string;
  /** Settles when a new tab has what the others have. */
  ready: Promise<unknown>;
  get(name: string): string | undefined;
  /** Keeps a value, or removes it. */
  set(name: string, value?: string): void;
}

export function openShelf(kind: "session" | "local" | "memory" = "session"): Shelf {
  // There is no `memoryStorage`. A browser that forbids storage throws.
  const storage = attempt(() => (globalThis as unknown as Record<string, Storage>)[`${kind}Storage`]);
  const channel = kind === "session" ? attempt(() => new BroadcastChannel(SESSION)) : undefined;
  /** What storage does not take. */
  const memory = new Map<string, string>();

  const get = (name: string) => (memory.get(name) ?? attempt(() => storage?.getItem(name))) || undefined;
  const put = (name: string, value = "") => {
    if (!value && name === SESSION) {
      // The shopper may have logged in or out.
      shelf.token = "";
      shelf.ends += 1;
    }
    memory.set(name, value);
    attempt(() => {
      (storage as Storage)[value ? "setItem" : "removeItem"](name, value);
      // From now on it is read where another tab may change it.
      memory.delete(name);
    });
  };
  const tell = (...word: Word) => channel?.postMessage(word);
  const shelf: Shelf = {
    get,
    ends: 0,
    set(name, value) {
      put(name, value);
      tell(name, value, true);
    },
    ready: new Promise<void>((resolve) => {
      if (!channel) return resolve();
      channel.onmessage = ({ data: [name, value, isNew] }: MessageEvent<Word>) => {
        if (!name) {
          if (get(SESSION)) for (const each of [PASS, SESSION]) tell(each, get(each));
          return;
        }
        if (isNew || !get(name)) put(name, value);
        if (name === SESSION) resolve();
      };
      // Under Node, an open channel would keep the process from ending.
      (channel as { unref?: () => void }).unref?.();
      if (get(SESSION)) return resolve();
      tell();
      setTimeout(resolve, GREETING_MS);
    }),
  };
  return shelf;
}
