// Counts the requests of a worker from outside: those that are under way, and those that something
// holds on to. What the Rust holds, it holds for good, or until its instance is lost.

import { instance } from "./instruments.js";

let underWay = 0;
/** Each request, and the instance that it began in. */
const known = new Set();

/** Answers a request, and counts it as under way until its reply and all that it put off are over. */
export function watch(request, ctx, answer) {
  known.add({ request: new WeakRef(request), instance: instance() });
  let open = 0;
  const follow = (promise) => {
    if (open === 0) underWay += 1;
    open += 1;
    const over = () => {
      open -= 1;
      if (open === 0) underWay -= 1;
    };
    promise.then(over, over);
  };
  const watched = {
    waitUntil(promise) {
      follow(promise);
      ctx.waitUntil(promise);
    },
  };
  const reply = answer(watched);
  // A refusal from memory is no promise.
  follow(Promise.resolve(reply));
  return reply;
}

/** How many requests are under way, and how many of the instance that works have not been collected. */
export function requests() {
  for (const began of known) {
    if (began.request.deref() === undefined || began.instance !== instance()) known.delete(began);
  }
  return { underWay, held: known.size };
}
