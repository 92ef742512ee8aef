// What the doctor finds.

/**
 * @typedef {object} Finding
 * @property {string} check what was looked at
 * @property {"right" | "warning" | "wrong" | "skipped"} verdict
 * @property {string} text what was seen, or why nothing was
 * @property {string} [todo] what to do about it
 */

/**
 * @param {string} check
 * @param {string} text
 * @returns {Finding}
 */
export function right(check, text) {
  return { check, verdict: "right", text };
}

/**
 * @param {string} check
 * @param {string} text
 * @param {string} todo
 * @returns {Finding}
 */
export function warning(check, text, todo) {
  return { check, verdict: "warning", text, todo };
}

/**
 * @param {string} check
 * @param {string} text
 * @param {string} todo
 * @returns {Finding}
 */
export function wrong(check, text, todo) {
  return { check, verdict: "wrong", text, todo };
}

/**
 * @param {string} check
 * @param {string} text
 * @returns {Finding}
 */
export function skipped(check, text) {
  return { check, verdict: "skipped", text };
}

/** @param {Finding[]} findings */
export function isHealthy(findings) {
  return findings.every(({ verdict }) => verdict !== "wrong");
}
