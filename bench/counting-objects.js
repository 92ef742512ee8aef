// A peer with what its objects are billed for counted. Its own code is as it is uploaded.

import * as peer from "./peer.js";

const counts = { requests: 0, alarms: 0, rows: 0, deletions: 0, timerMs: 0 };
/** Whether an object is what runs: its turns do not wait, so that nothing else comes between. */
let inObject = false;

const { setTimeout } = globalThis;
globalThis.setTimeout = (callback, ms, ...rest) => {
  if (inObject) counts.timerMs += ms;
  return setTimeout(callback, ms, ...rest);
};

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/counts") return Response.json(counts);
    return peer.default.fetch(request, env, ctx);
  },
};

export const Limiter = counted(peer.Limiter);
/** A module cannot leave an export out. A peer without this class has no binding to it either. */
export const Usage = counted(peer.Usage ?? peer.Limiter);

/** The class with its requests, its alarms and what it stores counted. */
function counted(Base) {
  class Counted extends Base {
    constructor(ctx, env) {
      const { storage } = ctx;
      // A key written is a row, and so is an alarm set.
      for (const [owner, name] of [
        [storage, "put"],
        [storage.kv, "put"],
        [storage, "setAlarm"],
      ]) {
        spy(owner, name, () => (counts.rows += 1));
      }
      for (const [owner, name] of [
        [storage, "delete"],
        [storage.kv, "delete"],
        [storage, "deleteAll"],
      ]) {
        spy(owner, name, () => (counts.deletions += 1));
      }
      spy(storage.sql, "exec", (cursor) => (counts.rows += cursor.rowsWritten));
      super(ctx, env);
    }

    alarm(...args) {
      counts.alarms += 1;
      return super.alarm(...args);
    }
  }
  for (const name of Object.getOwnPropertyNames(Base.prototype)) {
    if (name === "constructor" || name === "alarm") continue;
    Counted.prototype[name] = function (...args) {
      counts.requests += 1;
      inObject = true;
      try {
        return Base.prototype[name].apply(this, args);
      } finally {
        inObject = false;
      }
    };
  }
  return Counted;
}

function spy(owner, name, count) {
  const original = owner[name];
  owner[name] = (...args) => {
    const result = original.apply(owner, args);
    count(result);
    return result;
  };
}
