// Where a question is written.

import { make } from "./dom.ts";
import type { Scene } from "./scene.ts";

export class Composer {
  readonly field = make("textarea", {
    className: "field",
    dir: "auto",
    rows: 1,
    maxLength: 2_000,
    enterKeyHint: "send",
  });
  readonly element: HTMLFormElement;
  #send = make("button", { className: "send" });
  #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.element = make("form", { className: "composer" }, this.field, this.#send);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void scene.ask(this.field.value);
    });
    this.field.addEventListener("keydown", (event) => {
      // Where a word is composed, Enter ends it. Safari tells so only by the code 229.
      const isComposing = event.isComposing || event.keyCode === 229;
      if (event.key !== "Enter" || event.shiftKey || isComposing) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
  }

  relabel() {
    const { field, send } = this.#scene.texts;
    this.field.ariaLabel = field;
    this.field.placeholder = field;
    this.#send.textContent = send;
  }

  /** Empties the field, if this is what is in it. */
  take(prompt: string) {
    if (this.field.value.trim() === prompt) this.field.value = "";
  }

  /** Puts a question back. Returns whether the shopper has not begun another one. */
  giveBack(prompt: string): boolean {
    this.field.value ||= prompt;
    return this.field.value === prompt;
  }

  /** Says that a question would not be sent now. What is only said to be disabled keeps the focus. */
  hold(isHeld: boolean) {
    this.#send.ariaDisabled = String(isHeld);
  }
}
