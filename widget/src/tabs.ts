// What the other tabs do to this one's conversation.

import type { Panel } from "./panel.ts";
import { TABS_ENGLISH } from "./tabs-texts.ts";

/** The client's name for the conversation's id, and for the channel on which tabs tell one another. */
export const SESSION = "concierge-session";

/** Begins anew when another tab does. Otherwise the next question would not go on with what is shown. */
export function followTabs(panel: Panel) {
  const { host, scene, transcript } = panel;
  /** How many resets of this tab were heard of. */
  let heard = panel.resets;
  const begin = () => {
    if (!host.isConnected) return;
    // The focus must not fall out of the panel.
    if (transcript.element.matches(":focus-within")) scene.focus();
    panel.begin(true);
    scene.mention({ ...TABS_ENGLISH, ...scene.texts }.begunElsewhere);
  };

  // `session` storage has a channel, which this tab's own client speaks on, too.
  if ("BroadcastChannel" in globalThis) {
    new BroadcastChannel(SESSION).onmessage = ({ data: [name, value, isNew] }: MessageEvent<unknown[]>) => {
      if (name !== SESSION || value || !isNew) return;
      if (heard === panel.resets) begin();
      else heard += 1;
    };
  }

  // `local` storage tells the other tabs itself. A page in the back-forward cache hears of it when it comes back.
  // Where a consent is withdrawn, the conversation is emptied before it is removed, and goes on.
  addEventListener("storage", ({ key, oldValue, newValue }) => {
    if (key === SESSION && oldValue && newValue === null) begin();
  });
}
