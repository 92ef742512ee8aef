// The deployed bundle with what lives in it counted. The worker's own code is the bundle's, byte for
// byte.

import { counts } from "./instruments.js";
import { requests, watch } from "./requests.js";
import worker, { Limiter as Deployed } from "../../dist/shim.js";

/** The first words of the questions whether a chat is admitted, and whether a retry is. */
const ADMIT = 1;
const COUNT_RETRY = 2;

/** How long the objects take to answer a chat, and a retry, in milliseconds. */
let delays = { chat: 0, retry: 0 };

export default {
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const answer = COMMANDS[pathname];
    if (!answer) return watch(request, ctx, (watched) => worker.fetch(request, env, watched));
    return answer(Object.fromEntries(searchParams), env).then((value) => Response.json(value ?? null));
  },
};

const COMMANDS = {
  "/counts": async () => ({ ...counts(), exchanges: requests().underWay }),

  /** The same when all that is garbage has been collected: the requests that something holds on to. */
  "/collected": async () => {
    for (let i = 0; i < 3; i += 1) {
      globalThis.gc();
      await scheduler.wait(1);
    }
    return { ...counts(), exchanges: requests().held };
  },

  /** Has a limiter object decide chats of one shopper: its last decision. */
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
  async ask(...question) {
    const delay = { [ADMIT]: delays.chat, [COUNT_RETRY]: delays.retry }[question[0]] ?? 0;
    if (delay > 0) await scheduler.wait(delay);
    return super.ask(...question);
  }

  admitAll(count) {
    let decision;
    for (let receipt = 0; receipt < count; receipt += 1) decision = super.ask(ADMIT, 1, 0, receipt);
    return decision;
  }
}
