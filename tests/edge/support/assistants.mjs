// The assistants that the worker stands in front of, in one table: how each is simulated, which settings
// it needs, and what its requests look like. A promise that holds for all of them is tested once for each.

import { randomBytes } from "node:crypto";

/** The page's origin. */
export const ORIGIN = "https://shop.example.com";
const CHATBOT = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const DOMAIN = "www.example.com";
/** Omniops limits each domain. No test reaches this by accident. */
const ROOMY = ["--omniops-minute", "1000000", "--omniops-second", "1000000"];

/**
 * What the worker sends upstream for a shopper's message.
 *
 * @typedef {object} Sent
 * @property {RegExp} path
 * @property {string[]} headers the headers beside those of every request
 * @property {(headers: Record<string, string>) => string} [key] where the key stands
 * @property {string[]} fields the fields of the body in a new conversation
 *
 * @typedef {object} Assistant
 * @property {(keys: string[]) => string[]} flags the simulator's flags, for these keys
 * @property {(url: string) => string} baseUrl what CONCIERGE_BASE_URL is set to
 * @property {Record<string, string>} vars the settings that it needs
 * @property {(() => string) | null} newKey makes a key, where the assistant has one
 * @property {string} chat the simulator's name of the endpoint that takes a shopper's message
 * @property {number} requests how many requests the first chat of a conversation takes
 * @property {boolean} translated whether its answers are translated into the page's contract
 * @property {boolean} products whether its answers have products
 * @property {boolean} chips whether its answers have refinements
 * @property {string[]} offers which of history, pages, refinements and signup it offers
 * @property {Sent} sent
 */

/** @type {Record<string, Assistant>} */
export const ASSISTANTS = {
  "sales-associate": {
    flags: (keys) => keys.flatMap((key) => ["--key", `${key}:internal:${ORIGIN}`]),
    baseUrl: (url) => `${url}/v1`,
    vars: {},
    newKey: () => `ak_concierge_${randomBytes(24).toString("hex")}`,
    chat: "chat",
    requests: 1,
    translated: false,
    products: true,
    chips: true,
    offers: [],
    sent: {
      path: /^\/v1\/concierge\/chat$/,
      headers: ["x-api-key"],
      key: (headers) => headers["x-api-key"],
      fields: ["prompt", "context", "session_id"],
    },
  },
  homie: {
    flags: (keys) => ["--assistant", "homie", "--homie-keys", keys.join(","), "--homie-chatbot", CHATBOT],
    baseUrl: (url) => url,
    vars: { ASSISTANT: "homie", HOMIE_CHATBOT_ID: CHATBOT },
    newKey: () => `homie-${randomBytes(24).toString("hex")}`,
    chat: "message",
    requests: 2,
    translated: true,
    products: true,
    chips: true,
    offers: ["history"],
    sent: {
      path: /^\/v1\/chats\/[0-9a-f-]{36}\/messages$/,
      headers: ["x-api-key"],
      key: (headers) => headers["x-api-key"],
      fields: ["message", "currentUrl"],
    },
  },
  rewardsbot: {
    flags: () => ["--assistant", "rewardsbot"],
    baseUrl: (url) => url,
    vars: { ASSISTANT: "rewardsbot", SIGNING_KEY: randomBytes(32).toString("hex"), REWARDS_PROGRAM: "program-7" },
    newKey: null,
    chat: "chat",
    requests: 1,
    translated: true,
    products: true,
    chips: true,
    offers: ["pages", "refinements", "signup"],
    sent: { path: /^\/chat\/[0-9a-f]{32}$/, headers: [], fields: ["chat"] },
  },
  omniops: {
    flags: (keys) => ["--assistant", "omniops", "--omniops-keys", keys.join(","), ...ROOMY],
    baseUrl: (url) => `${url}/api`,
    vars: { ASSISTANT: "omniops", OMNIOPS_DOMAIN: DOMAIN },
    newKey: () => `omniops-${randomBytes(24).toString("hex")}`,
    chat: "chat",
    requests: 1,
    translated: true,
    products: false,
    chips: false,
    offers: [],
    sent: {
      path: /^\/api\/chat$/,
      headers: ["authorization", "x-domain"],
      key: (headers) => headers.authorization.replace("Bearer ", ""),
      fields: ["message", "context"],
    },
  },
  "omniops as built": {
    flags: () => ["--assistant", "omniops", "--omniops-dialect", "as-built", ...ROOMY],
    baseUrl: (url) => `${url}/api`,
    vars: {
      ASSISTANT: "omniops",
      OMNIOPS_DOMAIN: DOMAIN,
      OMNIOPS_DIALECT: "as-built",
      SIGNING_KEY: randomBytes(32).toString("base64"),
    },
    newKey: null,
    chat: "chat",
    requests: 1,
    translated: true,
    products: true,
    chips: false,
    offers: ["history"],
    sent: { path: /^\/api\/chat$/, headers: [], fields: ["message", "session_id", "domain"] },
  },
};

/**
 * Returns the row of a demo of `npm start`.
 *
 * @param {string} name
 */
export function rowOf(name) {
  return ASSISTANTS[name.replaceAll("-as-built", " as built")];
}

export const NAMES = Object.keys(ASSISTANTS);
/** Those whose answers are translated. */
export const TRANSLATED = NAMES.filter((name) => ASSISTANTS[name].translated);
