// A peer with what its limiter objects are billed for counted. Its own code is as it is uploaded.

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

export class Limiter extends peer.Limiter {
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

  admit(...args) {
    return this.#asked(() => super.admit(...args));
  }

  ask(...args) {
    return this.#asked(() => super.ask(...args));
  }

  hit(...args) {
    return this.#asked(() => super.hit(...args));
  }

  alarm(...args) {
    counts.alarms += 1;
    return super.alarm(...args);
  }

  #asked(entry) {
    counts.requests += 1;
    inObject = true;
    try {
      return entry();
    } finally {
      inObject = false;
    }
  }
}

function spy(owner, name, count) {
  const original = owner[name];
  owner[name] = (...args) => {
    const result = original.apply(owner, args);
    count(result);
    return result;
  };
}
