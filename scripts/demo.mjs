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
 * @property {string} path what follows the simulator's address in CONCIERGE_BASE_URL
 * @property {Record<string, string>} vars the worker's settings
 */

const DOMAIN = "www.example.com";

/** @type {Record<string, (page: string) => Omit<Demo, "name">>} */
const DEMOS = {
  "sales-associate": (page) => {
    const key = `ak_concierge_${secret(24)}`;
    return { flags: [`--key=${key}:trial:${page}`], path: "/v1", vars: { CONCIERGE_API_KEY: key } };
  },
  homie: () => {
    const [key, chatbot] = [secret(), randomUUID()];
    return {
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

const NAMES = Object.keys(DEMOS);

/**
 * Returns the demo that the arguments ask for, for a page at this address.
 *
 * @param {string[]} args
 * @returns {(page: string) => Demo}
 */
export function readDemo(args) {
  const name = readName(args);
  const make = Object.hasOwn(DEMOS, name) ? DEMOS[name] : undefined;
  if (!make) throw new Failed(`There is no assistant '${name}'`, usage());
  return (page) => {
    const demo = make(page);
    const assistant = demo.vars.ASSISTANT ?? name;
    return { ...demo, name, flags: [`--assistant=${assistant}`, ...demo.flags] };
  };
}

/** @param {string[]} args */
function readName(args) {
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
