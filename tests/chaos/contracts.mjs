// What the contract of each assistant has for the acts of a run, and what its requests stand for.

import { ASSISTANTS } from "../edge/support/assistants.mjs";

const ATTEMPTS_MS = 25_000;
/** Answers of the usual status that are none, whatever the assistant. */
const NO_ANSWERS = ["not-json", "json-as-html", "empty", "empty-chunked"];
/** A translated answer is one JSON text. Events are none, and the worker refuses them. */
const NO_TRANSLATED_ANSWERS = [...NO_ANSWERS, "stream", "stream-slow"];

/** At Omniops, a 429 in JSON without a code is the cap of the domain. So a gateway's has to be a page. */
const THROTTLE_AS_A_PAGE = "throttled:1";

/**
 * @typedef {{
 *   route?: string, endpoint: string, path: string, key: string | null, status: number | null, fault: string | null,
 *   session_id: string | null, prompt: string | null, whole: boolean, at: number,
 * }} Entry a request, as a simulator recorded it
 *
 * @typedef {object} Contract
 * @property {string} assistant its name among the assistants of the edge tests
 * @property {{ engine: string[], key: string, unset: string, cap: string, throttle: string }} errors the codes of what
 *   goes wrong: the engine fails; the key is refused; something that the merchant has to set is not; the store's cap is
 *   reached. Where there is no such error, it is the nearest that the contract has. The last is no code but the fault of
 *   a gateway that throttles, and is not taken for the cap
 * @property {[weight: number, endpoint: string][]} strikes which endpoints a chat's own fault may strike. None if a chat
 *   asks for its fault itself, in its context
 * @property {string | null} creation the endpoint that creates a conversation, if a first chat takes another request
 * @property {string | null} listening the endpoint of a chat's events, if there are any
 * @property {(entry: Entry) => boolean} isAtTheDoor whether a chat was refused before the engine had it
 * @property {(entry: Entry) => boolean} isForMerchants whether the answer says that the worker is not set up well
 * @property {string[]} noAnswers the faults that make an answer none
 * @property {boolean} passesOn whether answers pass unchanged: their session ids, and events if they are events
 * @property {number} attemptsMs how long all attempts of a chat may take
 */

const has =
  (...statuses) =>
  ({ status }) =>
    statuses.includes(status);
const never = () => false;

/** Whether Omniops does not know a conversation that the chat named, or has no room for it. */
const isOmniopsDoor = ({ status, session_id: conversation }) =>
  status === 429 || (status === 404 && conversation !== null);
/** The same with a key. A 403 of the assistant's own would be about a domain that is not set up, which is no door. */
const isDocumentedDoor = (entry) => has(401)(entry) || entry.fault === "gateway-403" || isOmniopsDoor(entry);

/** @type {Record<string, Contract>} */
export const CONTRACTS = {
  "sales-associate": {
    assistant: "sales-associate",
    errors: {
      engine: ["upstream_error", "upstream_function_error", "upstream_invoke_error", "upstream_empty_response"],
      key: "invalid_api_key",
      unset: "misconfigured_api_key",
      cap: "rate_limited",
      throttle: "gateway-429",
    },
    strikes: [],
    creation: null,
    listening: null,
    isAtTheDoor: has(401, 429),
    isForMerchants: never,
    noAnswers: NO_ANSWERS,
    passesOn: true,
    attemptsMs: ATTEMPTS_MS,
  },
  // It has no cap but a gateway's throttle. A chat that it does not know is begun again, and a chatbot that it does not
  // know is for the merchant to set.
  homie: {
    assistant: "homie",
    errors: { engine: ["500"], key: "401", unset: "404", cap: "429", throttle: "gateway-429" },
    strikes: [
      [7, "message"],
      [2, "create"],
      [1, "events"],
    ],
    creation: "create",
    listening: "events",
    isAtTheDoor: has(401, 403, 404, 410, 429),
    isForMerchants: ({ endpoint, status }) => endpoint === "create" && status === 404,
    noAnswers: NO_TRANSLATED_ANSWERS,
    passesOn: false,
    attemptsMs: ATTEMPTS_MS,
  },
  // It has no key, no cap and nothing to set. What it refuses is not valid.
  rewardsbot: {
    assistant: "rewardsbot",
    errors: { engine: ["500"], key: "422", unset: "403", cap: "429", throttle: "gateway-429" },
    strikes: [[1, "chat"]],
    creation: null,
    listening: null,
    isAtTheDoor: has(429),
    isForMerchants: never,
    noAnswers: NO_TRANSLATED_ANSWERS,
    passesOn: false,
    attemptsMs: ATTEMPTS_MS,
  },
  omniops: {
    assistant: "omniops",
    errors: {
      engine: ["INTERNAL_ERROR"],
      key: "AUTH_INVALID",
      unset: "INSUFFICIENT_CREDITS",
      cap: "RATE_LIMIT_EXCEEDED",
      throttle: THROTTLE_AS_A_PAGE,
    },
    strikes: [[1, "chat"]],
    creation: null,
    listening: null,
    isAtTheDoor: isDocumentedDoor,
    isForMerchants: has(402),
    noAnswers: NO_TRANSLATED_ANSWERS,
    passesOn: false,
    attemptsMs: ATTEMPTS_MS,
  },
  // It has no key and no account. What it refuses is not valid.
  "omniops-as-built": {
    assistant: "omniops as built",
    errors: { engine: ["500", "503"], key: "400", unset: "400", cap: "429", throttle: THROTTLE_AS_A_PAGE },
    strikes: [[1, "chat"]],
    creation: null,
    listening: null,
    isAtTheDoor: isOmniopsDoor,
    isForMerchants: never,
    noAnswers: NO_TRANSLATED_ANSWERS,
    passesOn: false,
    attemptsMs: 60_000,
  },
};

/** How the assistant is started and set, as the edge tests have it. */
export function apiOf({ assistant }) {
  return ASSISTANTS[assistant];
}
