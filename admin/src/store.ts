// The store's budget at the assistant: its caps, what is left of them, and when they are spent at this pace.

import { find, put } from "./dom.ts";
import { clock, duration, moment, number, percent, plural } from "./format.ts";
import { now } from "./times.ts";
import type { Usage } from "./usage.ts";

/** A cap that is spent within so many seconds is worth a warning. */
const SOON = 2 * 3_600;

export function showStore({ hour, day, pace, spentIn }: Usage) {
  const used = hour && Math.max(0, hour.cap - hour.remaining);
  showMeter("hour", used, hour?.cap);
  put(
    "hour-text",
    hour
      ? `${number(hour.remaining)} of ${plural(hour.cap, "request")} left, as the assistant said at ${clock(hour.at)}.`
      : "The assistant does not say what is left now.",
  );
  showMeter("day", day?.used, day?.cap);
  put(
    "day-text",
    day
      ? `${number(day.used)} of ${plural(day.cap, "request")} used (${percent(day.used, day.cap)}), as counted here.`
      : "The assistant publishes no cap for a day.",
  );
  put("pace", paceOf(pace, spentIn));
  find("pace").className = spentIn !== null && spentIn < SOON ? "warning" : "";
}

function showMeter(id: string, used: number | null | undefined, cap = 0) {
  const meter = find<HTMLMeterElement>(id);
  meter.hidden = cap === 0;
  if (cap === 0) return;
  meter.max = cap;
  meter.low = cap * 0.7;
  meter.high = cap * 0.9;
  meter.optimum = 0;
  meter.value = used ?? 0;
}

function paceOf(pace: number, spentIn: number | null) {
  if (pace === 0) return "The assistant gets no requests now.";
  const rate = `The assistant gets ${plural(pace, "request")} an hour now.`;
  if (spentIn === null) return `${rate} At this pace, no cap is reached before it frees.`;
  if (spentIn === 0) return `${rate} A cap is reached now. Everybody has to wait until it frees.`;
  const at = Math.min(now() + spentIn, 1e11);
  return `${rate} At this pace, a cap is reached in ${duration(spentIn)}, on ${moment(at)}.`;
}
