// A wait, in words and on a clock. It is loaded when a budget is used up for the first time.

import { COUNTDOWN_ENGLISH } from "./countdown-texts.ts";
import type { Host } from "./host.ts";
import type { Scene } from "./scene.ts";

export interface Wait {
  seconds: number;
  /** What is waited for. */
  name: "wait" | "sending";
  /** It says once how long the wait is, for screen readers. */
  status: HTMLElement;
  /** It says how long the wait still is. */
  clock: HTMLElement;
  /** Ends it early. */
  signal: AbortSignal;
}

/** Says how long the wait is, and counts it down. Then it calls back. */
export function countDown(
  { seconds, name, status, clock, signal }: Wait,
  { texts: known, locale, spoken = locale }: Scene,
  done: () => void,
) {
  if (signal.aborted) return;
  const texts = { ...COUNTDOWN_ENGLISH, ...known };
  const say = (time: string) => texts[name].replace("{time}", () => time);
  // By the clock, because a browser slows down the timers of a page that nobody sees.
  const end = Date.now() + seconds * 1_000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1_000);
    if (left > 0) clock.textContent = say(onTheClock(left));
    else done();
  };
  const { texts: own } = (clock.getRootNode() as ShadowRoot).host as Host;
  // Without texts for the page's language, the units are in the texts' one.
  const language = own[name] || locale.startsWith(spoken) ? locale : spoken;
  status.textContent = say(spell(seconds, language));
  clock.hidden = false;
  const timer = setInterval(tick, 250);
  signal.addEventListener("abort", () => clearInterval(timer));
  tick();
}

function spell(seconds: number, language: string): string {
  const inUnits = (count: number, unit: string) =>
    Math.ceil(count).toLocaleString(language, { style: "unit", unitDisplay: "long", unit });
  if (seconds < 90) return inUnits(seconds, "second");
  if (seconds < 5_400) return inUnits(seconds / 60, "minute");
  return inUnits(seconds / 3_600, "hour");
}

/** Budgets are of a day at most, and so are waits. */
function onTheClock(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(seconds < 3_600 ? 14 : 11, 19);
}
