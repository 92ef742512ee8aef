// What the runtime sees: the fetch handler and the objects.

import { call, guarded } from "./instance.js";

export { Limiter, Usage } from "./objects.js";

export default {
  fetch(request, env, ctx) {
    const started = Date.now();
    const fault = (error) => {
      console.error("the fetch event failed", error);
      return call((rust) => rust.fault(request, env, ctx, started));
    };
    try {
      const reply = call((rust) => rust.fetch(request, env, ctx));
      // A request that did not have to wait is already answered.
      if (!(reply instanceof Promise)) return reply;
      const guardedReply = guarded(reply).catch(fault);
      // Without this, a shopper who leaves would end the request before its line is logged.
      ctx.waitUntil(guardedReply);
      return guardedReply;
    } catch (error) {
      return fault(error);
    }
  },
};
