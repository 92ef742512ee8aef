// What a month of the worker uses of each meter, and where each of these numbers comes from.

import { OBJECT_GB } from "./prices.mjs";

/** @import { METERS } from "./prices.mjs" */

/**
 * @typedef {object} Month
 * @property {number} chats
 * @property {number} refused the share of all requests that is refused before an object is asked
 * @property {number} [networks] from how many networks the chats of a day come. Otherwise each comes from its own
 * @property {boolean} [admin] whether an ADMIN_TOKEN is set, so that the chats are counted for /admin
 *
 * @typedef {object} Measured what bench/results.json has of this worker
 * @property {number} chatMs the CPU of an accepted chat
 * @property {number} refusalMs the CPU of a refused request
 * @property {string} date
 *
 * @typedef {Record<keyof typeof METERS, number>} Usage
 */

/** Of a month. */
export const DAYS = 30;
/** A page on another origin asks first. Browsers remember the answer for up to two hours, so there may be fewer. */
const PREFLIGHTS_PER_CHAT = 1;
/** An object stores a chat that comes alone in one row. While chats keep coming it writes one row a second. */
const ROWS_PER_CHAT = 1;
/**
 * An object's alarm goes off once in its longest window, which is a day in every preset. It is a request. Setting it is a
 * row, and so is what it does: it deletes the ledger, or writes it again. Deletes count as rows written.
 */
const ROWS_PER_ALARM = 2;
/** Counts for /admin are one request of the day's object, if nothing else ends in that isolate within five seconds. */
const REPORTS_PER_REQUEST = 1;
/**
 * The day's object writes a report within a second, together with all others of that second. Until then a timer keeps it
 * awake. A report that comes alone sets none, so this is the most.
 */
const MOST_SECONDS_OF_REPORTS = DAYS * 86_400;
/** An object reads its ledger when it wakes, at most once for a request. */
const ROWS_READ_PER_REQUEST = 1;
/**
 * How long a request keeps a limiter object awake. A chat that comes alone sets no timer. One that comes within a second of
 * another on the same network keeps its object awake until that second is over.
 */
const AWAKE_SECONDS = 0.02;
/** How long an object exists after a chat: until its alarm has gone off. */
const KEPT_DAYS = 2;
/** An empty database has about 12 KB, by Cloudflare's documentation. The rest is the ledger's. */
const OBJECT_KB = 20;
/** A line of the log with what Cloudflare adds to it. */
const LINE_KB = 2;
const LOG_DAYS = 7;
const KB_PER_GB = 1_000_000;
/** Where most numbers come from. */
const BENCH = "bench/results.json";

/** @param {any} results bench/results.json */
export function measuredIn(results) {
  const { chatCpu, refusalCpu } = results.peers["this worker"];
  return { chatMs: chatCpu.median / 1_000, refusalMs: refusalCpu.median / 1_000, date: results.machine.date };
}

/**
 * @param {Month} month
 * @param {Measured} measured
 * @returns {Usage}
 */
export function usageOf({ chats, refused, networks = Infinity, admin = false }, { chatMs, refusalMs }) {
  const wanted = chats * (1 + PREFLIGHTS_PER_CHAT);
  const requests = Math.round(wanted / (1 - refused));
  const alarms = Math.min(chats, networks * DAYS);
  // Refused requests are counted as well. A flood of them comes in few isolates, and so in far fewer reports.
  const reports = admin ? (chats + requests - wanted) * REPORTS_PER_REQUEST : 0;
  const secondsOfReports = Math.min(reports, MOST_SECONDS_OF_REPORTS);
  const objectRequests = chats + alarms + reports;
  const loggedGb = (requests * LINE_KB) / KB_PER_GB;
  return {
    requests,
    cpuMs: chats * chatMs + (requests - chats) * refusalMs,
    objectRequests,
    objectGbSeconds: ((chats + alarms) * AWAKE_SECONDS + secondsOfReports) * OBJECT_GB,
    rowsWritten: chats * ROWS_PER_CHAT + alarms * ROWS_PER_ALARM + secondsOfReports,
    rowsRead: objectRequests * ROWS_READ_PER_REQUEST,
    storedGb: (alarms * OBJECT_KB * KEPT_DAYS) / DAYS / KB_PER_GB,
    loggedGb,
    keptGb: (loggedGb * LOG_DAYS) / DAYS,
  };
}

/**
 * How sure each number is, and why.
 *
 * @param {Month} month
 * @param {Measured} measured
 * @returns {Record<keyof typeof METERS, { kind: "measured" | "assumed", how: string }>}
 */
export function originsOf({ admin }, { date, chatMs, refusalMs }) {
  const reports = admin ? ", and one a chat and a refused request for /admin (assumed)" : "";
  const awake = admin ? ", and a second a report for /admin, all day at most; src/usage/keeper.rs" : "";
  const ms = `${chatMs.toFixed(2)} ms a chat, ${refusalMs.toFixed(2)} ms for all others`;
  return {
    requests: { kind: "assumed", how: "one a chat, one for the browser's preflight of each, and the refused ones" },
    cpuMs: { kind: "measured", how: `${ms}; ${BENCH} of ${date}, all of workerd` },
    objectRequests: { kind: "measured", how: `one a chat, and an alarm a day for each network; ${BENCH}${reports}` },
    objectGbSeconds: { kind: "assumed", how: `20 ms a request, as long as on a busy network; ${BENCH}${awake}` },
    rowsWritten: { kind: "measured", how: `one a chat, two for each alarm; ${BENCH}${reports}` },
    rowsRead: { kind: "assumed", how: "one a request, at most: when the object wakes; src/edge/limiter.rs" },
    storedGb: { kind: "assumed", how: "20 KB an object for two days; 12 KB of an empty one are published" },
    loggedGb: { kind: "assumed", how: "one line a request, as tests/edge/log.test.mjs has it, of 2 KB" },
    keptGb: { kind: "assumed", how: "seven days, as published" },
  };
}
