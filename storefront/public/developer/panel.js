// The developer panel: what the page asks the worker, and what a developer may try. F2 opens it, and so does the button
// in the header. It watches the page's requests from outside, and the widget knows nothing of it.

import { assistantsSection } from "./assistants.js";
import { readState } from "./demo.js";
import { button, make } from "./dom.js";
import { faultsSection } from "./faults.js";
import { Journal } from "./journal.js";
import { questionsSection } from "./questions.js";
import { quotasSection } from "./quotas.js";
import { refusalsSection } from "./refusals.js";
import { requestsSection } from "./requests.js";
import { keep, recall } from "./store.js";

/** @import { Chat } from "../../types.js" */

/** It writes no character, and neither browsers nor screen readers have a command of their own on it. */
const KEY = "F2";
/** Whether the panel is open, as long as the tab is. */
const PLACE = "developer-panel";
/** Where the chat covers the page, and would cover the panel. */
const SMALL = matchMedia("(max-width: 40rem), (max-height: 30rem)");

const worker = find(HTMLMetaElement, "meta[name=worker]").content;
const opener = find(HTMLButtonElement, "#panel-button");
const journal = new Journal(worker);

const closer = button("Close", close, { className: "close", title: `Close (${KEY})` });
const standing = make("p", { className: "told", role: "status" });
const content = make("div", { className: "content" });
const panel = make(
  "dialog",
  { className: "developer", id: "developer-panel", lang: "en", ariaLabel: "Developer panel" },
  make("div", { className: "bar" }, make("h2", { textContent: "Developer panel" }), closer),
  standing,
  content,
);

document.body.append(panel);
opener.hidden = false;
opener.setAttribute("aria-controls", panel.id);
opener.ariaExpanded = "false";
opener.addEventListener("click", toggle);
// Before anything else: the widget keeps the keys that are pressed in it to itself.
addEventListener(
  "keydown",
  (event) => {
    const { key, ctrlKey, altKey, metaKey, shiftKey, isComposing } = event;
    if (key !== KEY || ctrlKey || altKey || metaKey || shiftKey || isComposing) return;
    event.preventDefault();
    toggle();
  },
  { capture: true },
);
panel.addEventListener("keydown", ({ key }) => key === "Escape" && close());
if (recall(PLACE)) open({ focus: false });

function toggle() {
  if (panel.open) close();
  else open({ focus: true });
}

/** @param {{ focus: boolean }} options whether the focus goes into the panel */
function open({ focus }) {
  if (SMALL.matches) /** @type {Chat | null} */ (document.querySelector("concierge-chat"))?.close?.();
  // The method would take the focus, which a page that begins with the panel does not give away.
  panel.open = true;
  if (focus) closer.focus();
  standing.textContent = "";
  document.documentElement.dataset.developer = "";
  opener.ariaExpanded = "true";
  keep(PLACE, "open");
  if (content.childElementCount === 0) void fill();
}

function close() {
  panel.close();
  delete document.documentElement.dataset.developer;
  opener.ariaExpanded = "false";
  keep(PLACE, null);
  opener.focus();
}

async function fill() {
  try {
    const state = await readState();
    content.replaceChildren(
      assistantsSection(worker, state, tell),
      quotasSection(journal),
      refusalsSection(worker, tell),
      faultsSection(journal, state, tell),
      questionsSection(),
      requestsSection(journal),
    );
  } catch {
    tell("The shop's server did not answer. Is npm start still running?");
  }
}

/** @param {string} words */
function tell(words) {
  standing.textContent = words;
}

/**
 * Returns the element of the page that a selector finds.
 *
 * @template {Element} Kind
 * @param {new () => Kind} kind
 * @param {string} selector
 */
function find(kind, selector) {
  const element = document.querySelector(selector);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${selector}`);
}
