// The line above the field: that an answer is on its way, what went wrong, how long to wait.

import { make } from "./dom.ts";
import type { Scene } from "./scene.ts";
import { fill } from "./texts.ts";

export class Notice {
  readonly element: HTMLElement;
  #scene: Scene;
  #status = make("p", { role: "status", className: "status" });
  // A timer is not read out when it changes. The status line has said how long it takes.
  #clock = make("span", { role: "timer", className: "clock", hidden: true });
  #summary = make("summary");
  #reference = make("p", { className: "minor" });
  #details = make("details", { hidden: true }, this.#summary, this.#reference);
  #timer = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.element = make("div", { className: "notice" }, this.#status, this.#clock, this.#details);
  }

  get isCounting(): boolean {
    return this.#timer !== 0;
  }

  /** Says something, and ends what was said before. An empty text says nothing. */
  say(words: string, kind = "", requestId?: string) {
    this.stop();
    this.mention(words, kind);
    const { details, reference } = this.#scene.texts;
    this.#details.hidden = !requestId;
    this.#details.open = false;
    this.#summary.textContent = details;
    this.#reference.textContent = requestId ? fill(reference, requestId) : "";
  }

  /** Says something, and ends nothing. */
  mention(words: string, kind = "") {
    this.element.dataset.kind = kind;
    this.#status.textContent = words;
  }

  /** Counts down so many seconds, then calls back. */
  count(seconds: number, requestId: string | undefined, done: () => void) {
    const { texts, locale } = this.#scene;
    this.say(fill(texts.wait, spell(seconds, locale)), "", requestId);
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) {
        this.#clock.textContent = onTheClock(left);
        return;
      }
      this.stop();
      done();
    };
    this.#clock.hidden = false;
    this.#timer = setInterval(tick, 250);
    tick();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#clock.hidden = true;
  }
}

function spell(seconds: number, locale: string): string {
  const inUnits = (count: number, unit: string) =>
    Math.ceil(count).toLocaleString(locale, { style: "unit", unitDisplay: "long", unit });
  if (seconds < 90) return inUnits(seconds, "second");
  if (seconds < 5400) return inUnits(seconds / 60, "minute");
  return inUnits(seconds / 3600, "hour");
}

/** Budgets are of a day at most, and so are waits. */
function onTheClock(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(seconds < 3600 ? 14 : 11, 19);
}
