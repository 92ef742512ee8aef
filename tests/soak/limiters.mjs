// Limiters with thousands of admissions, which are evicted and woken again and again.

import { openCounted } from "./counted.mjs";
import { PAGE } from "./repetitions.mjs";

export const NAME = "limiters that are evicted and woken";

/** The largest ledger is half of that, and may find no room in between once. */
export const SLACK = 16 * PAGE;

/** What a limiter may have in a day. */
const CAP = 20_000;
/** So many admissions leave it room for all chats that wake it. */
const ROOMY = 12_000;

/** Some limiters with room left and some without, by turns. */
const LIMITERS = 4;

export async function open() {
  const counted = await openCounted();
  const limiters = [];
  for (let i = 0; i < LIMITERS; i += 1) limiters.push(await fill(counted, i % 2 === 0));
  return { counted, limiters, close: () => counted.close() };
}

async function fill(counted, isRoomy) {
  const caller = counted.world.caller();
  const known = new Set(await counted.world.limiters());
  const response = await caller.chat({ prompt: "first" });
  const pass = { "shopper-pass": response.headers.get("shopper-pass") };
  const id = (await counted.world.limiters()).find((id) => !known.has(id));
  await counted.admit(id, isRoomy ? ROOMY : CAP);
  return { id, isRoomy, wake: () => caller.chat({ prompt: "once more" }, pass) };
}

/** Evicts and wakes limiters so many times; what does not hold is said. */
export async function play({ counted, limiters }, count, random, say) {
  const done = { admitted: 0, refused: 0 };
  for (let i = 0; i < count; i += 1) {
    const limiter = random.pick(limiters);
    await counted.world.evictLimiter(limiter.id);
    // A refusal that is remembered would wake nothing: those are had from the object itself.
    const isAdmitted = limiter.isRoomy
      ? (await limiter.wake()).status === 200
      : (await counted.admit(limiter.id)).length === 2;
    if (isAdmitted !== limiter.isRoomy)
      say(`a limiter with ${limiter.isRoomy ? "" : "no "}room ${isAdmitted ? "admitted" : "refused"}`);
    done[isAdmitted ? "admitted" : "refused"] += 1;
  }
  const { limiters: alive } = await counted.counts();
  if (alive > LIMITERS) say(`${alive} limiters are in memory for ${LIMITERS} objects`);
  return done;
}
