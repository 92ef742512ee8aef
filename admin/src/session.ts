// The token: typed into a form, and kept for this tab alone.

import { ask } from "./api.ts";
import { find, put, show } from "./dom.ts";
import { explain } from "./trouble.ts";

const KEY = "concierge-admin-token";
/** What a header can carry. */
const SENDABLE = /^[\x21-\x7e]+$/;

const field = find<HTMLInputElement>("token");
const button = find<HTMLButtonElement>("enter");

let token = recall();

export function current() {
  return token;
}

function recall() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    // The browser keeps nothing, so the token lasts as long as the page.
    return "";
  }
}

function keep(value: string) {
  token = value;
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {}
}

export function forget() {
  keep("");
  field.value = "";
}

/** Asks for the token, and says why if there is a reason. */
export function askForToken(why = "") {
  show("dashboard", false);
  show("sign-in", true);
  document.title = "Sign in – Concierge";
  complain(why);
  field.focus();
}

function complain(problem: string) {
  put("token-problem", problem);
  field.ariaInvalid = problem ? "true" : null;
}

/** Tries what was typed. */
async function enter(entered: () => void) {
  if (button.ariaDisabled) return;
  const typed = field.value.trim();
  if (!SENDABLE.test(typed)) {
    complain(typed ? "This cannot be the token: it has a space, or a letter that no token has." : "Enter the token.");
    return field.focus();
  }
  complain("");
  button.ariaDisabled = "true";
  const answer = await ask(typed, "/admin/usage?range=hour");
  button.ariaDisabled = null;
  if (answer.kind !== "ok") {
    complain(explain(answer));
    return field.focus();
  }
  keep(typed);
  field.value = "";
  entered();
}

/** Calls back when somebody has signed in. */
export function startSession(entered: () => void) {
  find("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void enter(entered);
  });
}
