// The deployed bundle with limiters that note how they are addressed. A local runtime has no places.

import worker from "../../../dist/shim.js";

export { Limiter, Usage } from "../../../dist/shim.js";

const told = [];

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/told") return Response.json(told);
    const namespace = (jurisdiction) => ({
      jurisdiction: namespace,
      getByName(name, options) {
        told.push([jurisdiction ?? null, options ?? null]);
        return env.LIMITER.getByName(name);
      },
    });
    return worker.fetch(request, { ...env, LIMITER: namespace() }, ctx);
  },
};
