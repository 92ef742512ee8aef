// What the server answers, before it is written.

/** @typedef {{ status: number, headers: Record<string, string>, body: string | Uint8Array }} Reply */

export const HTML = "text/html; charset=utf-8";
export const PLAIN = "text/plain; charset=utf-8";

/**
 * @param {number} status
 * @param {string} type
 * @param {string | Uint8Array | { toString(): string }} body
 * @returns {Reply}
 */
export function reply(status, type, body) {
  return { status, headers: { "Content-Type": type }, body: body instanceof Uint8Array ? body : String(body) };
}

/**
 * @param {number} status
 * @param {object} value
 */
export function json(status, value) {
  return reply(status, "application/json; charset=utf-8", JSON.stringify(value));
}
