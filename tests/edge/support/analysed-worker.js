// The deployed bundle with a dataset that keeps its points, or one that fails.

import worker from "../../../dist/shim.js";

export { Limiter } from "../../../dist/shim.js";

const points = [];

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/points") return Response.json(points);
    const writeDataPoint = (point) => {
      if (env.BREAK_DATASET) throw new Error("no dataset today");
      points.push(point);
    };
    return worker.fetch(request, { ...env, ANALYTICS: { writeDataPoint } }, ctx);
  },
};
