// Shortens what belongs to one shopper, so that a picture of the panel shows nothing that can be used.

/** How much of it stays. */
const KEPT = 8;

/** The fields of a body, and the parameters of a query. */
const FIELDS = /("(?:session_id|shopper_pass|next_page)"\s*:\s*")([^"]*)(")/g;
const PARAMETERS = /([?&](?:session_id|page)=)([^&]*)/g;
const HEADERS = new Set(["shopper-pass", "authorization"]);

/** @param {string} secret */
export function shorten(secret) {
  return secret.length > KEPT ? `${secret.slice(0, KEPT)}… (${secret.length} characters)` : secret;
}

/** @param {string} body */
export function shortenBody(body) {
  return body.replace(FIELDS, (_, before, secret, after) => before + shorten(secret) + after);
}

/** @param {string} path */
export function shortenPath(path) {
  return path.replace(PARAMETERS, (_, before, secret) => `${before}${secret.slice(0, KEPT)}…`);
}

/**
 * @param {string} name
 * @param {string} value
 */
export function shortenHeader(name, value) {
  return HEADERS.has(name.toLowerCase()) ? shorten(value) : value;
}
