// What the runtime sees: the fetch handler and the limiter object.

import { serve, serveFault } from "./steps.js";
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
    return await guarded(() => serve(request, env, ctx));
  } catch (error) {
    console.error("the fetch event failed", error);
  }
  try {
    return await serveFault(request, env, started);
  } catch (error) {
    console.error("its answer failed, too", error);
    return lastResort(request, env);
  }
}

/** The internal fault, where not even the Rust that words it can be called. */
function lastResort(request, env) {
  const id = crypto.randomUUID();
  const message = "The proxy failed. Report the request_id to its operator.";
  const headers = { vary: "Origin", "x-request-id": id, "cache-control": "no-store", ...cors(request, env) };
  return Response.json({ error: "internal_error", message, request_id: id }, { status: 500, headers });
}

/** What lets a page read an answer, where it may and the list of those who may can be asked. */
function cors(request, env) {
  try {
    const origin = request.headers.get("origin");
    if (!call((rust) => rust.allows(env, origin ?? ""))) return {};
    return { "access-control-allow-origin": origin, "access-control-expose-headers": "X-Request-Id" };
  } catch {
    return {};
  }
}
