// What was said, as a log that screen readers follow.

import { bubble, render } from "./answer.ts";
import { make, slot } from "./dom.ts";
import type { Scene } from "./scene.ts";
import { type Json, paragraphs, text } from "./values.ts";

/** A question and the place of its answer. */
export interface Turn {
  /** Shows more of an answer that is on its way. */
  grow(delta: string): void;
  answer(answer: Json): void;
  /** Takes back the place of the answer, and the question as well unless it is kept. */
  withdraw(keepsQuestion: boolean): void;
}

/** Within so many pixels of the end, the shopper follows the conversation. */
const NEAR = 80;

export class Transcript {
  readonly element = make("div", { className: "log", role: "log", tabIndex: 0 });
  #words = bubble("");
  readonly #greeting = slot("greeting", this.#words);
  #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.greet();
  }

  /** Begins anew. */
  greet() {
    this.element.replaceChildren(this.#greeting);
  }

  relabel() {
    const { log, greeting } = this.#scene.texts;
    this.element.ariaLabel = log;
    this.#words.textContent = greeting;
  }

  ask(words: string): Turn {
    const log = this.element;
    // They go now, and not with the answer, which would then jump.
    const chips = log.querySelector(".chips");
    const place = chips?.parentElement;
    // The focus must not fall out of the panel.
    if (chips?.matches(":focus-within")) this.#scene.focus();
    chips?.remove();
    const question = this.#turn("you", bubble(words, "question"));
    // What grows is not read out. The answer that takes its place is, once.
    const preview = make("div", { className: "turn preview", ariaLive: "off" });
    log.append(question, preview);
    log.scrollTop = log.scrollHeight;
    let message = "";
    return {
      grow: (delta) => {
        const follows = this.#isAtEnd();
        message += delta;
        paragraphs(message).forEach((part, index) => {
          const last = preview.children[index] ?? preview.appendChild(bubble(""));
          last.textContent = part;
        });
        if (follows) log.scrollTop = log.scrollHeight;
      },
      answer: (answer) => {
        const follows = this.#isAtEnd();
        preview.replaceWith(this.#turn("assistant", ...render(answer, this.#scene)));
        if (follows) log.scrollTop = question.offsetTop - 12;
      },
      withdraw: (keepsQuestion) => {
        preview.remove();
        if (!keepsQuestion) question.remove();
        if (chips) place?.append(chips);
      },
    };
  }

  /** Returns a message of before as an element. */
  turnOf(message: Json): HTMLElement {
    return message.role === "user"
      ? this.#turn("you", bubble(text(message.text), "question"))
      : this.#turn("assistant", ...render({ ...message, message: message.text }, this.#scene));
  }

  /** Tells whether questions are held back. */
  hold(isHeld: boolean) {
    for (const chip of this.element.querySelectorAll(".chip")) chip.ariaDisabled = String(isHeld);
  }

  #turn(who: "you" | "assistant", ...parts: HTMLElement[]) {
    const speaker = make("span", { className: "unseen" }, this.#scene.texts[who]);
    return make("div", { className: "turn", lang: this.#scene.locale }, speaker, ...parts);
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }
}
