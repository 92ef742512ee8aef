// The assistants, and what each one has to be told (docs/assistants/).

/**
 * @typedef {object} Question
 * @property {string} name the setting's
 * @property {string} text
 * @property {boolean} [optional]
 *
 * @typedef {object} Assistant
 * @property {string} label
 * @property {Record<string, string>} vars the settings that choose it
 * @property {string | null} standIn a text of the form of its key, if it has one
 * @property {Question[]} questions
 */

const OMNIOPS = [
  { name: "OMNIOPS_DOMAIN", text: "Your shop's domain, as Omniops knows it" },
  { name: "CONCIERGE_BASE_URL", text: "The address of your Omniops, such as https://omniops.example.com/api" },
];

/** @type {Record<string, Assistant>} */
export const ASSISTANTS = {
  "sales-associate": {
    label: "Sales Associate",
    vars: {},
    standIn: `ak_concierge_${"0".repeat(48)}`,
    questions: [],
  },
  homie: {
    label: "Homie",
    vars: { ASSISTANT: "homie" },
    standIn: "a-key-that-stands-in-for-the-real-one",
    questions: [
      { name: "HOMIE_CHATBOT_ID", text: "Your chatbot's id at Homie" },
      { name: "HOMIE_STORE", text: "The id of a branch, if you have several", optional: true },
      { name: "HOMIE_EVENTS", text: "Where its events are: chat, messages or none", optional: true },
      { name: "ASSISTANT_AUTH", text: "How its key is sent: x-api-key or bearer", optional: true },
    ],
  },
  rewardsbot: {
    label: "RewardsBot",
    vars: { ASSISTANT: "rewardsbot" },
    standIn: null,
    questions: [{ name: "REWARDS_PROGRAM", text: "Your program at Liquid Rewards, for sign-ups", optional: true }],
  },
  omniops: {
    label: "Omniops, as documented",
    vars: { ASSISTANT: "omniops" },
    standIn: "a-key-that-stands-in-for-the-real-one",
    questions: OMNIOPS,
  },
  "omniops-as-built": {
    label: "Omniops, as its public source builds it",
    vars: { ASSISTANT: "omniops", OMNIOPS_DIALECT: "as-built" },
    standIn: null,
    questions: OMNIOPS,
  },
};

/** The settings that belong to one assistant. Before another one, each of them is a mistake. */
const OWN = new Set([
  "ASSISTANT",
  "OMNIOPS_DIALECT",
  "CONCIERGE_BASE_URL",
  "CONCIERGE_FALLBACK_URL",
  ...Object.values(ASSISTANTS).flatMap(({ questions }) => questions.map(({ name }) => name)),
]);

/**
 * Returns which assistant settings choose.
 *
 * @param {Record<string, string>} vars
 */
export function assistantOf(vars) {
  const name = vars.ASSISTANT?.trim() || "sales-associate";
  return name === "omniops" && vars.OMNIOPS_DIALECT?.trim() === "as-built" ? "omniops-as-built" : name;
}

/**
 * Returns what changes with the assistant: what chooses it, and null for what belongs to the one before it.
 *
 * @param {string} name
 * @param {Record<string, string>} vars the settings so far
 * @returns {Record<string, string | null>}
 */
export function changesFor(name, vars) {
  if (assistantOf(vars) === name) return {};
  const next = ASSISTANTS[name];
  // The two dialects of one assistant share what they are told.
  const isDialect = vars.ASSISTANT === next.vars.ASSISTANT;
  const shared = isDialect ? next.questions.map((question) => question.name) : [];
  const left = [...OWN]
    .filter((setting) => setting in vars && !shared.includes(setting))
    .map((setting) => [setting, null]);
  return { ...Object.fromEntries(left), ...next.vars };
}

/**
 * Returns a stand-in for each secret that these settings need.
 *
 * @param {Record<string, string>} vars
 */
export function standIns(vars) {
  const names = [ASSISTANTS[assistantOf(vars)]?.standIn ? "CONCIERGE_API_KEY" : "SIGNING_KEY"];
  if (vars.SHOPIFY_SHOP) names.push("SHOPIFY_APP_SECRET");
  if (vars.OMI_APP_ID) names.push("OMI_APP_KEY");
  return standInsFor(names, vars);
}

/**
 * Returns a stand-in for each of these secrets.
 *
 * @param {string[]} names
 * @param {Record<string, string>} vars
 * @returns {Record<string, string>}
 */
export function standInsFor(names, vars) {
  const text = "0".repeat(64);
  const key = ASSISTANTS[assistantOf(vars)]?.standIn ?? text;
  return Object.fromEntries(names.map((name) => [name, name.startsWith("CONCIERGE_API_KEY") ? key : text]));
}
