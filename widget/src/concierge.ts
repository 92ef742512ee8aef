// The panel: a conversation in a frame. It is a dialog that opens beside the page or over it, or a section of the page.

import { Concierge, ConciergeError } from "./client.ts";
import { button, make } from "./dom.ts";
import type { Host } from "./host.ts";
import { Notice } from "./notice.ts";
import type { Refinement, Scene } from "./scene.ts";
import css from "./style.css";
import { ENGLISH, type Texts, fill, textsFor } from "./texts.ts";
import { Transcript } from "./transcript.ts";
import { type Json, objects } from "./values.ts";

/** Where the dialog covers the page. */
const SMALL = matchMedia("(max-width: 40rem), (max-height: 30rem)");
const TOUCH = matchMedia("(pointer: coarse)");

const TOO_LONG = ["prompt_too_long", "body_too_large"];

export class Panel {
  #host: Host;
  #launcher: HTMLButtonElement;
  #root: ShadowRoot;
  #scene: Scene = {
    texts: ENGLISH,
    locale: "en",
    hosts: new Set(),
    emit: (name, detail, cancelable = false) =>
      this.#host.dispatchEvent(
        new CustomEvent(`concierge:${name}`, { detail, cancelable, bubbles: true, composed: true }),
      ),
    ask: (prompt, refinement) => this.send(prompt, refinement),
    nextPage: (page) => this.#client().nextPage(page),
    fail: (error) => this.#fail(error),
    // On a touch screen, the field would open the keyboard over the answer.
    focus: () => (TOUCH.matches ? this.#transcript.element : this.#field).focus({ preventScroll: true }),
  };
  #transcript = new Transcript(this.#scene);
  #notice = new Notice(this.#scene);
  #title = make("h2", { className: "title" });
  #reset = button("reset");
  #close = button("close");
  #field = make("textarea", { className: "field", rows: 1, maxLength: 2_000, enterKeyHint: "send" });
  #send = make("button", { className: "send" });
  #form = make("form", { className: "composer" }, this.#field, this.#send);
  #header = make("div", { className: "header" }, this.#title, this.#reset, this.#close);
  #frame: HTMLElement = make("div");
  #made?: { client: Concierge; of: string };
  #asking?: AbortController;
  #watching?: AbortController;
  #isRestored = false;

  constructor(host: Host, launcher: HTMLButtonElement) {
    this.#host = host;
    this.#launcher = launcher;
    this.#root = launcher.getRootNode() as ShadowRoot;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    this.#root.adoptedStyleSheets.push(sheet);
    this.#close.append("×");
    this.#close.addEventListener("click", () => this.close());
    this.#reset.addEventListener("click", () => {
      this.reset();
      this.#scene.focus();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send(this.#field.value);
    });
    this.#field.addEventListener("keydown", (event) => {
      // Where a word is composed, Enter ends it. Safari tells so only by the code 229.
      const isComposing = event.isComposing || event.keyCode === 229;
      if (event.key !== "Enter" || event.shiftKey || isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.resume();
  }

  /** Follows the element's attributes and texts. */
  async update() {
    const { language, linkHosts, mode, texts: own } = this.#host;
    const [texts, spoken] = await textsFor(language);
    Object.assign(this.#scene, {
      texts: { ...texts, ...own },
      locale: canonical(language),
      hosts: new Set([location.host, ...linkHosts.split(/[\s,]+/).filter(Boolean)]),
    });
    this.#enframe(mode === "bubble" ? "dialog" : "section");
    this.#frame.lang = spoken;
    this.#label(this.#scene.texts);
    this.#transcript.relabel();
  }

  open() {
    const frame = this.#frame;
    if (frame instanceof HTMLDialogElement && !frame.open) {
      if (SMALL.matches) frame.showModal();
      else frame.show();
      this.#launcher.ariaExpanded = "true";
      this.#scene.emit("open");
      void this.#restore();
    }
    this.#scene.focus();
  }

  close() {
    if (this.#frame instanceof HTMLDialogElement) this.#frame.close();
  }

  async send(text: string, refinement?: Refinement) {
    const prompt = text.trim();
    if (!prompt || this.#asking || this.#notice.isCounting) return;
    const asking = new AbortController();
    this.#asking = asking;
    if (this.#field.value.trim() === prompt) this.#field.value = "";
    const { texts, emit } = this.#scene;
    const turn = this.#transcript.ask(prompt);
    this.#notice.say(texts.typing, "quiet");
    this.#hold(true);
    emit("message", { role: "user", text: prompt });
    try {
      const answer: object = await this.#client().ask(prompt, {
        context: { page_url: location.origin + location.pathname },
        refinement,
        signal: asking.signal,
        onDelta: (delta) => turn.grow(delta),
      });
      if (asking !== this.#asking) return;
      turn.answer(answer as Json);
      const { message, products: list } = answer as Json;
      const products = objects(list);
      this.#notice.say(products.length > 0 ? fill(texts.shown, "count", products.length) : "", "quiet");
      emit("message", { role: "assistant", text: message, answer });
      if (products.length > 0) emit("products", { products });
    } catch (error) {
      if (asking !== this.#asking) return;
      // The shopper may already have begun another question. Then this one stays where it is.
      turn.withdraw(this.#field.value !== "");
      this.#field.value ||= prompt;
      if (asking.signal.aborted) this.#notice.say("");
      else this.#fail(error);
    } finally {
      if (asking === this.#asking) {
        this.#asking = undefined;
        this.#hold(this.#notice.isCounting);
      }
    }
  }

  reset() {
    this.#asking?.abort();
    this.#asking = undefined;
    this.#isRestored = true;
    this.#transcript.greet();
    if (!this.#notice.isCounting) {
      this.#notice.say("");
      this.#hold(false);
    }
    this.#client().reset();
  }

  /** Listens to what happens to the page. */
  resume() {
    this.#watching?.abort();
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const isFree = () => !this.#asking && !this.#notice.isCounting;
    addEventListener("offline", () => isFree() && this.#notice.say(this.#scene.texts.offline, "error"), { signal });
    addEventListener("online", () => isFree() && this.#notice.say(""), { signal });
    SMALL.addEventListener("change", () => this.#refit(), { signal });
  }

  /** Lets go of everything outside. */
  pause() {
    this.#watching?.abort();
    this.#asking?.abort();
  }

  #client(): Concierge {
    const { url, storage, language: locale } = this.#host;
    const of = [url, storage, locale].join(" ");
    if (this.#made?.of !== of) {
      const token = async () => this.#host.token?.();
      const client = new Concierge({ url, locale, token, ...(storage && { storage: storage as "session" }) });
      // The client sends a question again after a short wait, and tells each second of it.
      client.addEventListener("limited", (event) => {
        if (!this.#notice.isCounting) this.#limit((event as CustomEvent<{ seconds: number }>).detail);
      });
      this.#made = { client, of };
    }
    return this.#made.client;
  }

  async #restore() {
    if (this.#isRestored) return;
    this.#isRestored = true;
    try {
      this.#transcript.restore(objects(await this.#client().history()));
    } catch {
      // The conversation goes on without what was said before.
    }
  }

  #fail(error: unknown) {
    const known: Partial<ConciergeError> = error instanceof ConciergeError ? error : {};
    const { code = "internal", status, requestId, retryAfter: seconds, tier } = known;
    if (status !== 429) this.#scene.emit("error", { code, status, requestId });
    if (status === 429 && seconds) this.#limit({ seconds, tier, requestId });
    else this.#notice.say(inWords(code, status, this.#scene.texts), "error", requestId);
  }

  #limit({ seconds, tier, requestId }: { seconds: number; tier?: string; requestId?: string }) {
    this.#scene.emit("limited", { seconds, tier });
    const { typing, ready } = this.#scene.texts;
    this.#notice.count(seconds, requestId, () => {
      if (this.#asking) return this.#notice.say(typing, "quiet");
      this.#notice.say(ready);
      this.#hold(false);
    });
    this.#hold(true);
  }

  /** Says that a question would not be sent now. What is only said to be disabled keeps the focus. */
  #hold(isHeld: boolean) {
    this.#send.ariaDisabled = String(isHeld);
    this.#transcript.hold(isHeld);
  }

  #label(texts: Texts) {
    this.#frame.ariaLabel = texts.title;
    this.#title.textContent = texts.title;
    this.#reset.textContent = texts.reset;
    this.#close.ariaLabel = texts.close;
    this.#send.textContent = texts.send;
    this.#field.ariaLabel = texts.field;
    this.#field.placeholder = texts.field;
  }

  #enframe(kind: "dialog" | "section") {
    if (this.#frame.localName === kind) return;
    const parts = [this.#header, this.#transcript.element, this.#notice.element, this.#form];
    const frame: HTMLElement = make(kind, { className: "panel" }, ...parts);
    this.#frame.remove();
    this.#frame = frame;
    this.#root.append(frame);
    this.#launcher.ariaExpanded = "false";
    this.#close.hidden = kind !== "dialog";
    if (kind === "section") void this.#restore();
    frame.addEventListener("keydown", (event) => {
      // The page's own shortcuts are not for what is written here.
      event.stopPropagation();
      if (event.key === "Escape" && !event.isComposing) this.close();
    });
    frame.addEventListener("close", () => this.#closed());
  }

  /** The browser puts the focus back where it was, if it is still there. */
  #closed() {
    if (this.#frame instanceof HTMLDialogElement && this.#frame.open) return;
    this.#launcher.ariaExpanded = "false";
    if (document.activeElement === document.body) this.#launcher.focus();
  }

  /** The window has become small or large. */
  #refit() {
    const focused = this.#root.activeElement as HTMLElement | null;
    const frame = this.#frame;
    if (!(frame instanceof HTMLDialogElement && frame.open && frame.contains(focused))) return;
    frame.close();
    if (SMALL.matches) frame.showModal();
    else frame.show();
    focused?.focus();
  }
}

function inWords(code: string, status: number | undefined, texts: Texts): string {
  if (!navigator.onLine) return texts.offline;
  if (code === "unreachable") return texts.unreachable;
  if (TOO_LONG.includes(code)) return texts.tooLong;
  return status === 504 || code.endsWith("timeout") ? texts.slow : texts.failed;
}

/** Returns a language tag that numbers can be written by. */
function canonical(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "en";
  } catch {
    return "en";
  }
}
