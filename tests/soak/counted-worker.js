// The deployed bundle with what lives in it counted. The worker's own code is the bundle's, byte for
// byte.

import { counts } from "./instruments.js";
import worker, { Limiter as Deployed } from "../../dist/shim.js";

/** How long the objects take to answer a chat, and a retry, in milliseconds. */
let delays = { chat: 0, retry: 0 };

export default {
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const answer = COMMANDS[pathname];
    if (!answer) return worker.fetch(request, env, ctx);
    return answer(Object.fromEntries(searchParams), env).then((value) => Response.json(value ?? null));
  },
};

const COMMANDS = {
  "/counts": async () => counts(),

  /** The same when all that is garbage has been collected. */
  "/collected": async () => {
    for (let i = 0; i < 3; i += 1) {
      gc();
      await scheduler.wait(1);
    }
    return counts();
  },

  /** Has a limiter object decide chats of one shopper: its last verdict. */
  "/admit": ({ id, count }, env) => env.LIMITER.get(env.LIMITER.idFromString(id)).admitAll(Number(count)),

  /** Has the next reply throw, when all but its log line is there. */
  "/throw": async () => {
    const { log } = console;
    console.log = () => {
      console.log = log;
      throw new Error("no log today");
    };
  },

  "/delay": async ({ chat, retry }) => (delays = { chat: Number(chat), retry: Number(retry) }),
};

export class Limiter extends Deployed {
  async admit(...chat) {
    if (delays.chat > 0) await scheduler.wait(delays.chat);
    return super.admit(...chat);
  }

  async admitRetry() {
    if (delays.retry > 0) await scheduler.wait(delays.retry);
    return super.admitRetry();
  }

  admitAll(count) {
    let verdict;
    for (let receipt = 0; receipt < count; receipt += 1) verdict = super.admit(1, false, receipt);
    return verdict;
  }
}
