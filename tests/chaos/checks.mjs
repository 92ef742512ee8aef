// What has to hold at the end of a run, each a function that says what does not.

import { byKind, countAttempts, engineHad, isAdmitted, isNoConnection } from "./accounts.mjs";

/** What a machine that is held back may add to a deadline, in milliseconds. */
const SLACK_MS = 5_000;
/** Body, limiter, the rest of the answer after all attempts, and what is refunded. */
const DEADLINE_MS = 10_000 + 1_000 + 10_000 + 1_000;
const LIMITER_MS = 1_000;

/** How often a limiter refunds, at most. */
const MOST_REFUNDS = 10;
const MINUTE_MS = 60_000;
/** workerd lets an object that nobody asks sleep after this time. */
const SLEEP_MS = 10_000;
/** A limiter that was asked to give back and said nothing in time. */
const SILENT_MS = 900;
/** The requests of a chat upstream, at most, as the worker is set. */
const MOST_ATTEMPTS = 3;
/** The lines of the last moment go with a process that is killed. */
const LAST_MOMENT_MS = 1_000;

/** What an oversized answer begins with. */
const PADDING = /^x+/;

/** The URLs and the keys of attempts. */
const WAYS = ["primary", "fallback"].flatMap((url) => ["current", "next"].map((key) => ({ url, key })));

/**
 * Each request that a simulator recorded stands in the log, with its URL and its key, and no other.
 *
 * One that carries a message is compared chat by chat. One that creates a conversation names neither. It names a user,
 * who is one shopper, but nothing tells which one if no message follows. So of each shopper there are no more of these
 * than logged, and of all shoppers there are as many. A request for events is no attempt, and only chats that ask for
 * events have them.
 */
export function requestsAreLogged(accounts, seen, contract, say) {
  const { claimed, all, unclaimed } = accounts;
  const { lives, records, counted, slots } = seen;
  const beginningOf = beginnings(claimed, contract);
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
    const { messages } = byKind(chat.line.attempts ?? [], beginningOf(chat));
    for (const { url, key } of WAYS) {
      const attempts = messages.filter((attempt) => attempt.url === url && attempt.key === key);
      const recorded = chat.records.filter((record) => record.route === url && slots.get(record.key) === key);
      compare(`${name(chat)}, ${url}, ${key}`, countAttempts(attempts), recorded, 0, say);
    }
  }
  unclaimed.forEach((lines, life) => {
    const gone = all.filter((chat) => chat.life === life && !chat.line);
    // Of a process that was killed with chats in it, what they sent may not have been logged.
    const lost = gone.filter((chat) => mayBeUnlogged(chat, lives)).flatMap((chat) => chat.records).length;
    // Nobody knows which chats they are of, and so whether they began with a conversation.
    const kinds = lines.map((line) => byKind(line.attempts ?? [], contract.creation ? undefined : "messages"));
    compare(
      `life ${life}, nobody read these replies`,
      countAttempts(
        kinds.flatMap(({ messages }) => messages),
        kinds.flatMap(({ either }) => either),
      ),
      gone.flatMap((chat) => chat.records),
      lost,
      say,
    );
  });
  if (contract.creation) creationsAreLogged(accounts, seen, beginningOf, say);
  if (contract.listening) listeningsAreAskedFor(accounts, say);
}

/** Tells what the first attempt of a chat was for: a message, or its conversation if it had none of its own. */
function beginnings(claimed, { creation }) {
  const owners = ownersOf(claimed);
  const isHeld = ({ sent, line }) => sent !== undefined && owners.get(sent) === line.shopper;
  return (chat) => (creation && !isHeld(chat) ? "creations" : "messages");
}

/** The shoppers to whom session ids were given. */
function ownersOf(claimed) {
  const given = claimed.filter(({ line, session }) => line && session);
  return new Map(given.map(({ session, line }) => [session, line.shopper]));
}

/** The requests that create conversations are those of the log, and no shopper has more of them than logged. */
function creationsAreLogged({ all, claimed, unclaimed, creations }, { lives, users, slots }, beginningOf, say) {
  const shoppers = new Map();
  for (const { line, records } of claimed) {
    for (const { session_id: session } of line ? records : []) shoppers.set(users.get(session), line.shopper);
  }
  shoppers.delete(undefined);
  const lines = [
    ...claimed.filter(({ line }) => line).map((chat) => ({ ...chat.line, begins: beginningOf(chat) })),
    ...unclaimed.flat(),
  ];
  // What a chat has sent whose process was killed before it logged it.
  const gone = all.filter((chat) => mayBeUnlogged(chat, lives));
  const isLost = ({ at }) => gone.some(({ startedAt, endedAt }) => at >= startedAt && at <= endedAt);
  const lost = (own) => Math.min(own.filter(isLost).length, gone.length * MOST_ATTEMPTS);
  const countIn = (some, isOfWay) => {
    const kinds = some.map(({ attempts = [], begins }) => byKind(attempts, begins));
    return countAttempts(
      kinds.flatMap((kind) => kind.creations.filter(isOfWay)),
      kinds.flatMap((kind) => kind.either.filter(isOfWay)),
    );
  };
  const byShopper = Map.groupBy(lines, ({ shopper }) => shopper);
  for (const { url, key } of WAYS) {
    const isOfWay = (attempt) => attempt.url === url && attempt.key === key;
    const recorded = creations.filter((entry) => entry.route === url && slots.get(entry.key) === key);
    compare(`all conversations, ${url}, ${key}`, countIn(lines, isOfWay), recorded, lost(recorded), say);
    for (const [shopper, own] of Map.groupBy(recorded, ({ body }) => shoppers.get(JSON.parse(body).userId))) {
      if (shopper === undefined) continue;
      const { sure, left, unconnected } = countIn(byShopper.get(shopper) ?? [], isOfWay);
      const most = sure + left + unconnected + lost(own);
      if (own.length > most) say(`${shopper}, ${url}, ${key}: created ${own.length} conversations and logged ${most}`);
    }
  }
}

/** Of the requests for events, no conversation has more than its chats have asked for. */
function listeningsAreAskedFor({ all, listenings }, say) {
  const asked = new Map();
  for (const { byEvents, records } of all) {
    for (const session of new Set(records.map((record) => record.session_id))) {
      if (byEvents) asked.set(session, (asked.get(session) ?? 0) + 1);
    }
  }
  for (const [session, own] of Map.groupBy(listenings, (entry) => entry.session_id)) {
    // Who left, or met a full budget, may have asked for the events of a message that was never sent.
    const unsent = all.filter(({ byEvents, records }) => byEvents && records.length === 0).length;
    const most = (asked.get(session) ?? 0) + unsent;
    if (own.length > most) say(`the events of ${session} were asked for ${own.length} times by ${most} chats`);
  }
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

/** Whether a chat's log line may have gone with its process. */
export function mayBeUnlogged(chat, lives) {
  return chat.end === "killed" || hasLostLine(chat, lives);
}

function hasLostLine(chat, lives) {
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
    if (slept(chat, claimed)) excuse("its limiter had slept meanwhile");
    else if (recent.length >= MOST_REFUNDS) excuse("its limiter had refunded ten in a minute");
    else if (lostItsMemory) excuse("its limiter lost its memory meanwhile");
    else if (line.outcome === "shopper_left") excuse("the shopper left");
    else if (line.total_ms - line.limiter_ms - (line.upstream_ms ?? 0) > SILENT_MS) excuse("its limiter was silent");
    else say(`${name(chat)} was charged for a chat that the engine never had: ${JSON.stringify(line)}`);
  }
}

/**
 * Whether the limiter of a chat that took long had nobody to ask it for so long that it lost its memory. Only what takes
 * that long and is refunded meets this: a chat whose conversation was never created.
 */
function slept({ line, startedAt, endedAt }, claimed) {
  const isOfLimiter = (chat) => chat.line?.limiter === line.limiter && isAdmitted(chat.line);
  const times = claimed
    .filter(isOfLimiter)
    .flatMap((chat) => [chat.startedAt, chat.endedAt])
    .filter((at) => at >= startedAt && at <= endedAt)
    .sort((a, b) => a - b);
  return times.some((at, place) => at - times[Math.max(0, place - 1)] > SLEEP_MS);
}

/** Each chat has one answer, its own, and the engine gave none that did not come. */
export function answersComeOnce({ all, claimed }, { noAnswers, passesOn }, say) {
  const owners = ownersOf(claimed);
  for (const chat of all) {
    if (chat.end === "lost") say(`${name(chat)} has no answer: ${chat.error}`);
    if (chat.end === "malformed") say(`${name(chat)}: ${chat.status} that is no answer: ${chat.error}`);
    const good = chat.records.filter(({ status }) => status >= 200 && status < 300);
    if (good.length > 1) say(`${name(chat)} was answered ${good.length} times`);
    if (chat.end === "answered" && good.length === 0) say(`${name(chat)} has an answer that no simulator gave`);
    // The parts of an answer come before it, so they may be all that there ever was of it.
    if (chat.end === "cut" && !(passesOn ? good.length > 0 : engineHad(chat.records)))
      say(`${name(chat)} has a part of an answer that no simulator gave`);
    if (chat.end === "answered") {
      if (!chat.own) say(`${name(chat)} has another chat's answer: ${chat.message}`);
      if (passesOn && good.some((record) => record.session_id !== chat.session))
        say(`${name(chat)} has another conversation's answer`);
      const isHeld = chat.sent && chat.line && owners.get(chat.sent) === chat.line.shopper;
      const isGone = chat.line?.attempts?.some(({ ended }) => ended === "conversation_gone");
      if (isHeld && !isGone && chat.session !== chat.sent) say(`${name(chat)} has lost its conversation`);
      // Events name no message: those of another message that the same page asks at the same time may come among them.
      const isAlone = !chat.greedy && !all.some(({ page, end }) => page === chat.page && end === "left");
      if (chat.said && isAlone && !chat.message.replace(PADDING, "").startsWith(chat.said))
        say(`${name(chat)} was told: ${chat.said}`);
    }
    const whole = good.some((record) => record.whole && !noAnswers.includes(record.fault?.split(":")[0]));
    if (whole && !["answered", "left", "killed"].includes(chat.end))
      say(`${name(chat)} lost its answer: ${chat.status} ${chat.code}`);
  }
}

/**
 * No conversation is shared by two shoppers. Where the upstream chooses its id, that shows from the second message on:
 * the first one names none.
 */
export function conversationsAreNotMixed({ claimed }, say) {
  const shoppers = new Map();
  const conversations = new Map();
  for (const { line, records, sent, session: given } of claimed) {
    for (const { session_id: session } of line ? records : []) {
      if (session === null) continue;
      // What the page has stands for one conversation of the upstream's, and always for the same one.
      if (given && given === sent) {
        const same = conversations.get(given) ?? session;
        if (same !== session) say(`the session id ${given} stands for ${same} and for ${session}`);
        conversations.set(given, same);
      }
      const known = shoppers.get(session) ?? line.shopper;
      if (known !== line.shopper) say(`the conversation ${session} is shared by ${known} and ${line.shopper}`);
      shoppers.set(session, known);
    }
  }
}

/** No deadline is broken, by the page's clock and by the worker's. */
export function deadlinesHold({ all, lines }, { attemptsMs }, say) {
  for (const chat of all) {
    const ms = chat.endedAt - chat.startedAt;
    if (ms > DEADLINE_MS + attemptsMs + SLACK_MS) say(`${name(chat)} took ${ms} ms`);
  }
  for (const { request_id: id, limiter_ms: limiter = 0, upstream_ms: upstream = 0 } of lines) {
    if (limiter > LIMITER_MS + SLACK_MS) say(`the limiter of ${id} took ${limiter} ms`);
    if (upstream > attemptsMs + SLACK_MS) say(`the attempts of ${id} took ${upstream} ms`);
  }
}

/** Whatever began is readable by the page, and the worker itself never failed. */
export function repliesAreReadable({ claimed, lines }, { lives, records, others }, { isForMerchants }, say) {
  for (const chat of claimed) {
    if (!chat.readable) say(`${name(chat)}: the page cannot read ${chat.status}`);
    if (chat.end === "refused" && chat.code !== chat.line?.outcome && chat.line)
      say(`${name(chat)}: ${chat.code} is logged as ${chat.line.outcome}`);
  }
  for (const { outcome, request_id: id } of lines) if (outcome === "internal_error") say(`${id} ended with ${outcome}`);
  // The worker was set up well, so this is only what an assistant has said of it.
  const unset = lines.filter(({ outcome }) => outcome === "misconfigured_proxy").length;
  const told = [...records, ...others].filter(isForMerchants).length;
  if (unset > told) say(`${unset} chats ended with misconfigured_proxy, and the assistant has told that ${told} times`);
  for (const message of lives.flatMap(({ others }) => others)) say(`the worker said: ${message}`);
}

function name({ n, page, act, fault, requestId, end, status }) {
  return `chat ${n} of page ${page} (${act ?? "probe"}; ${fault ?? "no fault"}; ${end} ${status ?? ""} ${requestId ?? ""})`;
}
