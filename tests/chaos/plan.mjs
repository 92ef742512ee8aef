// What happens in a run, all of it decided by the seed before anything is started.

import { apiOf } from "./contracts.mjs";
import { Random } from "./random.mjs";

/** Tight enough that some shoppers, newcomers and networks are refused. */
export const CAPS = { shopper: 8, newcomer: 9, network: 45 };

/** How many chats a page has on average: a greedy one has more than its budget. */
const CHATS_A_PAGE = 5.5;
const PAGES_A_NETWORK = 5;
/** Those of one act alone, whose budgets are to last. */
const CHATS_A_STRANGER = 4;

/** How many of the chats ask for events. */
const BY_EVENTS = 0.2;
/** What only some assistants have is drawn apart, so that the rest of the plan is the same for all. */
const APART = 0x5eed;

/** What chats may meet on their own, by weight; none of them takes the store's cap or 10 seconds. */
const OWN_FAULTS = [
  [10, () => "ok"],
  [6, (random) => `delay:${100 + random.below(1_900)}`],
  [4, () => "html-502 | ok"],
  [4, () => "html-503 | html-502 | ok"],
  [3, () => "unavailable:1 | ok"],
  [3, () => "status:522 | ok"],
  [2, () => "status:530"],
  [2, (_, { key }) => `error:${key} | ok`],
  [4, (random, { engine }) => `error:${random.pick(engine)} | ok`],
  [2, (random, { engine }) => `error:${random.pick(engine)}`],
  [2, (_, { unset }) => `error:${unset}`],
  [2, () => "reset-before"],
  [2, () => "reset-after"],
  [2, () => "truncated"],
  [1, () => "not-json"],
  [1, () => "json-as-html"],
  [1, () => "empty"],
  [1, () => "html-504"],
  [1, () => "gateway-403"],
  [1, () => "redirect"],
  [1, () => "unknown-error"],
  [1, () => "oversized-error:60000"],
  [1, () => "no-request-id"],
  [1, () => "key-echo"],
  [1, () => "headers"],
  [2, () => "throttled:1 | ok"],
  [1, (_, { throttle }) => throttle],
  [1, () => "empty-chunked"],
  [2, () => "gzip"],
  [2, () => "oversized:300000"],
  [2, () => "trickle:10"],
  [3, () => "stream"],
  [2, () => "stream-slow:50"],
  [2, () => "stream-cut"],
];

/** What chats meet that wait for a deadline. */
const SLOW_FAULTS = [
  [4, () => "ok"],
  [2, () => "hang-after"],
  [2, () => "stream-stall"],
  [1, () => "hang-before"],
  [3, () => "trickle:15"],
  [3, () => "stream-slow:300"],
];

/** What has all chats of an act under way at once. */
const LONG_FAULTS = [[1, (random) => `delay:${3_000 + random.below(2_000)}`]];

/** What a whole simulator may meet for a while. */
const flips = ({ engine: [engine], key, throttle }) => [
  "ok",
  "ok",
  "status:522",
  "status:521",
  "html-502",
  "html-503",
  "delay:800",
  `error:${engine}`,
  "reset-before",
  throttle,
  "stream",
  `error:${key} | ok`,
  "html-503 | ok",
];

/** When the engine fails every chat, in milliseconds of its act. */
const OUTAGE = { from: 2_500, until: 24_000 };

/**
 * The acts of a run. share: of all chats; own: what chats meet on their own, and how many of them
 * do; spread: in how many milliseconds they set out; leave: how many shoppers leave early;
 * strangers: shoppers and networks that are in no other act; before: what is done between the act
 * before and this one; during: what is done in it.
 */
// biome-ignore format: a row a line
const ACTS = [
  { name: "all is well", share: 10, spread: 2_000 },
  { name: "the engine is out", share: 10, spread: 30_000, strangers: true, during: ["engine outage"] },
  { name: "a rush of slow answers", share: 16, own: [LONG_FAULTS, 1], spread: 3_000 },
  { name: "each chat has its own fault", share: 16, own: [OWN_FAULTS, 0.8], spread: 8_000, leave: 0.05, during: ["evict"] },
  { name: "both simulators flip", share: 16, own: [OWN_FAULTS, 0.2], spread: 10_000, leave: 0.05, during: ["flip", "evict"] },
  { name: "the primary is down", share: 10, own: [OWN_FAULTS, 0.3], spread: 5_000, before: ["stop primary"] },
  { name: "both are down", share: 2, spread: 2_000, before: ["stop fallback"] },
  { name: "the worker was killed at rest", share: 10, own: [OWN_FAULTS, 0.5], spread: 5_000, before: ["start both", "kill worker"] },
  { name: "the worker is killed under load", share: 14, own: [OWN_FAULTS, 0.5], spread: 8_000, leave: 0.03, during: ["kill worker"] },
  { name: "slow answers, and the primary stands still", share: 6, own: [SLOW_FAULTS, 0.5], spread: 6_000, leave: 0.1, during: ["stand still"] },
  { name: "the keys are refused", share: 4, own: [OWN_FAULTS, 0.2], spread: 4_000, during: ["refuse keys"] },
  { name: "the store's cap is reached", share: 4, spread: 4_000, during: ["store cap"] },
  { name: "all is well again", share: 8, own: [OWN_FAULTS, 0.3], spread: 5_000, before: ["kill worker"], during: ["evict"] },
];

/**
 * The plan of a run before an assistant of this contract: pages on their networks, and acts with their chats and
 * events.
 */
export function planRun(seed, count, contract) {
  const random = new Random(seed);
  const apart = new Random(seed ^ APART);
  const { errors, strikes } = contract;
  const pages = planPages(random, Math.ceil(count / CHATS_A_PAGE));
  const usual = pages.flatMap((page) => Array(page.greedy ? 4 : 1).fill(page.id));
  const shares = ACTS.reduce((sum, { share }) => sum + share, 0);
  let chats = 0;
  const acts = ACTS.map(({ name, share, own, spread, leave = 0, strangers, before = [], during = [] }) => {
    const size = Math.round((share / shares) * count);
    const turns = strangers ? planStrangers(pages, size) : usual;
    const first = chats + 1;
    chats += size;
    const list = Array.from({ length: size }, (_, i) => ({
      n: first + i,
      page: random.pick(turns),
      at: random.below(spread),
      fault: own && random.happens(own[1]) ? random.weighed(own[0])(random, errors) : undefined,
      leavesAfter: random.happens(leave) ? 10 + random.below(600) : undefined,
      byEvents: apart.happens(BY_EVENTS),
      strikes: strikes.length > 0 ? apart.weighed(strikes) : undefined,
    }));
    const events = during.flatMap((what) => planEvent(random, what, spread, contract));
    return { name, spread, before, chats: list, events };
  });
  return { seed, pages, acts };
}

function planPages(random, count) {
  const networks = Math.ceil(count / PAGES_A_NETWORK);
  return Array.from({ length: count }, (_, id) => {
    // Every tenth network is a crowd.
    const network = random.happens(0.2) ? random.below(Math.ceil(networks / 10)) : random.below(networks);
    // Each in a block of its own.
    const address = `198.18.${network & 255}.${network >> 8}`;
    return { id, address, greedy: random.happens(0.1), keepsPass: !random.happens(0.1) };
  });
}

/** Adds pages for so many chats: two on each network, and none greedy. */
function planStrangers(pages, chats) {
  const first = pages.length;
  const ids = Array.from({ length: Math.ceil(chats / CHATS_A_STRANGER) }, (_, i) => first + i);
  for (const id of ids) {
    const network = (id - first) >> 1;
    pages.push({ id, address: `198.19.${network & 255}.${network >> 8}`, greedy: false, keepsPass: true });
  }
  return ids;
}

function planEvent(random, what, spread, contract) {
  const { errors } = contract;
  if (what === "engine outage") {
    const fault = `error:${random.pick(errors.engine)}`;
    return [
      { at: OUTAGE.from, what: "fail engine", order: { fault, endpoint: apiOf(contract).chat } },
      { at: OUTAGE.until, what: "mend engine" },
    ];
  }
  const middle = Math.round(spread * (0.3 + 0.4 * random.next()));
  if (what === "refuse keys") return [{ at: middle, what: "fail all", fault: `error:${errors.key}` }];
  if (what === "store cap") return [{ at: middle, what: "fail all", fault: `error:${errors.cap}` }];
  if (what !== "flip") return [{ at: middle, what }];
  const events = [];
  for (let at = 300; at < spread; at += 300 + random.below(900)) {
    events.push({ at, what, simulator: random.pick(["primary", "fallback"]), fault: random.pick(flips(errors)) });
  }
  return events;
}
