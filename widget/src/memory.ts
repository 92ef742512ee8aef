// What a shopper whom the shop knows may have omi.me remember: a fact in their own words, or this conversation. It is
// loaded with the first answer to such a shopper, and sends nothing before they have seen what is sent, and agreed.

import { keyOf } from "../../client/src/key.ts";
import type { LimitedEvent } from "../../client/src/options.ts";
import type { Make } from "./extras.ts";
import type { Panel } from "./panel.ts";
import css from "./memory.css";
import { MEMORY_ENGLISH, type MemoryTexts } from "./memory-texts.ts";

type Kind = "memories" | "conversations";
/** The words of a kind, and what is sent. */
interface Wish {
  kind: Kind;
  title: string;
  hint: string;
  done: string;
  text: string;
  isEditable: boolean;
  body(text: string): object;
}

const LONGEST_FACT = 500;
/** The worker takes 8,192 bytes, with everything around the text. */
const LONGEST_TEXT = 7_500;
const SHEET = new CSSStyleSheet();
SHEET.replaceSync(css);

/** Puts the buttons under the last answer, for what the worker offers and the token allows. */
export async function offer(panel: Panel, make: Make) {
  const { scene, token = "", begun } = panel;
  const log = panel.transcript.element;
  const turn = log.lastElementChild;
  const { omi = [] } = await (await panel.client()).capabilities();
  // Another conversation, or another question, has begun meanwhile.
  if (begun !== panel.begun || turn !== log.lastElementChild) return;
  const allows = scopeOf(token);
  const can = (kind: Kind) => omi.includes(`create_${kind}`) && allows(`create_${kind}`);
  const old = log.querySelector(".memory");
  // The focus must not fall out of the panel.
  if (old?.matches(":focus-within")) scene.focus();
  old?.remove();
  const texts = { ...MEMORY_ENGLISH, ...scene.texts };
  const open = (name: "remember" | "keep", wish: () => Wish) => {
    const opener = make("button", { className: name }, texts[name]);
    opener.addEventListener("click", () => ask(wish(), texts, panel, make));
    return opener;
  };
  const buttons = [
    can("memories") && open("remember", () => factOf(log, texts)),
    can("conversations") && open("keep", () => conversationOf(log, texts, scene.locale)),
  ].filter(Boolean);
  // An answer is read out. The buttons under it are found.
  if (buttons.length > 0) turn?.append(make("div", { className: "memory", ariaLive: "off" }, ...buttons));
  const sheets = (log.getRootNode() as ShadowRoot).adoptedStyleSheets;
  if (!sheets.includes(SHEET)) sheets.push(SHEET);
}

/** Tells what a token's scope allows. It only hides buttons, so nothing is verified, and what cannot be read allows all. */
function scopeOf(token: string): (name: string) => boolean {
  try {
    const { scope = "" } = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    const names = String(scope).split(" ");
    return (name) => names.includes(name);
  } catch {
    return () => true;
  }
}

/** The shopper's last words, which they may change. */
function factOf(log: HTMLElement, texts: MemoryTexts): Wish {
  const said = [...log.querySelectorAll(".question")].at(-1)?.textContent ?? "";
  return {
    kind: "memories",
    title: texts.factTitle,
    hint: texts.factHint,
    done: texts.remembered,
    text: said.slice(0, LONGEST_FACT).toWellFormed(),
    isEditable: true,
    body: (content) => ({ memories: [{ content }] }),
  };
}

/** What is in the log, or the end of it that the worker takes. */
function conversationOf(log: HTMLElement, texts: MemoryTexts, language: string): Wish {
  const turns = [...log.querySelectorAll(".turn:has(> .unseen)")].map((turn) =>
    [...turn.querySelectorAll(":scope > .unseen, .bubble, .question, .name")]
      // A link says in a hint of its own where it opens.
      .map((part) => (part.querySelector("a")?.firstChild ?? part).textContent)
      .join("\n"),
  );
  const sizeOf = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length;
  while (turns.length > 1 && sizeOf(turns.join("\n\n")) > LONGEST_TEXT) turns.shift();
  let text = turns.join("\n\n");
  while (sizeOf(text) > LONGEST_TEXT) text = text.slice(0, text.length / 2).toWellFormed();
  return {
    kind: "conversations",
    title: texts.keepTitle,
    hint: texts.keepHint,
    done: texts.kept,
    text,
    isEditable: false,
    body: (kept) => ({ text: kept, language, idempotency_key: keyOf(kept) }),
  };
}

/** Shows what would be sent and to whom, and sends it once the shopper agrees. */
function ask(wish: Wish, texts: MemoryTexts, panel: Panel, make: Make) {
  const { scene, begun } = panel;
  const field = make("textarea", {
    className: "sent",
    dir: "auto",
    rows: 6,
    ariaLabel: texts.sent,
    value: wish.text,
    readOnly: !wish.isEditable,
    required: true,
    ...(wish.isEditable && { maxLength: LONGEST_FACT }),
  });
  const problem = make("p", { role: "alert", className: "problem" });
  const agree = make("button", { className: "agree" }, texts.agree);
  const cancel = make("button", { className: "cancel", type: "button" }, texts.cancel);
  const form = make(
    "form",
    {},
    make("h3", {}, wish.title),
    make("p", { id: "hint" }, wish.hint),
    field,
    problem,
    make("div", { className: "memory" }, agree, cancel),
  );
  const dialog = make("dialog", { className: "consent", ariaLabel: wish.title, lang: scene.spoken ?? "" }, form);
  // The focus goes to the field, so the hint has to be heard with the dialog.
  dialog.setAttribute("aria-describedby", "hint");
  cancel.addEventListener("click", () => dialog.close());
  // Esc closes this dialog, and not the panel around it.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  /** Ends the wait before it is sent again. */
  let waiting: AbortController | undefined;
  dialog.addEventListener("close", () => {
    waiting?.abort();
    dialog.remove();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || agree.ariaDisabled === "true") return;
    // Another shopper may be here now. It is not for their account.
    if (begun !== panel.begun) return dialog.close();
    agree.ariaDisabled = "true";
    problem.textContent = "";
    const client = await panel.client();
    const [sending, leaving] = [new AbortController(), new AbortController()];
    const onLimited = (event: LimitedEvent) => {
      waiting = event.detail.seconds > 0 ? leaving : undefined;
      problem.textContent = waiting ? texts.soon : "";
    };
    client.addEventListener("limited", onLimited, { signal: sending.signal });
    panel.telling = true;
    try {
      const body = { consent: true, ...wish.body(text) };
      await client.courier.send(`omi/${wish.kind}`, { body, signal: leaving.signal });
      dialog.close();
      scene.mention(wish.done.replace("{text}", () => text));
    } catch (error) {
      // Nothing was sent to omi.me.
      if (leaving.signal.aborted) return;
      const words = inWords(error as Failure, texts);
      // A shopper who has left the dialog is told, too.
      if (dialog.open) problem.textContent = words;
      else scene.mention(words, "error");
    } finally {
      sending.abort();
      panel.telling = false;
      agree.ariaDisabled = "false";
    }
  });
  panel.transcript.element.getRootNode().appendChild(dialog);
  dialog.showModal();
}

type Failure = { code?: string; status?: number };

/** Without a clear refusal, it may have been kept. */
function inWords({ code = "", status = 0 }: Failure, texts: MemoryTexts): string {
  if (status === 401 || code === "no_token") return texts.loggedOut;
  if (status === 403 || status === 404) return texts.notAllowed;
  if (status === 429) return texts.tooOften;
  if (status === 400) return texts.notTaken;
  return code === "in_progress" ? texts.underWay : texts.inDoubt;
}
