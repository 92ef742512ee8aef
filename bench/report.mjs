// The tables that the bench prints, as Markdown, so that the README can have them as they are.

import { THIS_WORKER } from "./peers.mjs";
import { inRounds } from "./targets.mjs";

/** @type {[what: string, figure: (peer: any) => string][]} */
const FIGURES = [
  ["CPU per accepted chat, µs (all of workerd)", (peer) => spread(peer.chatCpu, 0)],
  ["CPU per refused request, µs", (peer) => spread(peer.refusalCpu, 0)],
  ["accepted chats/s", (peer) => spread(peer.chatsPerSecond, 0)],
  ["latency added, p50, ms", (peer) => spread(peer.addedP50, 2)],
  ["latency added, p99, ms", (peer) => spread(peer.addedP99, 2)],
  ["first answer of a cold process, ms", (peer) => spread(peer.coldStart, 0)],
  ["gzip of all that is uploaded, KB", (peer) => (peer.gzip / 1_000).toFixed(1)],
  ["per 1,000 chats on one limiter at 50/s: object requests / rows", (peer) => billed(peer.busy)],
  ["per 1,000 chats, a limiter each: object requests / rows / alarms / deletions", (peer) => billed(peer.lone, true)],
  [
    "price of a million chats, one busy limiter / a limiter each",
    ({ price }) => [price.busy, price.lone].map((dollars) => (dollars ? `$${dollars.toFixed(2)}` : "–")).join(" / "),
  ],
];

/** The share of stolen CPU past which a run is not to be believed. */
const NOISE = 0.05;

/** Those that are measured in rounds, and those that are single figures. */
const IN_ROUNDS = [
  ["CPU per accepted chat", "chatCpu"],
  ["CPU per refused request", "refusalCpu"],
  ["accepted chats/s", "chatsPerSecond"],
];
/** @type {[what: string, figure: (peer: any) => number][]} */
const SINGLE = [
  ["first answer of a cold process", (peer) => peer.coldStart.median],
  ["gzip", (peer) => peer.gzip],
  ["price of a million chats, one busy limiter", (peer) => peer.price.busy],
  ["price of a million chats, a limiter each", (peer) => peer.price.lone],
];

export function tables({ peers, samples, targets, upstream, rounds, stolen }) {
  const names = Object.keys(peers);
  const others = names.filter((name) => name !== THIS_WORKER);
  return [
    `Medians of ${rounds} rounds (min–max). The upstream alone: ${Math.round(upstream.requestsPerSecond.median)} requests/s. ${quiet(stolen)}`,
    table(
      ["figure", ...names],
      FIGURES.map(([what, figure]) => [what, ...names.map((name) => figure(peers[name]))]),
    ),
    table(
      ["this worker /", ...others],
      [
        ...IN_ROUNDS.map(([what, figure]) => [what, ...others.map((name) => written(inRounds(samples, figure, name)))]),
        ...SINGLE.map(([what, figure]) => [
          what,
          ...others.map((name) => written(figure(peers[THIS_WORKER]) / figure(peers[name]))),
        ]),
      ],
    ),
    table(["target", "measured", "limit", ""], targets.map(judgement)),
  ].join("\n\n");
}

/** On a machine whose host gives its CPUs to others, times and rates say little. */
function quiet({ median, max }) {
  const percent = (share) => `${(100 * share).toFixed(0)} %`;
  const found = `Stolen by the machine's host: ${percent(median)} of the CPU, ${percent(max)} at most.`;
  return median > NOISE ? `${found} Too much to believe the times: run it again on a quiet machine.` : found;
}

function judgement({ what, value, relation, limit, unit, verdict }) {
  const measured = value === undefined ? "–" : `${round(value)}${unit}`;
  return [what, measured, `${relation} ${limit.toLocaleString("en")}${unit}`, verdict];
}

function round(value) {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(Number.isInteger(value) ? 0 : 2);
}

function spread(figure, digits) {
  if (figure === undefined) return "–";
  const { median, min, max } = figure;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function billed(counted, withAlarms = false) {
  if (counted === undefined) return "–";
  const { requests, rows, alarms, deletions } = counted;
  return (withAlarms ? [requests, rows, alarms, deletions] : [requests, rows]).join(" / ");
}

function written(ratio) {
  return Number.isNaN(ratio ?? NaN) ? "–" : ratio.toFixed(2);
}

function table(head, rows) {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
