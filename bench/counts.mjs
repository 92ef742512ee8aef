// What the objects of a peer are billed for, counted in runs of their own: all chats on one network,
// and each chat on a network of its own.

import { fileURLToPath } from "node:url";

import { Load } from "./load-children.mjs";
import { limits, settings } from "./peers.mjs";
import { startWorkerd } from "./workerd.mjs";

const COUNTING = fileURLToPath(new URL("counting-objects.js", import.meta.url));
export const CHATS = 1_000;
const RATE = 50;
const SHOPPERS = 50;
const CONCURRENCY = 32;
/** Past this all that was put off is written and reported, and the alarms of the short windows have gone off. */
const AFTERWARDS_MS = 7_500;

const WIDE = limits("20000/minute, 20000/hour, 20000/day", "20000/minute, 20000/hour, 20000/day");
// Short windows, so that the alarm comes while we wait.
const SHORT = limits("20000/second", "20000/second");

/**
 * Both counts of a peer: {busy, lone}, each of them for 1,000 chats. One that counts its chats has no
 * lone ones: the merchant's own budget has an hour, so its alarms do not come while we wait.
 */
export async function countPeer(peer, upstream, folder) {
  if (peer.objects.length === 0) {
    const none = { requests: 0, alarms: 0, rows: 0, deletions: 0, awakeMs: 0 };
    return { busy: none, lone: none };
  }
  const load = new Load(1);
  try {
    const ms = (CHATS / RATE) * 1_000;
    const busy = await count(peer, upstream, folder, WIDE, async (port) => {
      await load.open(1, SHOPPERS);
      return load.paced(port, RATE, ms);
    });
    // An object cannot be awake for longer than the run, however many timers it has.
    busy.awakeMs = Math.min(busy.awakeMs, peer.objects.length * ms);
    if (peer.objects.includes("Usage")) return { busy };
    const lone = await count(peer, upstream, folder, SHORT, async (port) => {
      await load.open(CHATS, 1);
      return load.seed(port, CONCURRENCY);
    });
    return { busy, lone };
  } finally {
    load.stop();
  }
}

async function count({ modules: [main, ...others], objects, vars: own }, upstream, folder, limits, chats) {
  const modules = [{ name: "counting.js", type: "esModule", path: COUNTING }, { ...main, name: "peer.js" }, ...others];
  const vars = { ...settings(upstream.port, limits), ...own };
  const workerd = await startWorkerd(folder, { modules, objects, vars });
  try {
    const outcome = (await chats(workerd.port)).expect(200);
    if (outcome.count !== CHATS) throw new Error(`${outcome.count} chats instead of ${CHATS}`);
    await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS));
    const counts = await fetch(`http://127.0.0.1:${workerd.port}/counts`);
    const { timerMs, ...rest } = /** @type {any} */ (await counts.json());
    return { ...rest, awakeMs: timerMs };
  } finally {
    await workerd.stop();
  }
}
