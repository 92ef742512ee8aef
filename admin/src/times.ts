// Times that say how long ago they are, and go on saying it.

import { make, put } from "./dom.ts";
import { exactly, relative } from "./format.ts";

let skew = 0;

/** The worker's time in seconds, as far as this machine can tell. */
export function now() {
  return Date.now() / 1_000 + skew;
}

/** Takes what the worker says the time is. The clock of this machine may be wrong. */
export function set(at: number) {
  if (at > 0) skew = at - Date.now() / 1_000;
}

export function time(at: number) {
  const element = make("time", { className: "when", textContent: "–" });
  if (at > 0) retime(element, at);
  return element;
}

export function retime(element: HTMLTimeElement, at: number) {
  // A time that is computed anew from a rounded one may differ by a second.
  if (Math.abs(Number(element.dataset.at ?? -9) - at) > 1.5) {
    element.dataset.at = String(at);
    element.dateTime = new Date(at * 1_000).toISOString();
    element.title = exactly(at);
  }
  put(element, relative(Number(element.dataset.at) - now()));
}

/** Has every time on the page say how long ago it is now. */
export function tick() {
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-at]")) {
    put(element, relative(Number(element.dataset.at) - now()));
  }
}
