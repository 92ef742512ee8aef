// What the assistant offers, and, if a chat may be spent, whether its key works and where the time goes.

import { WRANGLER } from "../folder.mjs";
import { right, skipped, warning, wrong } from "./finding.mjs";

/**
 * @import { Config } from "../folder.mjs"
 * @import { Finding } from "./finding.mjs"
 * @import { Answer, Visitor } from "./visitor.mjs"
 *
 * @typedef {{ health: Answer, origin: string | undefined, spend: boolean, config: Config }} Situation
 */

const OFFERS = ["streaming", "history", "pages", "refinements", "signup"];
/** The seconds within which an answer has to be there (docs/assistants/). */
const ANSWER_S = 25;
const AS_BUILT_ANSWER_S = 60;
/** A limiter that is near its shoppers answers sooner. */
const SLOW_LIMITER_MS = 250;

/** @type {Record<string, string>} what to do about a chat's error */
const REMEDIES = {
  misconfigured_api_key: `The assistant refuses the key. Set the right one: ${WRANGLER} secret put CONCIERGE_API_KEY`,
  misconfigured_proxy: "The assistant does not know what a setting names, such as the chatbot or the domain.",
  rate_limited: "A budget is used up. `tier` store is the key's own: ask the assistant's operator for a larger one.",
  limiter_unavailable: `Look at the worker's log (${WRANGLER} tail) and at Cloudflare's status page.`,
};

/**
 * @param {Visitor} visitor
 * @param {Situation} situation
 * @returns {Promise<Finding[]>}
 */
export async function lookAtAssistant(visitor, { health, origin, spend, config }) {
  if (health.status !== 200) {
    return ["assistant", "key", "limiter", "latency"].map((check) => skipped(check, "Correct the settings first."));
  }
  const { status, json } = await visitor.ask("/v1/concierge/capabilities");
  if (status !== 200 || typeof json?.assistant !== "string") {
    const todo = "Is an old version deployed? Deploy again.";
    return [wrong("assistant", `Its capabilities are answered by ${status}.`, todo)];
  }
  const offered = OFFERS.filter((name) => json[name] === true);
  const text = `${json.assistant} answers${offered.length > 0 ? `, with ${offered.join(", ")}` : ""}.`;
  const expected = config.vars.ASSISTANT || "sales-associate";
  const assistant =
    json.assistant === expected
      ? right("assistant", text)
      : warning("assistant", text, `wrangler.toml here says ${expected}. Deploy, or look from the other folder.`);
  return [assistant, ...(await spendChat(visitor, { origin, spend, config, assistant: json.assistant }))];
}

/**
 * @param {Visitor} visitor
 * @param {{ origin: string | undefined, spend: boolean, config: Config, assistant: string }} situation
 * @returns {Promise<Finding[]>}
 */
async function spendChat(visitor, { origin, spend, config, assistant }) {
  if (!spend || origin === undefined) {
    const why = spend ? "Only a chat of an origin shows it: name one with --origin." : "Only a chat shows it: --spend.";
    return ["key", "limiter", "latency"].map((check) => skipped(check, why));
  }
  const requests = assistant === "homie" ? "two requests" : "one request";
  console.error(`Sending one chat from ${origin}. The assistant counts ${requests}.`);
  const seconds = config.vars.OMNIOPS_DIALECT === "as-built" ? AS_BUILT_ANSWER_S : ANSWER_S;
  const chat = await visitor.chat(origin, "hello", (seconds + 15) * 1_000);
  return [judgeKey(chat), judgeLimiter(chat), judgeLatency(chat, seconds)];
}

/** @param {Answer} chat */
function judgeKey({ status, json }) {
  if (status === 200) return right("key", "The assistant has answered a chat.");
  const todo = REMEDIES[json?.error] ?? "The assistant fails. Wait, and look again. If it stays so, ask its operator.";
  return wrong(
    "key",
    `The chat is answered by ${status} ${json?.error ?? ""}${json?.tier ? ` (${json.tier})` : ""}.`,
    todo,
  );
}

/** @param {Answer} chat */
function judgeLimiter({ headers, json }) {
  if (json?.error === "limiter_unavailable") {
    return wrong("limiter", "It does not answer, so no chat passes.", REMEDIES.limiter_unavailable);
  }
  const { limiter } = timesOf(headers);
  const [left, limit] = ["x-ratelimit-remaining", "x-ratelimit-limit"].map((name) => headers.get(name));
  if (limiter === undefined || limit === null) return skipped("limiter", "The chat was refused before it.");
  const text = `It answers in ${limiter} ms. ${left} of ${limit} chats are left to this shopper.`;
  if (limiter <= SLOW_LIMITER_MS) return right("limiter", text);
  return warning(
    "limiter",
    text,
    "A network's limiter stays where its first shopper was. Ask again from where your shoppers are.",
  );
}

/**
 * @param {Answer} chat
 * @param {number} seconds
 */
function judgeLatency({ status, headers, ms }, seconds) {
  // How soon it fails says nothing about how long an answer takes.
  if (status !== 200) return skipped("latency", "The assistant has not answered the chat.");
  const { limiter, upstream, total } = timesOf(headers);
  if (upstream === undefined || total === undefined)
    return skipped("latency", "The answer does not say what took time.");
  const own = Math.max(0, total - upstream - (limiter ?? 0));
  const legs = [
    `assistant ${upstream}`,
    `limiter ${limiter ?? 0}`,
    `worker ${own}`,
    `network ${Math.max(0, ms - total)}`,
  ];
  const text = `${ms} ms: ${legs.join(", ")}. The assistant has ${seconds} s.`;
  if (upstream < seconds * 500) return right("latency", text);
  return warning("latency", text, "The assistant takes more than half of its time. Ask its operator.");
}

/**
 * Reads Server-Timing (W3C).
 *
 * @param {Headers} headers
 * @returns {Record<string, number | undefined>}
 */
function timesOf(headers) {
  const metrics = (headers.get("server-timing") ?? "").matchAll(/(\w+);dur=([\d.]+)/g);
  return Object.fromEntries([...metrics].map(([, name, ms]) => [name, Number(ms)]));
}
