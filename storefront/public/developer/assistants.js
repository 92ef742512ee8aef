// Which assistant answers, what it offers, and the switch to another one.

import { ask, readState } from "./demo.js";
import { button, make, section } from "./dom.js";

/** @import { Chat, State } from "../../types.js" */

const CAPABILITIES = "/v1/concierge/capabilities";
/** How often the server is asked whether the other assistant is there. */
const PAUSE_MS = 500;
const PATIENCE_MS = 60_000;

/**
 * @param {string} worker
 * @param {State} state
 * @param {(words: string) => void} tell
 */
export function assistantsSection(worker, { assistant, assistants }, tell) {
  const offers = make("p", { className: "minor" });
  const choice = document.createElement("select");
  choice.id = "developer-assistant";
  choice.append(...assistants.map((name) => new Option(name, name, false, name === assistant)));
  const label = make("label", { htmlFor: choice.id, textContent: "Another one" });

  const change = button("Switch", async () => {
    change.disabled = true;
    tell(`The worker and the simulator start anew for ${choice.value}. The page then loads again.`);
    try {
      await switchTo(worker, choice.value);
    } catch (error) {
      change.disabled = false;
      tell(`The switch failed: ${/** @type {Error} */ (error).message}. The terminal of npm start says more.`);
    }
  });

  void describe(worker, offers);
  return section(
    "Assistant",
    make("p", {}, make("strong", { textContent: assistant }), " answers."),
    offers,
    make("div", { className: "buttons" }, label, choice, change),
  );
}

/**
 * @param {string} worker
 * @param {HTMLElement} element
 */
async function describe(worker, element) {
  try {
    const response = await fetch(worker + CAPABILITIES);
    const offered = /** @type {Record<string, unknown>} */ (await response.json());
    const names = Object.keys(offered).filter((name) => offered[name] === true);
    element.textContent = names.length > 0 ? `It offers: ${names.join(", ")}.` : "It offers chats, and nothing beside.";
  } catch {
    element.textContent = "The worker did not say what it offers.";
  }
}

/**
 * @param {string} worker
 * @param {string} name
 */
async function switchTo(worker, name) {
  await ask("assistant", { name });
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    // Another tab may have taken a third one.
    if (Date.now() > end) throw new Error("it did not come");
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const { assistant, isReady } = await readState();
    if (isReady && assistant === name) break;
  }
  // The browser has kept what the last one offers, and would go on telling it.
  await fetch(worker + CAPABILITIES, { cache: "reload" });
  // The conversation was with the other assistant.
  /** @type {Chat | null} */
  const chat = document.querySelector("concierge-chat");
  await chat?.reset?.();
  location.reload();
}
