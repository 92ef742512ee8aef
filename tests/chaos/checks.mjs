// What has to hold at the end of a run, each a function that says what does not.

import { countAttempts, engineHad, isAdmitted, isNoConnection } from "./accounts.mjs";

/** What a machine that is held back may add to a deadline, in milliseconds. */
const SLACK_MS = 5_000;
/** Body, limiter, all attempts, the rest of the answer, and what is refunded. */
const DEADLINE_MS = 10_000 + 1_000 + 25_000 + 10_000 + 1_000;
const ATTEMPTS_MS = 25_000;
const LIMITER_MS = 1_000;

/** How often a limiter refunds, at most. */
const MOST_REFUNDS = 10;
const MINUTE_MS = 60_000;
/** A limiter that was asked to give back and said nothing in time. */
const SILENT_MS = 900;
/** The lines of the last moment go with a process that is killed. */
const LAST_MOMENT_MS = 1_000;

/** Answers with status 200 that are none, which the worker refuses. */
const NO_ANSWERS = ["not-json", "json-as-html", "empty", "empty-chunked"];

/** Each request that a simulator recorded stands in the log, with its URL and its key, and no other. */
export function requestsAreLogged({ claimed, all, unclaimed }, { lives, records, counted, keyEnds }, say) {
  const known = new Set(all.map(({ prompt }) => prompt));
  for (const route of ["primary", "fallback"]) {
    const kept = records.filter((record) => record.route === route).length;
    if (kept !== counted[route]) say(`the ${route} counted ${counted[route]} requests and kept ${kept}`);
  }
  for (const { prompt } of records) if (!known.has(prompt)) say(`a request that no page sent: ${prompt}`);
  for (const chat of claimed) {
    if (chat.lines.length !== 1) {
      if (!hasLostLine(chat, lives)) say(`${name(chat)} has ${chat.lines.length} log lines`);
      continue;
    }
    for (const [url, key] of [
      ["primary", "current"],
      ["primary", "next"],
      ["fallback", "current"],
      ["fallback", "next"],
    ]) {
      const attempts = (chat.line.attempts ?? []).filter((attempt) => attempt.url === url && attempt.key === key);
      const recorded = chat.records.filter((record) => record.route === url && keyEnds[record.key] === key);
      compare(`${name(chat)}, ${url}, ${key}`, countAttempts(attempts), recorded, 0, say);
    }
  }
  unclaimed.forEach((lines, life) => {
    const gone = all.filter((chat) => chat.life === life && !chat.line);
    // Of a process that was killed with chats in it, what they sent may not have been logged.
    const lost = gone
      .filter((chat) => chat.end === "killed" || hasLostLine(chat, lives))
      .flatMap((chat) => chat.records).length;
    const attempts = countAttempts(lines.flatMap((line) => line.attempts ?? []));
    compare(
      `life ${life}, nobody read these replies`,
      attempts,
      gone.flatMap((chat) => chat.records),
      lost,
      say,
    );
  });
}

function compare(what, { sure, left, unconnected }, recorded, lost, say) {
  // Those were recorded, too: the simulator plays a platform that could not connect.
  const played = recorded.filter(isNoConnection).length;
  const others = recorded.length - played;
  // Each that was left or lost may be either.
  const more = others - sure + Math.max(0, played - unconnected);
  if (others < sure || more > left + lost) {
    say(
      `${what}: logged ${sure} and ${left} left early and ${unconnected} without connection, recorded ${others} and ${played}`,
    );
  }
}

export function hasLostLine(chat, lives) {
  const { killedAt, underLoad } = lives[chat.life];
  return underLoad && chat.lines.length === 0 && chat.endedAt > killedAt - LAST_MOMENT_MS;
}

/** A chat that the engine never had is refunded, and no other. What excuses it is counted. */
export function noneIsChargedForNothing({ claimed }, { lives, evictions }, say, excuse) {
  const backs = Map.groupBy(
    claimed.filter(({ line }) => line?.refunded),
    ({ line }) => line.limiter,
  );
  const losses = [...evictions, ...lives.map(({ killedAt }) => ({ from: killedAt, until: killedAt }))];
  for (const chat of claimed) {
    const { line, records } = chat;
    if (!line || !isAdmitted(line)) continue;
    const had = engineHad(records);
    if (had && line.refunded) say(`${name(chat)} was refunded though the engine had it`);
    if (had || line.refunded) continue;
    const recent = (backs.get(line.limiter) ?? []).filter(
      ({ endedAt }) => endedAt > chat.startedAt - MINUTE_MS && endedAt < chat.endedAt + SILENT_MS,
    );
    const lostItsMemory = losses.some(
      ({ from, until }) => until >= chat.startedAt - SILENT_MS && from <= chat.endedAt + SILENT_MS,
    );
    if (recent.length >= MOST_REFUNDS) excuse("its limiter had refunded ten in a minute");
    else if (lostItsMemory) excuse("its limiter lost its memory meanwhile");
    else if (line.outcome === "shopper_left") excuse("the shopper left");
    else if (line.total_ms - line.limiter_ms - (line.upstream_ms ?? 0) > SILENT_MS) excuse("its limiter was silent");
    else say(`${name(chat)} was charged for a chat that the engine never had: ${JSON.stringify(line)}`);
  }
}

/** Each chat has one answer, its own, and the engine gave none that did not come. */
export function answersComeOnce({ all }, say) {
  for (const chat of all) {
    if (chat.end === "lost") say(`${name(chat)} has no answer: ${chat.error}`);
    if (chat.end === "malformed") say(`${name(chat)}: ${chat.status} that is no answer: ${chat.error}`);
    const good = chat.records.filter(({ status }) => status === 200);
    if (good.length > 1) say(`${name(chat)} was answered ${good.length} times`);
    if (chat.end === "answered" || chat.end === "cut") {
      if (good.length === 0) say(`${name(chat)} has an answer that no simulator gave`);
    }
    if (chat.end === "answered") {
      if (!chat.own) say(`${name(chat)} has another chat's answer: ${chat.message}`);
      if (good.some((record) => record.session_id !== chat.session))
        say(`${name(chat)} has another conversation's answer`);
    }
    const whole = good.some((record) => record.whole && !NO_ANSWERS.includes(record.fault));
    if (whole && !["answered", "left", "killed"].includes(chat.end))
      say(`${name(chat)} lost its answer: ${chat.status} ${chat.code}`);
  }
}

/** No conversation is shared by two shoppers. */
export function conversationsAreNotMixed({ claimed }, say) {
  const shoppers = new Map();
  for (const { line, records } of claimed) {
    for (const { session_id: session } of line ? records : []) {
      const known = shoppers.get(session) ?? line.shopper;
      if (known !== line.shopper) say(`the conversation ${session} is shared by ${known} and ${line.shopper}`);
      shoppers.set(session, known);
    }
  }
}

/** No deadline is broken, by the page's clock and by the worker's. */
export function deadlinesHold({ all, lines }, say) {
  for (const chat of all) {
    const ms = chat.endedAt - chat.startedAt;
    if (ms > DEADLINE_MS + SLACK_MS) say(`${name(chat)} took ${ms} ms`);
  }
  for (const { request_id: id, limiter_ms: limiter = 0, upstream_ms: upstream = 0 } of lines) {
    if (limiter > LIMITER_MS + SLACK_MS) say(`the limiter of ${id} took ${limiter} ms`);
    if (upstream > ATTEMPTS_MS + SLACK_MS) say(`the attempts of ${id} took ${upstream} ms`);
  }
}

/** Whatever began is readable by the page, and the worker itself never failed. */
export function repliesAreReadable({ claimed, lines }, { lives }, say) {
  for (const chat of claimed) {
    if (!chat.readable) say(`${name(chat)}: the page cannot read ${chat.status}`);
    if (chat.end === "refused" && chat.code !== chat.line?.outcome && chat.line)
      say(`${name(chat)}: ${chat.code} is logged as ${chat.line.outcome}`);
  }
  for (const { outcome, request_id: id } of lines) {
    if (["internal_error", "misconfigured_proxy"].includes(outcome)) say(`${id} ended with ${outcome}`);
  }
  for (const message of lives.flatMap(({ others }) => others)) say(`the worker said: ${message}`);
}

function name({ n, page, act, fault, requestId, end, status }) {
  return `chat ${n} of page ${page} (${act ?? "probe"}; ${fault ?? "no fault"}; ${end} ${status ?? ""} ${requestId ?? ""})`;
}
