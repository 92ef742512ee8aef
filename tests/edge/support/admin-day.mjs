// A day of a shop, as /admin/usage and /admin/blocks tell it.

import { NOW, empty, slot } from "./admin.mjs";

/** How busy each hour of a day is, from midnight UTC on. */
const HOURS = [2, 1, 0, 0, 0, 1, 2, 4, 6, 8, 9, 9, 10, 9, 8, 9, 11, 12, 13, 14, 15, 12, 8, 4];

const name = (/** @type {number} */ number) => `LtFAu-99${number}RT3kQz_Vm1aBx0`.slice(0, 22);
const shopper = (/** @type {number} */ number) => `3GPzqg${number}-`;
export const id = (/** @type {number} */ number) => `0df213bd-b156-49c4-a270-${String(number).padStart(12, "0")}`;

/**
 * A day with a busy evening, a bot at noon, and an assistant that failed for a while.
 *
 * @returns {any}
 */
export function busyDay() {
  const curve = Array.from({ length: 145 }, (_, index) => {
    const hour = new Date(slot(index, 0).at * 1_000).getUTCHours();
    const ok = Math.max(0, HOURS[hour] + ((index * 7) % 5) - 2);
    const [isBot, isDown] = [index > 108 && index < 115, index > 130 && index < 134];
    return slot(index, isDown ? 1 : ok, {
      refused: isBot ? 9 : 0,
      failed: isDown ? 6 : 0,
      left: index % 23 === 7 ? 1 : 0,
    });
  });
  const sum = (/** @type {string} */ key) => curve.reduce((total, each) => total + each[key], 0);
  const [ok, refused, failed, left] = ["ok", "refused", "failed", "left"].map(sum);
  return {
    ...empty(),
    chats: {
      total: ok + refused + failed + left,
      ok,
      refused,
      failed,
      left,
      by_outcome: {
        ok,
        rate_limited: refused - 4,
        origin_not_allowed: 4,
        upstream_timeout: failed - 2,
        upstream_error: 2,
        shopper_left: left,
      },
      by_budget: { network: 31, newcomer: 12, shopper: refused - 47 },
      would_be_refused: {},
    },
    operations: { total: 212, by_outcome: { ok: 210, page_not_found: 2 } },
    newcomers: 318,
    verified: 87,
    refunded: 6,
    upstream: { requests: ok + failed + 23, errors: failed + 5 },
    latency_ms: {
      total: { count: ok, p50: 940, p95: 2_410, p99: 4_800 },
      limiter: { count: ok + refused, p50: 6, p95: 18, p99: 41 },
      upstream: { count: ok, p50: 921, p95: 2_370, p99: 4_760 },
    },
    busiest: {
      networks: [74, 41, 22, 18, 15, 11, 9, 9, 8, 8].map((chats, index) => {
        return { limiter: name(index), chats, at_most_too_many: index > 6 ? 3 : 0 };
      }),
      shoppers: [31, 22, 14, 12, 12, 9, 8, 7, 7, 6].map((chats, index) => {
        return { limiter: name(index), shopper: shopper(index), chats, at_most_too_many: index > 7 ? 2 : 0 };
      }),
    },
    curve,
    errors: Array.from({ length: 8 }, (_, index) => ({
      at: NOW - 5_400 - index * 61,
      request_id: id(index),
      outcome: index % 3 ? "upstream_timeout" : "upstream_error",
      ...(index % 3 ? {} : { upstream_status: 502 }),
    })),
    store: {
      hour: { cap: 500, remaining: 431, at: NOW - 42 },
      day: { cap: 2_000, used: ok + failed + 23 },
      pace_per_hour: 84,
      spent_in_s: 41_500,
    },
  };
}

/** Two shoppers and a network who have to wait. */
export function heldBack() {
  const block = (/** @type {number} */ number, /** @type {object} */ more) => ({
    limiter: name(number),
    shopper: shopper(number),
    budget: "shopper",
    window: "hour",
    limit: 40,
    request_id: id(100 + number),
    at: NOW - 120 - number * 400,
    frees_in_s: 1_234 + number * 300,
    ...more,
  });
  return [
    block(0, {}),
    block(1, { window: "day", limit: 100 }),
    block(2, { budget: "network", shopper: "", limit: 200 }),
  ];
}
