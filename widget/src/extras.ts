// What a conversation has use for once it has begun. It is loaded with the first question, or to show what was said.

import type { Offer } from "./cart.ts";
import type { make } from "./dom.ts";
import type { Host } from "./host.ts";
import type { Panel } from "./panel.ts";
import { Keeper } from "./said.ts";
import { followTabs } from "./tabs.ts";
import type { Json } from "./values.ts";

export interface Extras {
  /** Does what follows an answer. */
  answered(prompt: string, answer: Json): void;
  /** Shows what was said before. */
  restore(): Promise<void>;
  sell(offer: Offer): Promise<void>;
}

/** What is loaded later imports only types, or what it shares with the panel would be a file of its own. */
export type Make = typeof make;

export function equip(panel: Panel, make: Make): Extras {
  const { host } = panel;
  // The first number takes a browser ten times as long as all that follow. Now it has time: the answer is on its way.
  setTimeout(() => (1).toLocaleString(panel.scene.locale));
  followTabs(panel);
  // The cards of the first answer find it there.
  const cart = loadCart(host);
  const remembered = () => {
    if (panel.token) void remember(panel, make);
  };
  const keeper = new Keeper(panel, remembered);
  return {
    answered(prompt, answer) {
      void keeper.keep(prompt, answer);
      remembered();
    },
    restore: () => keeper.restore(make, cart),
    async sell(offer) {
      ((await cart) ?? (await loadCart(host)))?.sell(offer, panel, make);
    },
  };
}

/** Without the file, there are no buttons. */
async function loadCart({ addToCart }: Host) {
  return addToCart || "Shopify" in globalThis ? import("./cart.ts").catch(() => undefined) : undefined;
}

async function remember(panel: Panel, make: Make) {
  try {
    const { offer } = await import("./memory.ts");
    await offer(panel, make);
  } catch {
    // Without the file, or before a worker that does not say what it offers, there are no buttons.
  }
}
