// The chats over time: a stacked bar for each slot, a sentence for all of them, and the same as a table.

import { cells, draw, fill, find, make, put } from "./dom.ts";
import { clock, day, duration, moment, number, plural } from "./format.ts";
import { SERIES, type Series, type Slot, type Usage } from "./usage.ts";

const HEIGHT = 220;
const [TOP, BOTTOM, LEFT] = [12, 24, 36];
/** What is there is seen, however little it is of the whole. */
const LEAST = 2;
/** A label of the time axis needs so many pixels. */
const LABEL = 84;
const NAMES: Record<Series, string> = { ok: "answered", left: "left", refused: "refused", failed: "failed" };

const chart = find<SVGSVGElement>("chart");
const details = find<HTMLDetailsElement>("chart-details");
const mark = draw("rect", { class: "mark-slot", y: TOP, height: HEIGHT - TOP - BOTTOM, width: 0 });
let slots: Slot[] = [];
let isByDay = false;

export function showChart({ curve, range }: Usage) {
  slots = curve;
  isByDay = range === "month";
  put("chart-summary", summary());
  put("slot", "");
  plot();
  if (details.open) tabulate();
}

function total(slot: Slot) {
  return SERIES.reduce((sum, name) => sum + slot[name], 0);
}

function when({ at, seconds }: Slot) {
  return isByDay ? `${day(at)} (UTC)` : `${clock(at)}–${clock(at + seconds)}`;
}

/** What happened in a slot, such as "12 chats: 10 answered, 2 refused". */
function contents(slot: Slot) {
  const parts = SERIES.filter((name) => slot[name] > 0).map((name) => `${number(slot[name])} ${NAMES[name]}`);
  return parts.length > 0 ? `${plural(total(slot), "chat")}: ${parts.join(", ")}` : "no chats";
}

function summary() {
  const [first] = slots;
  if (!first) return "";
  const busiest = slots.reduce((most, slot) => (total(slot) > total(most) ? slot : most));
  const unit = isByDay ? "A bar is a day of UTC." : `A bar is ${duration(first.seconds)}.`;
  return total(busiest) > 0 ? `${unit} The busiest was ${when(busiest)}, with ${contents(busiest)}.` : unit;
}

function plot() {
  const width = Math.round(chart.getBoundingClientRect().width);
  if (width === 0 || slots.length === 0) return chart.replaceChildren();
  const most = niceCeiling(Math.max(...slots.map(total)));
  const [room, step] = [HEIGHT - TOP - BOTTOM, (width - LEFT) / slots.length];
  const x = (index: number) => LEFT + index * step;
  const gap = step > 12 ? step * 0.2 : Math.min(1, step * 0.2);
  const paths: Record<Series, string> = { ok: "", left: "", refused: "", failed: "" };
  for (const [index, slot] of slots.entries()) {
    let y = HEIGHT - BOTTOM;
    for (const name of SERIES) {
      if (slot[name] === 0) continue;
      const height = Math.max(LEAST, (slot[name] / most) * room);
      y -= height;
      paths[name] +=
        `M${round(x(index) + gap / 2)} ${round(y)}h${round(step - gap)}v${round(height)}h${-round(step - gap)}z`;
    }
  }
  chart.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  chart.replaceChildren(
    ...[0, most / 2, most].flatMap((value) => level(value, HEIGHT - BOTTOM - (value / most) * room, width)),
    mark,
    ...SERIES.map((name) => draw("path", { d: paths[name], fill: `url(#${name})` })),
    ...times(width, step),
  );
}

/** A line across the chart with its number. */
function level(value: number, y: number, width: number) {
  const line = draw("path", { class: value ? "grid" : "axis", d: `M${LEFT} ${y + 0.5}H${width}` });
  return [line, draw("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, number(value))];
}

function times(width: number, step: number) {
  const every = Math.max(1, Math.ceil(slots.length / Math.max(2, Math.floor((width - LEFT) / LABEL))));
  return slots
    .map((slot, index) => ({ slot, x: LEFT + index * step }))
    .filter(({ x }, index) => index % every === 0 && x + LABEL / 2 < width)
    .map(({ slot, x }) => draw("text", { x, y: HEIGHT - 6 }, isByDay ? day(slot.at) : clock(slot.at)));
}

/** The next of 2, 4, 10, 20, 40, 100 and so on, which all have a half. */
function niceCeiling(value: number) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [2, 4, 6, 8, 10, 20].map((factor) => factor * power).find((nice) => nice >= value) ?? value;
}

function round(value: number) {
  return Math.round(value * 10) / 10;
}

function tabulate() {
  fill(find("slots"), slots.filter(total).reverse(), {
    key: ({ at }) => String(at),
    make: () => make("tr"),
    update: (row, slot) => {
      const { at, ok, refused, failed, left } = slot;
      cells(row, [isByDay ? day(at) : moment(at), ...[ok, refused, failed, left].map(number)]);
    },
  });
}

function point({ clientX }: PointerEvent) {
  const { left, width } = chart.getBoundingClientRect();
  const step = (width - LEFT) / slots.length;
  const index = Math.floor((clientX - left - LEFT) / step);
  const slot = slots[index];
  mark.setAttribute("width", String(slot ? step : 0));
  mark.setAttribute("x", String(LEFT + index * step));
  put("slot", slot ? `${when(slot)}: ${contents(slot)}` : "");
}

export function startChart() {
  new ResizeObserver(plot).observe(chart);
  details.addEventListener("toggle", () => details.open && tabulate());
  chart.addEventListener("pointermove", point);
  chart.addEventListener("pointerleave", () => {
    mark.setAttribute("width", "0");
    put("slot", "");
  });
}
