// What the worker's answers say, read so that no value of them can do harm: each field has its type or a harmless value.

export const RANGES = ["hour", "day", "month"] as const;
export type Range = (typeof RANGES)[number];
export const SERIES = ["ok", "left", "refused", "failed"] as const;
export type Series = (typeof SERIES)[number];
export type Count = [name: string, count: number];

export interface Slot extends Record<Series, number> {
  at: number;
  seconds: number;
}

export interface Latency {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Busy {
  limiter: string;
  shopper: string;
  chats: number;
  tooMany: number;
}

export interface Failure {
  at: number;
  requestId: string;
  outcome: string;
  status: number | null;
}

export interface Block {
  limiter: string;
  shopper: string;
  budget: string;
  window: string;
  limit: number;
  requestId: string;
  at: number;
  freesIn: number;
}

export type Usage = ReturnType<typeof readUsage>;

export function readUsage(body: unknown) {
  const { range, from, to, assistant, dry_run, ...rest } = object(body);
  const chats = object(rest.chats);
  const [upstream, latency, busiest, store] = [rest.upstream, rest.latency_ms, rest.busiest, rest.store].map(object);
  const [hour, day] = [store.hour, store.day].map((cap) => (cap ? object(cap) : null));
  return {
    range: RANGES.find((name) => name === range) ?? "day",
    from: seconds(from),
    to: seconds(to),
    assistant: text(assistant),
    isDryRun: dry_run === true,
    total: count(chats.total),
    counts: series(chats),
    byOutcome: counts(chats.by_outcome),
    byBudget: counts(chats.by_budget),
    wouldBeRefused: counts(chats.would_be_refused),
    operations: count(object(rest.operations).total),
    newcomers: count(rest.newcomers),
    verified: count(rest.verified),
    refunded: count(rest.refunded),
    requests: count(upstream.requests),
    upstreamErrors: count(upstream.errors),
    latency: {
      total: quantiles(latency.total),
      upstream: quantiles(latency.upstream),
      limiter: quantiles(latency.limiter),
    },
    networks: list(busiest.networks, 10).map(busy),
    shoppers: list(busiest.shoppers, 10).map(busy),
    curve: list(rest.curve, 300).map((slot): Slot => {
      return { ...series(slot), at: seconds(slot.at), seconds: count(slot.seconds) };
    }),
    errors: list(rest.errors, 20).map((failure): Failure => {
      const { at, request_id, outcome, upstream_status } = failure;
      return {
        at: seconds(at),
        requestId: text(request_id),
        outcome: text(outcome),
        status: optional(upstream_status),
      };
    }),
    hour: hour && { cap: count(hour.cap), remaining: count(hour.remaining), at: seconds(hour.at) },
    day: day && { cap: count(day.cap), used: count(day.used) },
    pace: count(store.pace_per_hour),
    spentIn: optional(store.spent_in_s),
  };
}

export function readBlocks(body: unknown): Block[] {
  return list(object(body).blocks, 100).map((block) => ({
    limiter: text(block.limiter),
    shopper: text(block.shopper),
    budget: text(block.budget),
    window: text(block.window),
    limit: count(block.limit),
    requestId: text(block.request_id),
    at: seconds(block.at),
    freesIn: Math.min(count(block.frees_in_s), 1e8),
  }));
}

/** How many chats no longer count. */
export function readLifted(body: unknown) {
  return count(object(body).lifted);
}

/** Returns a text of an answer that says what is wrong. */
export function readText(body: unknown, name: string) {
  return text(object(body)[name]);
}

type Json = Record<string, unknown>;

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown, most: number): Json[] {
  return Array.isArray(value) ? value.slice(0, most).map(object) : [];
}

function optional(value: unknown) {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : null;
}

function count(value: unknown) {
  return optional(value) ?? 0;
}

/** A time that a Date can hold. */
function seconds(value: unknown) {
  return Math.min(count(value), 1e11);
}

/** All of its texts are ASCII. Anything else may be there to deceive. */
function text(value: unknown) {
  return typeof value === "string" ? value.slice(0, 64).replace(/[^\x20-\x7e]/g, "\ufffd") : "";
}

function series(value: Json) {
  return Object.fromEntries(SERIES.map((name) => [name, count(value[name])])) as Record<Series, number>;
}

/** The largest first. */
function counts(value: unknown): Count[] {
  return Object.entries(object(value))
    .slice(0, 60)
    .map(([name, number]): Count => [text(name), count(number)])
    .filter(([, number]) => number > 0)
    .sort(([, a], [, b]) => b - a);
}

function quantiles(value: unknown): Latency {
  const { count: number, p50, p95, p99 } = object(value);
  return { count: count(number), p50: optional(p50), p95: optional(p95), p99: optional(p99) };
}

function busy(value: Json): Busy {
  const { limiter, shopper, chats, at_most_too_many } = value;
  return { limiter: text(limiter), shopper: text(shopper), chats: count(chats), tooMany: count(at_most_too_many) };
}
