// The figures of the usage: what was asked, how long it took, and what is behind it.

import { cells, fill, find, make, put, show } from "./dom.ts";
import { milliseconds, moment, number, percent, plural, zone } from "./format.ts";
import type { Latency, Range, Usage } from "./usage.ts";

const LAST: Record<Range, string> = { hour: "the last hour", day: "the last 24 hours", month: "the last 30 days" };

const STEPS = [
  ["total", "Whole chat"],
  ["upstream", "Assistant"],
  ["limiter", "Limiter"],
] as const;

export function showFigures(usage: Usage) {
  const { counts, total, range, from, to } = usage;
  const isEmpty = total === 0;
  put("assistant", usage.assistant);
  put("headline", `${isEmpty ? "No chats" : plural(total, "chat")} in ${LAST[range]}`);
  put("period", `${moment(from)} – ${moment(to)} (${zone(to)})`);
  show("empty", isEmpty);
  for (const id of ["overview", "over-time", "speed", "busiest"]) show(id, !isEmpty);
  put("total", number(total));
  put("total-note", plural(usage.newcomers, "new shopper"));
  for (const name of ["ok", "refused", "failed", "left"] as const) {
    put(`${name}-count`, number(counts[name]));
    put(`${name}-note`, percent(counts[name], total));
  }
  put("newcomers", number(usage.newcomers));
  put("verified", number(usage.verified));
  put("refunded", number(usage.refunded));
  put("requests", number(usage.requests));
  put("errors-count", withShare(usage.upstreamErrors, usage.requests));
  put("operations", number(usage.operations));
  showLatency(usage.latency);
  showDryRun(usage);
}

function withShare(part: number, whole: number) {
  return part > 0 ? `${number(part)} (${percent(part, whole)})` : number(part);
}

function showLatency(latency: Record<(typeof STEPS)[number][0], Latency>) {
  fill(find("latency"), [...STEPS], {
    key: ([step]) => step,
    make: () => make("tr"),
    update: (row, [step, name]) => {
      const { p50, p95, p99 } = latency[step];
      cells(row, [name, ...[p50, p95, p99].map(milliseconds)]);
    },
  });
  const { count } = latency.total;
  put(
    "latency-note",
    count > 0 ? `Half, 95 % and 99 % of ${plural(count, "answered chat")} took no longer.` : "No chat was answered.",
  );
}

function showDryRun({ isDryRun, wouldBeRefused }: Usage) {
  show("dry-run", isDryRun);
  const refused = wouldBeRefused.reduce((sum, [, count]) => sum + count, 0);
  put("dry-run-refused", `They would have refused ${plural(refused, "chat")} in this time.`);
}
