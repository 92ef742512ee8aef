// The acts of a run, one after the other, and what happens in and between them.

import { setTimeout as sleep } from "node:timers/promises";

import { Page, moment } from "./page.mjs";
import { Stage } from "./stage.mjs";

/** For how long a simulator stands still. */
const STANDSTILL_MS = 2_500;
/** Longer than a remembered refusal, and than the limiter's last second. */
const PROBE_AFTER_MS = 6_000;
/** So many shoppers probe at a time. */
const PROBES = 50;

const ROUTES = ["primary", "fallback"];

const EVENTS = {
  flip: (stage, { simulator, fault }) => stage.fault(simulator, fault),
  evict: (stage) => stage.evict(),
  "kill worker": (stage) => stage.killWorker({ underLoad: true }),
  "fail all": (stage, { fault }) => stage.order({ fault }),
  "fail engine": (stage, { order }) => stage.failEngine(order),
  "mend engine": (stage) => stage.mendEngine(),
  "stand still": async (stage) => {
    stage.pause("primary");
    await sleep(STANDSTILL_MS);
    await stage.calm();
  },
};

const BETWEEN = {
  "kill worker": (stage) => stage.killWorker(),
  "stop primary": (stage) => stage.stop("primary"),
  "stop fallback": (stage) => stage.stop("fallback"),
  "start both": (stage) => Promise.all(ROUTES.map((route) => stage.start(route))),
};

/** Plays all acts, has every shopper probe what is left, and tells everything that was seen. */
export async function play(plan, caps, contract, progress) {
  const stage = new Stage(caps, contract);
  try {
    await stage.open();
    return await playAll(stage, plan, contract, progress);
  } finally {
    await stage.close();
  }
}

async function playAll(stage, { seed, pages: planned, acts }, contract, progress) {
  const pages = planned.map((page) => new Page(stage, contract, seed, page));
  const chats = [];
  for (const act of acts) {
    const began = Date.now();
    for (const what of act.before) await BETWEEN[what](stage);
    const done = await playAct(stage, pages, act);
    chats.push(...done);
    progress(`${act.name}: ${tally(done)}, ${seconds(Date.now() - began)} s`);
  }
  await sleep(PROBE_AFTER_MS);
  const probes = await probe(pages, chats.length);
  progress(`${probes.length} shoppers probed what is left to them`);
  return { ...(await stage.evidence()), chats, probes, most: stage.mostUnderWay };
}

async function playAct(stage, pages, act) {
  const began = Date.now();
  const chats = act.chats.map(async (planned) => {
    await moment(began, planned.at);
    const chat = await pages[planned.page].chat(planned);
    return { ...chat, act: act.name };
  });
  const events = act.events.map(async (event) => {
    await moment(began, event.at);
    await EVENTS[event.what](stage, event);
  });
  await Promise.all(events);
  const done = await Promise.all(chats);
  await stage.calm();
  // Who left is still under way in the worker for a moment.
  await sleep(300);
  return done;
}

/** One more chat of every shopper that is known by a pass or a conversation: its answer tells what was left. */
async function probe(pages, first) {
  const known = pages.filter(({ pass, session }) => pass ?? session);
  const chats = [];
  for (let at = 0; at < known.length; at += PROBES) {
    const some = known.slice(at, at + PROBES);
    chats.push(...(await Promise.all(some.map((page, i) => page.chat({ n: first + at + i + 1 })))));
  }
  return chats;
}

export function tally(chats) {
  const counts = {};
  for (const { end } of chats) counts[end] = (counts[end] ?? 0) + 1;
  return Object.entries(counts)
    .map(([end, count]) => `${count} ${end}`)
    .join(", ");
}

export function seconds(ms) {
  return (ms / 1_000).toFixed(0);
}
