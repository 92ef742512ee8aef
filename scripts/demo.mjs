// The assistants that `npm start` can run before: how each is simulated, and the settings that it needs.

import { randomBytes, randomUUID } from "node:crypto";
import { parseArgs } from "node:util";

import { Failed } from "./steps.mjs";

/**
 * What a run needs. All keys are made up for it, and only its own simulator accepts them.
 *
 * @typedef {object} Demo
 * @property {string} name the assistant's name
 * @property {string[]} flags the simulator's flags
 * @property {string} endpoint what the simulator calls the path that takes a question
 * @property {string} path what follows the simulator's address in CONCIERGE_BASE_URL
 * @property {Record<string, string>} vars the worker's settings
 */

const DOMAIN = "www.example.com";

/** @type {Record<string, (page: string) => Omit<Demo, "name" | "endpoint"> & { endpoint?: string }>} */
const DEMOS = {
  "sales-associate": (page) => {
    const key = `ak_concierge_${secret(24)}`;
    return { flags: [`--key=${key}:production:${page}`], path: "/v1", vars: { CONCIERGE_API_KEY: key } };
  },
  homie: () => {
    const [key, chatbot] = [secret(), randomUUID()];
    return {
      endpoint: "message",
      flags: [`--homie-keys=${key}`, `--homie-chatbot=${chatbot}`],
      path: "",
      vars: { ASSISTANT: "homie", CONCIERGE_API_KEY: key, HOMIE_CHATBOT_ID: chatbot },
    };
  },
  rewardsbot: () => ({
    flags: [],
    path: "",
    vars: { ASSISTANT: "rewardsbot", SIGNING_KEY: secret(), REWARDS_PROGRAM: "demo" },
  }),
  omniops: () => {
    const key = secret();
    return {
      flags: [`--omniops-keys=${key}`, `--omniops-domains=${DOMAIN}`],
      path: "/api",
      vars: { ASSISTANT: "omniops", CONCIERGE_API_KEY: key, OMNIOPS_DOMAIN: DOMAIN },
    };
  },
  "omniops-as-built": () => ({
    flags: ["--omniops-dialect=as-built"],
    path: "/api",
    vars: { ASSISTANT: "omniops", OMNIOPS_DIALECT: "as-built", OMNIOPS_DOMAIN: DOMAIN, SIGNING_KEY: secret() },
  }),
};

export const NAMES = Object.keys(DEMOS);

/**
 * Returns a new demo of an assistant, for a shop at this address.
 *
 * @param {string} name one of `NAMES`
 * @param {string} page
 * @returns {Demo}
 */
export function demoOf(name, page) {
  const { endpoint = "chat", ...demo } = DEMOS[name](page);
  const assistant = demo.vars.ASSISTANT ?? name;
  const flags = [`--assistant=${assistant}`, `--storefront=${page}`, ...demo.flags];
  // With it, a page may come with a shopper's token, and is refused if the token is no good.
  const vars = { ...demo.vars, SHOPPER_TOKEN_KEY: secret() };
  return { ...demo, name, endpoint, flags, vars };
}

/**
 * Returns the name of the assistant that the arguments ask for.
 *
 * @param {string[]} args
 */
export function readName(args) {
  const name = parse(args);
  if (!NAMES.includes(name)) throw new Failed(`There is no assistant '${name}'`, usage());
  return name;
}

/** @param {string[]} args */
function parse(args) {
  try {
    const { values } = parseArgs({ args, options: { assistant: { type: "string" } } });
    return values.assistant ?? NAMES[0];
  } catch (error) {
    throw new Failed(/** @type {Error} */ (error).message, usage());
  }
}

function usage() {
  return `Run npm start -- --assistant NAME, where NAME is ${NAMES.slice(0, -1).join(", ")} or ${NAMES.at(-1)}.`;
}

function secret(bytes = 32) {
  return randomBytes(bytes).toString("hex");
}
