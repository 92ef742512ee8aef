// Numbers and times as people read them. Times are in seconds since 1970.

const LANGUAGE = "en";
const NUMBER = new Intl.NumberFormat(LANGUAGE);
const PERCENT = new Intl.NumberFormat(LANGUAGE, { style: "percent", maximumFractionDigits: 1 });
const SECONDS = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const RELATIVE = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "always" });
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const DAY = { day: "numeric", month: "short" } as const;

/** What each unit has of seconds, and from how many of them on it is used. */
const UNITS = [
  ["day", 86_400, 2],
  ["hour", 3_600, 2],
  ["minute", 60, 1],
] as const;

export function number(value: number) {
  return NUMBER.format(value);
}

/** A number with its noun, such as "1 chat" and "2 chats". */
export function plural(value: number, noun: string) {
  return `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Returns an empty text where there is no whole. */
export function percent(part: number, whole: number) {
  return whole > 0 ? PERCENT.format(part / whole) : "";
}

export function milliseconds(value: number | null) {
  if (value === null) return "–";
  return value < 1_000 ? `${number(value)} ms` : `${SECONDS.format(value / 1_000)} s`;
}

export function duration(seconds: number) {
  const [unit, size] = UNITS.find(([, size, least]) => seconds >= size * least) ?? ["second", 1];
  return plural(Math.round(seconds / size), unit);
}

/** How long before or after now, in steps that nobody has to follow. */
export function relative(seconds: number) {
  const [length, sign] = [Math.abs(seconds), Math.sign(seconds)];
  if (length < 10) return sign > 0 ? "in a moment" : "just now";
  const [unit, size] = UNITS.find(([, size, least]) => length >= size * least) ?? ["second", 1];
  const amount = unit === "second" ? Math.floor(length / 10) * 10 : Math.floor(length / size);
  return RELATIVE.format(sign * amount, unit);
}

/** The local time, such as "28 Nov, 17:13". */
export function moment(at: number) {
  return format(at, { ...DAY, ...CLOCK });
}

/** The local time with its zone. */
export function exactly(at: number) {
  return format(at, { ...DAY, year: "numeric", ...CLOCK, second: "2-digit", timeZoneName: "short" });
}

export function clock(at: number) {
  return format(at, CLOCK);
}

/** A day of the worker's, which are days of UTC. */
export function day(at: number) {
  return format(at, { ...DAY, timeZone: "UTC" });
}

export function zone(at: number) {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(at * 1_000);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

function format(at: number, options: Intl.DateTimeFormatOptions) {
  return new Intl.DateTimeFormat("en-GB", options).format(at * 1_000);
}
