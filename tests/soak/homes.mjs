// Homes with thousands of admissions, which are evicted and woken again and again.

import { openCounted } from "./counted.mjs";
import { PAGE } from "./repetitions.mjs";

export const NAME = "homes that are evicted and woken";

/** The largest ledger is half of that, and may find no room in between once. */
export const SLACK = 16 * PAGE;

/** What a home may have in a day. */
const CAP = 20_000;
/** So many admissions leave it room for all chats that wake it. */
const ROOMY = 12_000;

/** Some homes with room left and some without, by turns. */
const HOMES = 4;

export async function open() {
  const counted = await openCounted();
  const homes = [];
  for (let i = 0; i < HOMES; i += 1) homes.push(await fill(counted, i % 2 === 0));
  return { counted, homes, close: () => counted.close() };
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

/** Evicts and wakes homes so many times; what does not hold is said. */
export async function play({ counted, homes }, count, random, say) {
  const done = { admitted: 0, refused: 0 };
  for (let i = 0; i < count; i += 1) {
    const home = random.pick(homes);
    await counted.world.evictLimiter(home.id);
    // A refusal that is remembered would wake nothing: those are had from the object itself.
    const isAdmitted = home.isRoomy ? (await home.wake()).status === 200 : (await counted.admit(home.id)).length === 2;
    if (isAdmitted !== home.isRoomy)
      say(`a home with ${home.isRoomy ? "" : "no "}room ${isAdmitted ? "admitted" : "refused"}`);
    done[isAdmitted ? "admitted" : "refused"] += 1;
  }
  const { limiters } = await counted.counts();
  if (limiters > HOMES) say(`${limiters} limiters of ${HOMES} homes wait for the garbage collector`);
  return done;
}
