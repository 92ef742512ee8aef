// The line above the field: that an answer is on its way, what went wrong, how long to wait.

import { make } from "./dom.ts";
import type { Wait } from "./countdown.ts";
import type { Scene } from "./scene.ts";
import { fill } from "./texts.ts";

export class Notice {
  readonly element: HTMLElement;
  #scene: Scene;
  #status = make("p", { role: "status", className: "status" });
  // A timer is not read out when it changes. Meanwhile the status line is, and is not seen.
  #clock = make("span", { role: "timer", className: "clock", hidden: true });
  #summary = make("summary");
  #reference = make("p", { className: "minor" });
  #details = make("details", { hidden: true }, this.#summary, this.#reference);
  #waiting?: AbortController;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.element = make("div", { className: "notice" }, this.#status, this.#clock, this.#details);
  }

  get isCounting(): boolean {
    return !!this.#waiting;
  }

  /** Says something, and ends what was said before. An empty text says nothing. */
  say(words: string, kind = "", requestId?: string) {
    this.stop();
    this.mention(words, kind);
    const { details, reference } = this.#scene.texts;
    this.#details.hidden = !requestId;
    this.#details.open = false;
    this.#summary.textContent = details;
    this.#reference.textContent = fill(reference, requestId ?? "");
  }

  /** Says something, and ends nothing. */
  mention(words: string, kind = "") {
    this.element.dataset.kind = kind;
    this.#status.textContent = words;
  }

  /** Counts down so many seconds, then calls back. */
  count(seconds: number, name: Wait["name"], requestId: string | undefined, done: () => void) {
    this.say("", "quiet", requestId);
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    const over = () => {
      if (signal.aborted) return;
      this.stop();
      done();
    };
    const wait = { seconds, name, status: this.#status, clock: this.#clock, signal };
    // Without the file, a question is free, and is refused again.
    import("./countdown.ts").then(({ countDown }) => countDown(wait, this.#scene, over), over);
  }

  stop() {
    this.#waiting?.abort();
    this.#waiting = undefined;
    this.#clock.hidden = true;
  }
}
