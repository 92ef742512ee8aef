// An act, repeated, and what it leaves behind.
//
// Wasm memory never shrinks: what comes back shows in that it does not grow from one repetition to
// the next. An act says how much it may, in all of them: who is under way at once is not the same,
// nor where a ledger finds room.

/** So many instances, and limiters, may exist: the engine lets go of the last ones when others follow. */
const INSTANCES = 3;
const LIMITERS = 1;
/** A page of wasm memory, in bytes. */
export const PAGE = 65_536;

/**
 * Plays an act in so many repetitions. `played` is what was done in all of them, `rests` what was
 * left after each, and `broken` what does not hold.
 *
 * @param {any} act
 * @param {object} options
 * @param {number} options.repetitions
 * @param {number} options.count
 * @param {import("../chaos/random.mjs").Random} options.random
 * @param {(message: string) => void} [options.progress]
 */
export async function repeat(act, { repetitions, count, random, progress = () => {} }) {
  const broken = [];
  const say = (what) => broken.push(what);
  const stage = await act.open();
  try {
    const played = {};
    const rests = [];
    for (let i = 0; i < repetitions; i += 1) {
      const done = await act.play(stage, count, random, say);
      for (const [what, times] of Object.entries(done)) played[what] = (played[what] ?? 0) + times;
      const rest = await stage.counted.rest();
      rests.push(rest);
      progress(`${i + 1}: ${rest.memory} bytes of wasm memory, ${rest.limiters} limiters, ${rest.exchanges} requests`);
    }
    judge(rests, act.SLACK, say);
    return { played, rests, broken };
  } finally {
    await stage.close();
  }
}

function judge(rests, slack, say) {
  rests.forEach(({ limiters, exchanges, instances }, i) => {
    const after = `after repetition ${i + 1}`;
    if (exchanges > 0) say(`${exchanges} requests live ${after}`);
    if (limiters > LIMITERS) say(`${limiters} limiters live ${after}, when no object is awake`);
    if (instances > INSTANCES) say(`${instances} wasm instances live ${after}`);
  });
  const growth = rests.at(-1).memory - rests[0].memory;
  if (growth > slack) say(`the wasm memory grew by ${growth} bytes after the first repetition`);
}
