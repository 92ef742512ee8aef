// Asks whether a block shall be lifted, and lifts it.

import { ask } from "./api.ts";
import type { Owner } from "./blocks.ts";
import { find, put } from "./dom.ts";
import { plural } from "./format.ts";
import { ofBudget } from "./texts.ts";
import { explain } from "./trouble.ts";
import { readLifted, type Block } from "./usage.ts";

export const dialog = find<HTMLDialogElement>("confirm");
const button = find<HTMLButtonElement>("lift");

/** Calls back with what was lifted, if it was. */
export function askToLift(owner: Owner, block: Block, who: string, lifted: (text: string) => void) {
  // Another one is on its way.
  if (button.ariaDisabled) return;
  const { name } = ofBudget(block.budget);
  put("confirm-text", `${who} can ask again at once. “${name}” forgets what it has counted so far.`);
  put("confirm-problem", "");
  button.onclick = async () => {
    if (button.ariaDisabled) return;
    button.ariaDisabled = "true";
    const answer = await ask(owner.token(), "/admin/lift", { request_id: block.requestId });
    button.ariaDisabled = null;
    // Whoever has cancelled meanwhile is told all the same.
    if (answer.kind === "ok") {
      dialog.close();
      lifted(`Lifted. “${name}” no longer counts ${plural(readLifted(answer.body), "request")} of ${who}.`);
    } else if (!owner.ends(answer)) put("confirm-problem", explain(answer));
  };
  dialog.showModal();
}

export function startConfirm() {
  find("cancel").addEventListener("click", () => dialog.close());
}
