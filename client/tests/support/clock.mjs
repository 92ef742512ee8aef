// A clock that stands still until a test lets time pass.

/** @import { TestContext } from "node:test" */

/** Lets everything happen that needs no time. */
export async function settle() {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Stops the clock for a test. The returned function lets so many milliseconds pass.
 *
 * @param {TestContext} t
 */
export function stopClock(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  return async (/** @type {number} */ ms) => {
    await settle();
    for (let left = ms; left > 0; left -= 100) {
      t.mock.timers.tick(Math.min(left, 100));
      await settle();
    }
  };
}
