// The deployed bundle with a spy on the objects that count. Each report comes twice, so that the second one comes within
// a second of a write. The worker's own code is the bundle's, byte for byte.

import worker, { Usage as Deployed } from "../../../dist/shim.js";

export { Limiter } from "../../../dist/shim.js";

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/usage-")) return worker.fetch(request, env, ctx);
    const [, day, what] = pathname.split("/");
    return Response.json(await env.USAGE.getByName(day)[what]());
  },
};

export class Usage extends Deployed {
  #puts = 0;

  constructor(ctx, env) {
    super(ctx, env);
    const { put } = ctx.storage;
    ctx.storage.put = (...args) => {
      this.#puts += 1;
      return put.apply(ctx.storage, args);
    };
  }

  report(bytes) {
    super.report(bytes);
    super.report(bytes);
  }

  /** Has the alarm go off now. */
  async ring() {
    this.alarm();
    return null;
  }

  /** What is stored, how often that was written, and when it is deleted. */
  async spy() {
    const stored = this.ctx.storage.kv.get("usage")?.length ?? 0;
    return { puts: this.#puts, stored, alarm: await this.ctx.storage.getAlarm() };
  }
}
