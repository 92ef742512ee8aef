// The assistants that the worker stands in front of: how each is simulated, and its settings.

import { randomBytes } from "node:crypto";

/** The page's origin. */
export const ORIGIN = "https://shop.example.com";
const CHATBOT = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/**
 * @typedef {object} Assistant
 * @property {(keys: string[]) => string[]} flags the simulator's flags, for these keys
 * @property {(url: string) => string} baseUrl what CONCIERGE_BASE_URL is set to
 * @property {Record<string, string>} vars the settings that it needs
 * @property {(() => string) | null} newKey makes a key, where the assistant has one
 * @property {string} chat the simulator's name of the endpoint that takes a shopper's message
 */

/** @type {Record<string, Assistant>} */
export const ASSISTANTS = {
  "sales-associate": {
    flags: (keys) => keys.flatMap((key) => ["--key", `${key}:internal:${ORIGIN}`]),
    baseUrl: (url) => `${url}/v1`,
    vars: {},
    newKey: () => `ak_concierge_${randomBytes(24).toString("hex")}`,
    chat: "chat",
  },
  homie: {
    flags: (keys) => ["--assistant", "homie", "--homie-keys", keys.join(","), "--homie-chatbot", CHATBOT],
    baseUrl: (url) => url,
    vars: { ASSISTANT: "homie", HOMIE_CHATBOT_ID: CHATBOT },
    newKey: () => `homie-${randomBytes(24).toString("hex")}`,
    chat: "message",
  },
  rewardsbot: {
    flags: () => ["--assistant", "rewardsbot"],
    baseUrl: (url) => url,
    vars: { ASSISTANT: "rewardsbot", SIGNING_KEY: randomBytes(32).toString("hex"), REWARDS_PROGRAM: "program-7" },
    newKey: null,
    chat: "chat",
  },
  omniops: {
    flags: (keys) => ["--assistant", "omniops", "--omniops-keys", keys.join(",")],
    baseUrl: (url) => `${url}/api`,
    vars: { ASSISTANT: "omniops", OMNIOPS_DOMAIN: "www.example.com" },
    newKey: () => `omniops-${randomBytes(24).toString("hex")}`,
    chat: "chat",
  },
  "omniops as built": {
    flags: () => ["--assistant", "omniops", "--omniops-dialect", "as-built"],
    baseUrl: (url) => `${url}/api`,
    vars: {
      ASSISTANT: "omniops",
      OMNIOPS_DOMAIN: "www.example.com",
      OMNIOPS_DIALECT: "as-built",
      SIGNING_KEY: randomBytes(32).toString("base64"),
    },
    newKey: null,
    chat: "chat",
  },
};
