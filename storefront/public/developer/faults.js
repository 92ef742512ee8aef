// What may go wrong at the assistant: the next question in the widget meets it.

import { ask } from "./demo.js";
import { button, make, section, telling } from "./dom.js";

/** @import { State } from "../../types.js" */
/** @import { Entry, Journal } from "./journal.js" */

/** The simulator's names, and what they are for a shopper. */
const FAULTS = [
  ["delay:4000", "answers after 4 seconds"],
  ["hang-before", "never answers (504 after 25 s)"],
  ["reset-before", "breaks the connection"],
  ["truncated", "breaks off its answer"],
  ["html-502", "is down behind a gateway"],
  ["status:500", "fails"],
  ["unavailable:9", "asks to wait 9 seconds"],
  ["throttled:30", "is throttled by its gateway"],
  ["not-json", "answers with no JSON"],
  ["empty", "answers with nothing"],
  ["hostile-html", "answers with markup"],
  ["hostile-links", "answers with hostile links"],
  ["hostile-types", "answers with wrong types"],
  ["hostile-many", "answers with far too much"],
];

const CHAT = "/v1/concierge/chat";

/**
 * @param {Journal} journal
 * @param {State} state
 * @param {(words: string) => void} tell
 */
export function faultsSection(journal, state, tell) {
  let { fault } = state;
  const buttons = FAULTS.map(([name, words]) => {
    const choose = telling(tell, () => order(fault === name ? null : name));
    const element = button(words, choose, { title: name });
    return { name, element };
  });
  const standing = make("p", { className: "minor" });

  const show = () => {
    for (const { name, element } of buttons) element.ariaPressed = String(name === fault);
    standing.textContent = fault
      ? `The next question meets ${fault}.`
      : "Choose what the assistant does with the next question. It:";
  };

  /** @param {string | null} name */
  const order = async (name) => {
    ({ fault } = await ask("fault", { fault: name }));
    show();
  };

  journal.addEventListener("change", (event) => {
    const done = /** @type {CustomEvent<Entry | undefined>} */ (event).detail;
    if (!done || !hasMet(done)) return;
    tell(fault ? `A question has met ${fault}.` : "");
    if (fault) void telling(tell, () => order(null))();
  });

  show();
  return section(
    "Faults of the assistant",
    standing,
    make("div", { className: "buttons" }, ...buttons.map(({ element }) => element)),
  );
}

/**
 * Returns whether it was a question that the assistant has got. One that the worker refuses by itself never gets there.
 *
 * @param {Entry} entry
 */
function hasMet({ method, path, answer }) {
  if (method !== "POST" || path !== CHAT) return false;
  const isRefused = answer && "status" in answer && answer.status >= 400 && answer.status < 500;
  return !isRefused || answer.body.includes('"tier":"store"');
}
