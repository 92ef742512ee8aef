// One round of one peer, in a fresh workerd: its first answer, then chats, then the flood.

import { FLOOD_STARTS_AFTER, LIMITS, settings } from "./peers.mjs";
import { percentile } from "./statistics.mjs";
import { machineTicks, startWorkerd } from "./workerd.mjs";

const NETWORKS = 64;
const SHOPPERS_EACH = 8;
const CONCURRENCY = 32;
/** Chats a second where latency is measured: far below what any peer can take. */
const RATE = 200;
/** More cold starts than rounds, since each is a single figure. */
const COLD_STARTS = 3;
/** For the writes that a phase has left behind. */
const SETTLE_MS = 1_200;

/** How long each phase takes, in milliseconds. */
export const FULL = { warmUp: 1_500, chats: 4_000, paced: 2_000, flood: 2_000 };
export const QUICK = { warmUp: 500, chats: 1_000, paced: 500, flood: 500 };

/** The latency of the upstream alone, under the load under which the peers' is measured. */
export async function measureUpstream(load, upstream, phases) {
  await load.open(NETWORKS, SHOPPERS_EACH);
  const whole = (await load.chats(upstream.port, CONCURRENCY, phases.warmUp)).expect(200);
  const paced = (await load.paced(upstream.port, RATE, phases.paced)).expect(200);
  return {
    requestsPerSecond: (whole.count / phases.warmUp) * 1_000,
    p50: percentile(paced.times, 50),
    p99: percentile(paced.times, 99),
  };
}

/** One sample of every figure of a peer. */
export async function measurePeer(peer, load, upstream, folder, phases) {
  const start = () => startWorkerd(folder, { ...peer, vars: settings(upstream.port, LIMITS) });
  const coldStarts = [];
  for (let i = 1; i < COLD_STARTS; i += 1) {
    const workerd = await start();
    try {
      coldStarts.push(await firstAnswer(workerd, load));
    } finally {
      await workerd.stop();
    }
  }
  const workerd = await start();
  try {
    coldStarts.push(await firstAnswer(workerd, load));
    return { coldStarts, ...(await underLoad(workerd, peer, load, phases)) };
  } catch (error) {
    throw new Error(`${peer.name}: ${error.message}\n${workerd.errors()}`, { cause: error });
  } finally {
    await workerd.stop();
  }
}

async function underLoad(workerd, peer, load, phases) {
  const { port } = workerd;
  await load.open(NETWORKS, SHOPPERS_EACH);
  (await load.seed(port, CONCURRENCY)).expect(200);
  await load.chats(port, CONCURRENCY, phases.warmUp);
  const chats = await accounted(workerd, () => load.chats(port, CONCURRENCY, phases.chats));
  chats.outcome.expect(200);
  await settle();
  const paced = (await load.paced(port, RATE, phases.paced)).expect(200);
  let flood;
  if (peer.refuses) {
    await load.flood(port, CONCURRENCY, { count: FLOOD_STARTS_AFTER });
    await settle();
    flood = await accounted(workerd, () => load.flood(port, CONCURRENCY, { ms: phases.flood }));
    flood.outcome.expect(429);
  }
  return {
    chatCpu: chats.cpu,
    chatsPerSecond: chats.perSecond,
    stolen: chats.stolen,
    refusalCpu: flood?.cpu,
    refusalsPerSecond: flood?.perSecond,
    p50: percentile(paced.times, 50),
    p99: percentile(paced.times, 99),
  };
}

/** Milliseconds from the start of the process to the first chat that is answered. */
async function firstAnswer(workerd, load) {
  await load.open(NETWORKS, 1);
  (await load.flood(workerd.port, 1, { count: 1 })).expect(200);
  return performance.now() - workerd.started;
}

/** CPU µs a request, and requests a second, of a phase. */
async function accounted(workerd, phase) {
  const [cpu, time, before] = [workerd.cpu(), performance.now(), machineTicks()];
  const outcome = await phase();
  const { count } = outcome;
  const after = machineTicks();
  return {
    stolen: (after.stolen - before.stolen) / (after.all - before.all),
    outcome,
    cpu: (workerd.cpu() - cpu) / count,
    perSecond: (count / (performance.now() - time)) * 1_000,
  };
}

function settle() {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}
