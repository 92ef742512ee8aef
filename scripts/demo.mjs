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
 * @param {string[]} [origins] whose pages may ask, too
 * @returns {Demo}
 */
export function demoOf(name, page, origins = []) {
  const { endpoint = "chat", ...demo } = DEMOS[name](page);
  const assistant = demo.vars.ASSISTANT ?? name;
  const flags = [`--assistant=${assistant}`, `--storefront=${page}`, ...demo.flags];
  const vars = {
    ALLOWED_ORIGINS: [page, ...origins].join(", "),
    ...demo.vars,
    // With it, a page may come with a shopper's token, and is refused if the token is no good.
    SHOPPER_TOKEN_KEY: secret(),
  };
  return { ...demo, name, endpoint, flags, vars };
}

/**
 * Returns what the arguments ask for: the assistant, and the origins of pages beside the shop's. Or only for help.
 *
 * @param {string[]} args
 */
export function readOptions(args) {
  const { assistant: name = NAMES[0], origin: addresses = [], help: isHelp = false } = parse(args);
  // As an address bar has it.
  const origins = addresses.map((text) => text.replace(/\/$/, ""));
  if (!NAMES.includes(name)) throw new Failed(`There is no assistant '${name}'`, usage());
  const wrong = origins.find((text) => !URL.canParse(text) || new URL(text).origin !== text);
  if (wrong !== undefined)
    throw new Failed(`'${wrong}' is no origin such as http://localhost:3000, without a path`, usage());
  return { name, origins, isHelp };
}

/**
 * @param {string[]} args
 * @returns {{ assistant?: string, origin?: string[], help?: boolean }}
 */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        assistant: { type: "string" },
        origin: { type: "string", multiple: true },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new Failed(/** @type {Error} */ (error).message, usage());
  }
}

export function usage() {
  const names = `${NAMES.slice(0, -1).join(", ")} or ${NAMES.at(-1)}`;
  return `Run npm start -- --assistant NAME --origin ORIGIN, where NAME is ${names}, and ORIGIN is your page's.`;
}

function secret(bytes = 32) {
  return randomBytes(bytes).toString("hex");
}
