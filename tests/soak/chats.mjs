// Ordinary chats on many networks: accepted, refused, failing, malformed.

import { Caller } from "../edge/support/world.mjs";
import { openCounted } from "./counted.mjs";
import { PAGE } from "./repetitions.mjs";

export const NAME = "ordinary chats";
export const SLACK = 4 * PAGE;

/** So many chats are under way at once. */
const AT_ONCE = 24;
const CHATS_A_HOME = 100;
const PAGES_A_HOME = 2;
const CAPS = { SHOPPER_LIMITS: "40/day", NEWCOMER_LIMITS: "20/day", NETWORK_LIMITS: "80/day" };

/** What chats meet upstream, by weight; none of them waits for long. */
const FAULTS = [
  [40, undefined],
  [2, "html-502 | ok"],
  [1, "error:invalid_api_key"],
  [1, "error:upstream_function_error | ok"],
  [1, "error:misconfigured_api_key"],
  [1, "reset-after"],
  [1, "truncated"],
  [1, "not-json"],
  [1, "gateway-403"],
  [1, "oversized:300000"],
  [1, "stream"],
  [1, "stream-cut"],
];

const BODIES = [
  [40, (fault) => ({ prompt: "A gift for my mother", context: { simulator_fault: fault } })],
  [1, () => ({ prompt: "" })],
  [1, () => "no json"],
  [1, () => ({ prompt: "x".repeat(9_000) })],
];

export async function open() {
  const counted = await openCounted({ vars: CAPS });
  return { counted, networks: 0, close: () => counted.close() };
}

/** Sends so many chats, from networks that are new each time; what does not hold is said. */
export async function play(stage, count, random, say) {
  const pages = [];
  for (let left = count; left > 0; left -= CHATS_A_HOME) {
    stage.networks += 1;
    const address = `10.1.${stage.networks >> 8}.${stage.networks & 255}`;
    for (let i = 0; i < PAGES_A_HOME; i += 1)
      pages.push({ caller: new Caller(stage.counted.world.url, { address }), pass: {} });
  }
  const chats = Array.from({ length: count }, () => plan(pages, random));
  const done = {};
  const ask = async () => {
    for (let chat = chats.pop(); chat; chat = chats.pop()) {
      const status = await send(chat);
      done[status] = (done[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  for (const status of [200, 400, 429, 502]) if (!done[status]) say(`no chat was answered with ${status}`);
  return Object.fromEntries(Object.entries(done).map(([status, times]) => [`of status ${status}`, times]));
}

function plan(pages, random) {
  return {
    page: random.pick(pages),
    body: random.weighed(BODIES)(random.weighed(FAULTS)),
    // A page that forgets its pass is a newcomer.
    isKnown: random.happens(0.95),
  };
}

async function send({ page, body, isKnown }) {
  const response = await page.caller.chat(body, isKnown ? page.pass : {});
  const pass = response.headers.get("shopper-pass");
  if (pass) page.pass = { "shopper-pass": pass };
  // Some are cut.
  await response.arrayBuffer().catch(() => {});
  return response.status;
}
