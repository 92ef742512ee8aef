// Whether anything that was received has one of the worker's secrets in it.

import { SECRETS, readDevVars } from "../folder.mjs";
import { right, skipped, wrong } from "./finding.mjs";

/**
 * @import { Finding } from "./finding.mjs"
 * @import { Visitor } from "./visitor.mjs"
 */

const CHECK = "secrets";
/** A shorter text may be there by chance. */
const SHORTEST = 8;

/**
 * Returns what was found of secrets, and takes them out of what else was found, which may quote an answer.
 *
 * @param {Visitor} visitor
 * @param {Finding[]} findings
 * @returns {Finding[]}
 */
export function lookForSecrets({ received }, findings) {
  const known = knownSecrets();
  if (known.length === 0) {
    return [...findings, skipped(CHECK, "No secret is known here, neither from .dev.vars nor from the environment.")];
  }
  const clean = findings.map((finding) => ({ ...finding, text: hide(known, finding.text) }));
  const leaks = known.flatMap(([name, value]) =>
    received.filter(({ bytes }) => bytes.includes(value)).map(({ where }) => ({ name, where })),
  );
  const todo = "Have the secret replaced at once, and stop the worker until then.";
  if (leaks.length > 0) {
    return [...clean, ...leaks.map(({ name, where }) => wrong(CHECK, `${name} is in the answer to ${where}.`, todo))];
  }
  const names = known.map(([name]) => name).join(", ");
  return [...clean, right(CHECK, `${names}: not in any of ${received.length} answers.`)];
}

/** @returns {[name: string, value: string][]} */
function knownSecrets() {
  const all = { ...readDevVars(), ...process.env };
  return SECRETS.flatMap((name) => {
    const value = all[name] ?? "";
    return value.length >= SHORTEST ? [[name, value]] : [];
  });
}

/**
 * @param {[name: string, value: string][]} known
 * @param {string} text
 */
function hide(known, text) {
  return known.reduce((hidden, [name, value]) => hidden.replaceAll(value, `<${name}>`), text);
}
