// Faults in the middle of a request while others are under way: panics, which lose the instance to
// all of them, and exceptions, which may not.

import { eventually } from "../edge/support/world.mjs";
import { openCounted } from "./counted.mjs";
import { PAGE } from "./repetitions.mjs";

export const NAME = "faults in the middle of a request";
export const SLACK = 4 * PAGE;

const OTHERS = 8;
const SLOW = { simulator_fault: "delay:1000" };

/**
 * What happens, by weight, and how many of the others it may take along.
 *
 * @type {[weight: number, fault: { what: string, prompt: string, throws?: boolean, takesAlong: number }][]}
 */
const FAULTS = [
  [2, { what: "panics in the fetch event", prompt: "panic in fetch", takesAlong: OTHERS }],
  [2, { what: "panics in the object", prompt: "panic in object", takesAlong: OTHERS }],
  [1, { what: "exceptions", prompt: "a hat", throws: true, takesAlong: 0 }],
];

const FAILED = "requests failed by them";

export async function open() {
  const counted = await openCounted({ folder: "target/panic-probe" });
  const callers = Array.from({ length: OTHERS }, () => counted.world.caller());
  return { counted, callers, close: () => counted.close() };
}

/** Has so many faults happen; what does not hold is said. */
export async function play({ counted, callers }, count, random, say) {
  const caller = counted.world.caller();
  const done = Object.fromEntries([...FAULTS.map(([, { what }]) => what), FAILED].map((what) => [what, 0]));
  for (let i = 0; i < count; i += 1) {
    const { what, prompt, throws, takesAlong } = random.weighed(FAULTS);
    const others = callers.map((other) => other.chat({ prompt: "under way", context: SLOW }));
    const areThere = async () => (await counted.counts()).exchanges === OTHERS;
    await eventually(areThere, "the others").catch((error) => say(error.message));
    if (throws) await counted.throwOnce();
    const responses = await Promise.all([caller.chat({ prompt }), ...others]);
    const failed = responses.filter(({ status }) => status === 500).length;
    if (failed === 0 || failed > 1 + takesAlong) say(`of the ${what}, one failed ${failed} requests`);
    done[what] += 1;
    done[FAILED] += failed;
  }
  const sound = await caller.chat({ prompt: "still here" });
  if (sound.status !== 200) say(`after the faults a chat was answered with ${sound.status}`);
  return done;
}
