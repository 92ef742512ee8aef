// A browser's tabs: what each of them stores, and the channel between them.

import { Concierge } from "@concierge-proxy/client";

import { URL_OF_WORKER } from "./worker.mjs";

/** A storage that may refuse. */
export class Store {
  /** @type {Map<string, string>} */
  items = new Map();
  /** Whether it takes nothing more. */
  full = false;

  getItem(name) {
    return this.items.get(name) ?? null;
  }

  setItem(name, value) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.items.set(name, value);
  }

  removeItem(name) {
    this.items.delete(name);
  }
}

/** A browser in which tabs can be opened. */
export class Browser {
  localStorage = new Store();
  /** @type {ReturnType<typeof channelsOfABrowser> | undefined} */
  BroadcastChannel = channelsOfABrowser();

  /** Whether pages may store nothing at all. */
  forbidding = false;

  /**
   * Opens a tab with a client.
   *
   * @param {Partial<import("@concierge-proxy/client").ConciergeOptions>} options
   * @param {Store} [sessionStorage] what the tab has from before
   */
  open(options, sessionStorage = new Store()) {
    const forbid = () => {
      throw new DOMException("forbidden", "SecurityError");
    };
    const { localStorage, BroadcastChannel, forbidding } = this;
    const globals = { localStorage, sessionStorage, BroadcastChannel };
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { configurable: true, get: forbidding ? forbid : () => value });
    }
    const client = new Concierge({ url: URL_OF_WORKER, ...options });
    return { client, sessionStorage };
  }
}

/** Returns a class of channels that reach one another, a moment later and with copies. */
function channelsOfABrowser() {
  const channels = new Set();
  return class {
    onmessage = null;

    constructor(name) {
      this.name = name;
      channels.add(this);
    }

    postMessage(data) {
      const copy = structuredClone(data);
      const others = [...channels].filter((other) => other !== this && other.name === this.name);
      for (const other of others) setImmediate(() => other.onmessage?.({ data: copy }));
    }
  };
}
