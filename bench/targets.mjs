// What this project promises of its speed and its price, beside what was measured.

import { summary } from "./statistics.mjs";
import { BEST_JAVASCRIPT, ONE_CALL, THIS_WORKER, USUAL_WAY } from "./peers.mjs";

/**
 * Returns each target with its figure and whether it is met. One that could not be measured is neither.
 *
 * @param {{ peers: any, samples: any, native?: any, calls?: any }} results
 */
export function judge({ peers, samples, native, calls }) {
  const ours = peers[THIS_WORKER];
  const cpu = (name) => inRounds(samples, "chatCpu", name);
  const atMost = (what, value, limit, unit = "") => target(what, value, "≤", limit, unit);
  return [
    atMost("CPU per accepted chat / the best JavaScript", cpu(BEST_JAVASCRIPT), 0.95),
    atMost("CPU per accepted chat / the usual way", cpu(USUAL_WAY), 0.65),
    atMost("CPU per accepted chat / pass-through and one object call", cpu(ONE_CALL), 1.6),
    atMost(
      "CPU per request refused from memory / accepted chat",
      ratio(samples, "refusalCpu", THIS_WORKER, "chatCpu"),
      0.25,
    ),
    target("requests/s, accepted / the usual way", inRounds(samples, "chatsPerSecond", USUAL_WAY), "≥", 2.5, ""),
    atMost("object requests per 1,000 accepted chats", ours.busy.requests, 1_000),
    atMost("rows written per 1,000 accepted chats, one limiter at 50 chats/s", ours.busy.rows, 25),
    atMost("rows written per 1,000 accepted chats, each from a network of its own", ours.lone.rows, 2_100),
    atMost("gzip of all that is uploaded", ours.gzip / 1_000, 192, " KB"),
    atMost("calls from wasm to JavaScript per accepted chat, worker", calls?.worker, 77),
    atMost("calls from wasm to JavaScript per accepted chat, object", calls?.object, 1),
    atMost(
      "first answer of a cold process / the best JavaScript",
      ours.coldStart.median / peers[BEST_JAVASCRIPT].coldStart.median,
      1.3,
    ),
    atMost("native: one limit decision, with 10,000 shoppers in one object", native?.decision_ns, 300, " ns"),
    atMost("native: checks and rebuilding of an 8 KiB body", native && native.body_ns / 1_000, 15, " µs"),
  ];
}

/** A figure of ours over a peer's: the median of the ratios, each within one round. */
export function inRounds(samples, figure, name) {
  return ratio(samples, figure, name, figure);
}

function ratio({ peers }, figure, name, other) {
  return summary(peers[THIS_WORKER].map((sample, round) => sample[figure] / peers[name][round][other]))?.median;
}

function target(what, value, relation, limit, unit) {
  if (value === undefined) return { what, relation, limit, unit, verdict: "not measured" };
  const met = relation === "≤" ? value <= limit : value >= limit;
  return { what, value, relation, limit, unit, verdict: met ? "met" : "missed" };
}
