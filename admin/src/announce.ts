// Tells assistive technology what matters. What is refreshed without news is not announced.

import { find } from "./dom.ts";

export function say(text: string) {
  const region = find("said");
  // The same words are news again only if they come anew.
  region.textContent = "";
  region.textContent = text;
}
