// The command line of the wizard.

import { parseArgs } from "node:util";

import { SECRETS, WRANGLER } from "../folder.mjs";
import { BadUsage } from "../usage.mjs";
import { ASSISTANTS } from "./assistants.mjs";
import { TIERS } from "./tiers.mjs";

export const HELP = `npm run setup [-- flags]

It asks for whatever no flag says. With --yes, it asks nothing, and what no flag says stays as it is.

  --assistant NAME      ${Object.keys(ASSISTANTS).join(", ")}
  --storefront URL      your shop's address; may be repeated. It is added to those that are let in already
  --shop HOST           a Shopify shop's own name, such as example-shop.myshopify.com
  --shop-id NUMBER      a Shopify shop's id, for the previews of its themes
  --tier NAME           ${Object.keys(TIERS).join(" or ")}: the limits that fit the assistant's plan
  --domain HOST         the worker's own domain, or none for its workers.dev address
  --region REGION       where the worker runs, such as aws:us-east-1, or smart, or none for near each shopper
  --set NAME=VALUE      another setting under [vars]; may be repeated
  --key-stdin           with --yes: read the assistant's key from a pipe
  --admin, --no-admin   make a token for /admin, where you see what the worker does, or make none. With --yes: --admin
  --dev-vars            also keep the key and the token in .dev.vars, for \`wrangler dev\` on this machine
  --no-deploy           only write the settings
  --yes                 ask nothing
  --help                print this

The key is never a flag: paste it when you are asked, or set CONCIERGE_API_KEY in the environment. The token for /admin
is printed once, at the end. With ADMIN_TOKEN in the environment, that one is taken, and not printed. It replaces the one
that is set. Without it, a token that is set stays as it is.`;

/**
 * @typedef {object} Usage
 * @property {string} [assistant]
 * @property {string[]} storefronts
 * @property {string} [shop]
 * @property {string} [shopId]
 * @property {string} [tier]
 * @property {string} [domain]
 * @property {string} [region]
 * @property {Record<string, string>} set
 * @property {boolean} keyStdin
 * @property {boolean | undefined} admin whether there shall be a token for /admin
 * @property {boolean} devVars
 * @property {boolean} deploy
 * @property {boolean} yes
 */

/**
 * @param {string[]} args
 * @returns {Usage | "help"}
 */
export function readUsage(args) {
  const values = parse(args);
  if (values.help) return "help";
  const { assistant, tier, "no-deploy": noDeploy, "key-stdin": keyStdin = false, "dev-vars": devVars = false } = values;
  if (assistant !== undefined) oneOf("--assistant", assistant, Object.keys(ASSISTANTS));
  if (tier !== undefined) oneOf("--tier", tier, Object.keys(TIERS));
  const yes = values.yes ?? false;
  // Questions would read from the same input, and a terminal would show the key.
  if (keyStdin && (!yes || process.stdin.isTTY))
    throw new BadUsage("--key-stdin needs --yes, and the key through a pipe.");
  if (!yes && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw new BadUsage("There is no terminal to ask in. Say everything by flags, and add --yes.");
  }
  return {
    assistant,
    storefronts: values.storefront ?? [],
    shop: values.shop,
    shopId: values["shop-id"],
    tier,
    domain: values.domain,
    region: values.region,
    set: Object.fromEntries((values.set ?? []).map(readSet)),
    keyStdin,
    admin: readAdmin(values),
    devVars,
    deploy: !noDeploy,
    yes,
  };
}

/** @param {string[]} args */
function parse(args) {
  const text = /** @type {const} */ ({ type: "string" });
  const texts = /** @type {const} */ ({ type: "string", multiple: true });
  const flag = /** @type {const} */ ({ type: "boolean" });
  try {
    return parseArgs({
      args,
      options: {
        assistant: text,
        storefront: texts,
        shop: text,
        "shop-id": text,
        tier: text,
        domain: text,
        region: text,
        set: texts,
        "key-stdin": flag,
        admin: flag,
        "no-admin": flag,
        "dev-vars": flag,
        "no-deploy": flag,
        yes: flag,
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    // Its message may quote what was typed, and that may be a key.
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new BadUsage(
      `There is a flag that the wizard does not know, or one without its value (${code}). See --help.`,
    );
  }
}

/**
 * @param {string} flag
 * @param {string} value
 * @param {string[]} names
 */
function oneOf(flag, value, names) {
  if (!names.includes(value)) throw new BadUsage(`${flag} is one of ${names.join(", ")}.`);
}

/**
 * @param {{ admin?: boolean, "no-admin"?: boolean }} values
 * @returns {boolean | undefined}
 */
function readAdmin({ admin, "no-admin": noAdmin }) {
  if (admin && noAdmin) throw new BadUsage("--admin and --no-admin contradict each other.");
  return noAdmin ? false : admin;
}

/**
 * @param {string} text
 * @returns {[name: string, value: string]}
 */
function readSet(text) {
  const [, name, value] = text.match(/^([A-Z][A-Z0-9_]*)=(.*)$/s) ?? [];
  if (name === undefined) throw new BadUsage("--set takes NAME=VALUE.");
  if (SECRETS.includes(name)) {
    const todo = `Set it with: ${WRANGLER} secret put ${name}`;
    throw new BadUsage(`${name} is a secret: it does not belong into a command or a file. ${todo}`);
  }
  return [name, value];
}
