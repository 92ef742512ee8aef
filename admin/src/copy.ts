// A request id with a button that copies it.

import { say } from "./announce.ts";
import { make } from "./dom.ts";

/** After this many milliseconds, the button offers to copy again. */
const COPIED = 2_000;

export function copyable(id: string) {
  const code = make("code", {}, id);
  const button = make("button", { type: "button", className: "quiet", ariaLabel: `Copy request id ${id}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(id);
      button.textContent = "Copied";
      say("The request id is copied.");
      setTimeout(() => (button.textContent = "Copy"), COPIED);
    } catch {
      // The browser does not allow it, so the keyboard has to do it.
      getSelection()?.selectAllChildren(code);
      say("The request id is selected.");
    }
  });
  return make("span", { className: "id" }, code, button);
}
