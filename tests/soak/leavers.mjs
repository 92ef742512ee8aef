// Shoppers who leave at every step of a request. The connection is reset, which workerd notices at
// once.

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { Caller, ORIGIN, PATH, eventually } from "../edge/support/world.mjs";
import { openCounted } from "./counted.mjs";
import { PAGE } from "./repetitions.mjs";
import { startUpstream } from "./upstream.mjs";

export const NAME = "requests that are broken off";
export const SLACK = 4 * PAGE;

/** Longer than a request takes to its step, and shorter than what it waits for there. */
const UNTIL_THERE_MS = 150;
const LIMITER_MS = 600;
/** So many shoppers leave at once, at most. */
const CROWD = 20;
/** The isolate's tokens are good for so many retries, and this many good answers fill them up. */
const RETRIES = 4;
const REFILL = 50;

/** Where they leave: how much of the body is sent, and what waits beyond it. */
const STEPS = [
  { at: "before the body", sent: 0 },
  { at: "in the body", sent: 0.5 },
  { at: "while the limiter is asked", limiter: LIMITER_MS },
  { at: "while the upstream is slow" },
  { at: "while an error is read", prompt: "in the error" },
  { at: "while a retry waits", prompt: "before another attempt" },
  { at: "while a retry is counted", prompt: "before one that is counted", retry: LIMITER_MS },
  { at: "while an answer is read", prompt: "in the answer" },
  { at: "while a stream is relayed", prompt: "in the events", isRelayed: true },
];

export async function open() {
  const upstream = await startUpstream();
  const counted = await openCounted({ vars: { CONCIERGE_BASE_URL: upstream.url } });
  return {
    counted,
    repetition: 0,
    async close() {
      await counted.close();
      upstream.close();
    },
  };
}

/** Breaks off so many requests, as many at each step; what does not hold is said. */
export async function play(stage, count, random, say) {
  const each = Math.ceil(count / STEPS.length);
  // Limiters that are new each time: the ledgers of the same ones would be larger.
  stage.repetition += 1;
  const address = () => `198.51.${stage.repetition}.${random.below(250)}`;
  for (const step of STEPS) {
    const most = step.retry ? RETRIES : CROWD;
    for (let left = each; left > 0; left -= most) await leave(stage.counted, step, Math.min(most, left), address, say);
  }
  return Object.fromEntries(STEPS.map(({ at }) => [at, each]));
}

async function leave(
  counted,
  { at, sent = 1, limiter = 0, retry = 0, prompt = "slow", isRelayed = false },
  crowd,
  address,
  say,
) {
  await counted.delay(limiter, retry);
  if (retry > 0) await refill(counted, address);
  const sockets = Array.from({ length: crowd }, () => post(counted.world.url, prompt, sent, address()));
  const isThere = async () => (await counted.counts()).exchanges === crowd;
  if (isRelayed) await Promise.all(sockets.map(({ begun }) => begun));
  await eventually(isThere, `${crowd} requests ${at}`).catch((error) => say(error.message));
  await sleep(UNTIL_THERE_MS);
  for (const { socket } of sockets) socket.resetAndDestroy();
  const isOver = async () => (await counted.counts()).exchanges === 0;
  await eventually(isOver, "their end").catch(async () => {
    say(`${(await counted.counts()).exchanges} requests live on whose shoppers left ${at}`);
  });
}

async function refill(counted, address) {
  const ask = async () => {
    const caller = new Caller(counted.world.url, { address: address() });
    await (await caller.chat({ prompt: "whole" })).arrayBuffer();
  };
  await Promise.all(Array.from({ length: REFILL }, ask));
  await eventually(async () => (await counted.counts()).exchanges === 0, "the end of the good answers");
}

/** Posts a chat, or a part of one; `begun` resolves when the reply's head is there. */
function post(url, prompt, sent, address) {
  const body = JSON.stringify({ prompt });
  const socket = connect(Number(url.port), url.hostname);
  socket.on("error", () => {});
  const begun = new Promise((resolve) => socket.once("data", resolve).once("close", resolve));
  const head = [
    `POST ${PATH} HTTP/1.1`,
    `Host: ${url.host}`,
    `Origin: ${ORIGIN}`,
    `CF-Connecting-IP: ${address}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, sent * body.length)}`);
  return { socket, begun };
}
