// The deployed bundle with a spy on its objects' storage, and a switch that breaks them. The
// worker's own code is the bundle's, byte for byte.

import worker, { Limiter as Deployed } from "../../../dist/shim.js";

export { Usage } from "../../../dist/shim.js";

/** The first word of the question whether a chat is admitted. */
const ADMIT = 1;

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/spy" && pathname !== "/ring") return worker.fetch(request, env, ctx);
    const limiter = env.LIMITER.get(env.LIMITER.idFromString(searchParams.get("id")));
    return Response.json(pathname === "/spy" ? await limiter.spy() : await limiter.ring());
  },
};

export class Limiter extends Deployed {
  #writes = { put: 0, setAlarm: 0, deleteAll: 0 };
  #admits = 0;

  constructor(ctx, env) {
    super(ctx, env);
    if (env.BREAK_LIMITER === "unreadable" && ctx.storage.kv.get("ledger") === undefined) {
      ctx.storage.kv.put("ledger", new Uint8Array([9, 9, 9]));
    }
    for (const name of Object.keys(this.#writes)) {
      const original = ctx.storage[name];
      ctx.storage[name] = (...args) => {
        this.#writes[name] += 1;
        if (env.BREAK_LIMITER === "first-put" && name === "put" && this.#writes.put === 1) {
          throw new Error("no storage today");
        }
        return original.apply(ctx.storage, args);
      };
    }
  }

  ask(...question) {
    if (question[0] !== ADMIT) return super.ask(...question);
    this.#admits += 1;
    switch (this.env.BREAK_LIMITER) {
      case "throw":
        throw new Error("broken on purpose");
      case "hang":
        return new Promise(() => {});
      case "babble":
        return [1, 2, 3];
      default:
        return super.ask(...question);
    }
  }

  /** Has the alarm go off now. */
  async ring() {
    this.alarm();
    return null;
  }

  /** What is stored, and how often each call that writes was made. */
  async spy() {
    const stored = this.ctx.storage.kv.get("ledger");
    const alarm = await this.ctx.storage.getAlarm();
    return { ...this.#writes, admit: this.#admits, alarm, stored: stored ? [...stored] : null };
  }
}
