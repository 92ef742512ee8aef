// The deployed bundle on a platform that breaks where the request's x-break says. The worker's own
// code is the bundle's, byte for byte.

import worker, { Limiter, Usage } from "../../../dist/shim.js";

export { Limiter, Usage };

const sound = {
  Response: globalThis.Response,
  get: Headers.prototype.get,
  getRandomValues: crypto.getRandomValues,
};

export default {
  async fetch(request, env, ctx) {
    const mend = breakPlatform(request.headers.get("x-break"));
    try {
      return await worker.fetch(request, env, ctx);
    } finally {
      mend();
    }
  },
};

function breakPlatform(where) {
  switch (where) {
    case "response-once":
      globalThis.Response = class {
        constructor() {
          globalThis.Response = sound.Response;
          throw new TypeError("no response today");
        }
      };
      break;
    case "no-response":
      globalThis.Response = class {
        static json = sound.Response.json;
        constructor() {
          throw new TypeError("no response today");
        }
      };
      break;
    case "headers-once":
      Headers.prototype.get = () => {
        Headers.prototype.get = sound.get;
        throw new TypeError("no headers today");
      };
      break;
    case "no-randomness":
      crypto.getRandomValues = () => {
        throw new TypeError("no randomness today");
      };
      break;
  }
  return () => {
    globalThis.Response = sound.Response;
    Headers.prototype.get = sound.get;
    crypto.getRandomValues = sound.getRandomValues;
  };
}
