// What Cloudflare publishes of its prices, in dollars. Beside each price is its page, and the day on which that page was last
// updated, as the copy says that was read on READ. Change all of it together.

/**
 * @typedef {object} Source
 * @property {string} page
 * @property {string} updated
 *
 * @typedef {object} Meter one kind of usage that is billed
 * @property {string} name
 * @property {string} unit what its price is for
 * @property {number} included how much of it the paid plan includes in a month
 * @property {number} price of `per` more
 * @property {number} per
 * @property {boolean} [whole] whether what is billed is rounded up to a multiple of `per`
 * @property {Free} [free] what the free plan allows
 * @property {Source} source
 *
 * @typedef {object} Free
 * @property {number} most
 * @property {"day" | "account"} in
 * @property {"chats" | "log lines"} lost what is lost above it
 */

export const READ = "2026-11-28";

/** @type {Source} */
const WORKERS = { page: "https://developers.cloudflare.com/workers/platform/pricing/", updated: "2026-07-07" };
/** @type {Source} */
const OBJECTS = { page: "https://developers.cloudflare.com/durable-objects/platform/pricing/", updated: "2026-06-19" };
/**
 * These prices are for what is logged from 2026-12-01 on. Until then WORKERS has others: 20 million lines a month are
 * included and a million more cost $0.60; the free plan keeps 200,000 lines a day.
 *
 * @type {Source}
 */
const LOGS = { page: "https://developers.cloudflare.com/observability/pricing/", updated: "2026-10-02" };

/** What the paid plan costs in a month. */
export const SUBSCRIPTION = { price: 5, source: WORKERS };

/** The CPU that the free plan allows one request, in milliseconds. */
export const FREE_CPU_MS = { most: 10, source: WORKERS };

/** The memory that an object is billed for while it is awake, whatever it uses. */
export const OBJECT_GB = 0.128;

/** @satisfies {Record<string, Meter>} */
export const METERS = {
  requests: {
    name: "Worker requests",
    unit: "a million",
    included: 10_000_000,
    price: 0.3,
    per: 1_000_000,
    free: { most: 100_000, in: "day", lost: "chats" },
    source: WORKERS,
  },
  cpuMs: {
    name: "Worker CPU, ms",
    unit: "a million",
    included: 30_000_000,
    price: 0.02,
    per: 1_000_000,
    source: WORKERS,
  },
  // The page of 2026-06-19 rounds neither requests nor GB-seconds in its examples. A later copy, without a date, rounds
  // both up to whole millions (cloudflare/cloudflare-docs at 04a87f48). What is dearer is used.
  objectRequests: {
    name: "Object requests",
    unit: "a million",
    included: 1_000_000,
    price: 0.15,
    per: 1_000_000,
    whole: true,
    free: { most: 100_000, in: "day", lost: "chats" },
    source: OBJECTS,
  },
  objectGbSeconds: {
    name: "Object GB-seconds",
    unit: "a million",
    included: 400_000,
    price: 12.5,
    per: 1_000_000,
    whole: true,
    free: { most: 13_000, in: "day", lost: "chats" },
    source: OBJECTS,
  },
  rowsWritten: {
    name: "Rows written",
    unit: "a million",
    included: 50_000_000,
    price: 1,
    per: 1_000_000,
    free: { most: 100_000, in: "day", lost: "chats" },
    source: OBJECTS,
  },
  rowsRead: {
    name: "Rows read",
    unit: "a million",
    included: 25_000_000_000,
    price: 0.001,
    per: 1_000_000,
    free: { most: 5_000_000, in: "day", lost: "chats" },
    source: OBJECTS,
  },
  storedGb: {
    name: "Stored, GB-months",
    unit: "a GB-month",
    included: 5,
    price: 0.2,
    per: 1,
    free: { most: 5, in: "account", lost: "chats" },
    source: OBJECTS,
  },
  loggedGb: {
    name: "Logged, GB",
    unit: "a GB",
    included: 50,
    price: 0.25,
    per: 1,
    free: { most: 0.5, in: "day", lost: "log lines" },
    source: LOGS,
  },
  keptGb: {
    name: "Logs kept, GB-months",
    unit: "a GB-month",
    included: 12,
    price: 0.1,
    per: 1,
    source: LOGS,
  },
};
