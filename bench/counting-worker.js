// The worker with its calls from wasm to JavaScript counted: those in the object apart from those
// in the fetch event. The imports of the wasm are wrapped by bench/calls.mjs.

import worker, { Limiter as Deployed } from "../build/shim.js";

const counted = { worker: 0, object: 0 };

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/calls") {
      counted.worker = globalThis.boundaryCalls - counted.object;
      return Response.json(counted);
    }
    return worker.fetch(request, env, ctx);
  },
};

export class Limiter extends Deployed {
  ask(...args) {
    const before = globalThis.boundaryCalls;
    try {
      return super.ask(...args);
    } finally {
      counted.object += globalThis.boundaryCalls - before;
    }
  }
}
