// The judgement of a run, and its summary in Markdown.

import { account, countAttempts, furtherInNetwork, isCircuitOpen, isNoConnection } from "./accounts.mjs";
import { budgetsHold, chargesAreRight, networksAreRight } from "./budgets.mjs";
import * as checks from "./checks.mjs";
import { countsAreThoseOfTheLog } from "./counts.mjs";
import { measure, outageIsBounded, outageRows } from "./outage.mjs";

/** Checks everything; what does not hold comes back by rule, with the summary's rows. */
export function judge(seen, plan, caps, contract) {
  const accounts = account(seen, contract);
  const failures = [];
  const excuses = {};
  const excuse = (why) => (excuses[why] = (excuses[why] ?? 0) + 1);
  const rule = (name, check) => {
    const said = [];
    const result = check((what) => said.push(what));
    failures.push({ name, said });
    return result;
  };
  const addressOf = (page) => plan.pages[page].address;

  rule("the simulators' count of requests equals the attempts logged", (say) =>
    checks.requestsAreLogged(accounts, seen, contract, say),
  );
  const networks = rule("no budget was exceeded", (say) => {
    budgetsHold(accounts, seen, caps, say);
    return networksAreRight(accounts, { ...seen, addressOf }, caps, say);
  });
  rule("no shopper was charged for a chat that never arrived", (say) =>
    checks.noneIsChargedForNothing(accounts, seen, say, excuse),
  );
  const charges = rule("every shopper has left what the log says", (say) => chargesAreRight(accounts, seen, caps, say));
  rule("no answer was lost, doubled or mixed with another's", (say) => {
    checks.answersComeOnce(accounts, contract, say);
    checks.conversationsAreNotMixed(accounts, say);
  });
  rule("none broke its deadline", (say) => checks.deadlinesHold(accounts, contract, say));
  rule("every reply that began was readable by the page", (say) =>
    checks.repliesAreReadable(accounts, seen, contract, say),
  );
  const counts = rule("the merchant's counts are those of the log", (say) =>
    countsAreThoseOfTheLog(accounts, seen, say),
  );
  const outages = seen.outages.map((outage) => measure(outage, accounts, seen));
  rule("an outage of the engine cost little and was over soon", (say) => {
    for (const outage of outages) outageIsBounded(outage, say);
  });
  return {
    failures,
    rows: [...rows(accounts, seen, plan, charges, networks, counts, excuses), ...outages.flatMap(outageRows)],
  };
}

function rows(
  { all, unclaimed, lines, creations, listenings },
  { lives, records, others, most, counted, evictions },
  plan,
  charges,
  networks,
  counts,
  excuses,
) {
  const ends = (end) => all.filter((chat) => chat.end === end).length;
  const attempts = lines.flatMap((line) => line.attempts ?? []);
  const { unconnected, left } = countAttempts(attempts);
  const requests = [...records, ...others];
  const played = [...records, ...creations].filter(isNoConnection).length;
  const byEvents = all.filter((chat) => chat.byEvents);
  const lost = all.filter((chat) => !chat.line && checks.mayBeUnlogged(chat, lives));
  const refusals = all.filter(({ end }) => end === "refused");
  const by = (list, key) =>
    [...Map.groupBy(list, key)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, some]) => `${some.length} ${what}`)
      .join(", ");
  const stops = plan.acts.flatMap(({ before }) => before).filter((what) => what.startsWith("stop")).length;
  const slowest = Math.max(...all.map(({ startedAt, endedAt }) => endedAt - startedAt));
  return [
    ["Seed", plan.seed],
    [
      "Chats",
      `${all.length} of ${plan.pages.length} pages on ${new Set(plan.pages.map(({ address }) => address)).size} networks, at most ${most} at once`,
    ],
    ["Answered, each with its own answer", ends("answered")],
    [
      "Refused readably",
      `${refusals.length}: ${by(refusals, ({ code, tier }) => (tier ? `${code} (${tier})` : code))}`,
    ],
    ["Answers cut after their first byte, and ended with an event that says so", ends("cut")],
    [
      "Chats asked by events",
      `${byEvents.length}: ${byEvents.filter(({ said }) => said !== undefined).length} ended with an answer, ${byEvents.filter(({ end }) => end === "cut").length} with an error, ${byEvents.filter(({ streamed }) => streamed).length} as the upstream's own stream`,
    ],
    ["Shoppers who left early", ends("left")],
    ["Chats killed with their process", ends("killed")],
    [
      "Processes killed",
      `worker ${lives.length - 1} times, simulators ${stops}; memory lost by all objects ${evictions.length} times`,
    ],
    [
      "Requests that the simulators counted",
      `${counted.primary + counted.fallback} (${counted.primary} primary, ${counted.fallback} fallback)`,
    ],
    ...(others.length > 0
      ? [["Beside these", `${creations.length} that created a conversation, ${listenings.length} for events`]]
      : []),
    ["Requests that met a fault", requests.filter(({ fault }) => fault && fault !== "ok").length],
    ["Attempts logged", attempts.length],
    ["of these, to nobody who listened", unconnected - played],
    ["of these, with a shopper who left meanwhile", left],
    ["Requests of chats whose process was killed before it logged them", lost.flatMap((chat) => chat.records).length],
    ["Attempts by their end", by(attempts, ({ ended }) => ended)],
    [
      "of these, counted in their network's budget beyond a chat's first",
      lines.reduce((sum, line) => sum + furtherInNetwork(line), 0),
    ],
    ["Chats refused while the circuit was open", lines.filter(isCircuitOpen).length],
    ["Chats refunded", lines.filter((line) => line.refunded).length],
    [
      "Never arrived and not refunded, as documented",
      Object.entries(excuses)
        .map(([why, count]) => `${count}: ${why}`)
        .join("; ") || 0,
    ],
    ["Shoppers whose charge was probed", `${charges.exact} exactly, ${charges.bounded} within what was not known`],
    [
      "Networks whose budget was spent, by the log",
      `${networks.exact} exactly, ${networks.bounded} within what was not known`,
    ],
    [
      "Chats counted for the merchant",
      `${counts.counted} of ${counts.logged} logged, of which ${counts.lost} may be lost`,
    ],
    ["Replies that nobody read", unclaimed.flat().length],
    ["Slowest reply", `${(slowest / 1_000).toFixed(1)} s`],
  ];
}

export function table(rows) {
  return ["| Chaos | |", "| --- | --- |", ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join("\n");
}
