// What the runtime sees: the fetch handler and the limiter object.

import { call, guarded } from "./instance.js";

export { Limiter } from "./limiter.js";

export default {
  fetch(request, env, ctx) {
    const reply = answer(request, env, ctx);
    // A shopper who leaves would end the request before its line is logged.
    ctx.waitUntil(reply);
    return reply;
  },
};

async function answer(request, env, ctx) {
  const started = Date.now();
  try {
    return await guarded((rust) => rust.fetch(request, env, ctx));
  } catch (error) {
    console.error("the fetch event failed", error);
    return call((rust) => rust.fault(request, env, started));
  }
}
