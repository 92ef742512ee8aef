// The requests of the doctor, and all that came back.

/** The error of a worker that does not answer. */
export class Unreachable extends Error {
  /**
   * @param {string} code what the system calls it
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Headers} headers
 * @property {string} text the body
 * @property {any} json the body, or undefined if it is no JSON
 * @property {number} ms the time until the body was there
 * @property {number} at when it was there, in milliseconds since 1970
 *
 * @typedef {{ method?: string, headers?: Record<string, string>, body?: string, timeout?: number }} Request
 */

export class Visitor {
  /** @param {string} origin the worker's */
  constructor(origin) {
    this.origin = origin;
    /**
     * Everything that was received, and where.
     *
     * @type {{ where: string, bytes: string }[]}
     */
    this.received = [];
  }

  /**
   * @param {string} path
   * @param {Request} [request]
   * @returns {Promise<Answer>}
   */
  async ask(path, { method = "GET", headers = {}, body, timeout = 15_000 } = {}) {
    const start = performance.now();
    const signal = AbortSignal.timeout(timeout);
    try {
      const response = await fetch(this.origin + path, { method, headers, body, signal, redirect: "manual" });
      const text = await response.text();
      const ms = Math.round(performance.now() - start);
      const lines = [...response.headers].map(([name, value]) => `${name}: ${value}\n`);
      this.received.push({ where: `${method} ${path}`, bytes: `${lines.join("")}\n${text}` });
      return { status: response.status, headers: response.headers, text, json: read(text), ms, at: Date.now() };
    } catch (error) {
      const { name, message, cause } = /** @type {Error & { cause?: NodeJS.ErrnoException }} */ (error);
      if (name === "TimeoutError") throw new Unreachable(name, `no answer within ${timeout / 1_000} s`);
      throw new Unreachable(cause?.code ?? name, cause?.message ?? message);
    }
  }

  /**
   * Posts a chat from a page of this origin.
   *
   * @param {string | null} origin
   * @param {string} prompt
   * @param {number} [timeout]
   */
  chat(origin, prompt, timeout) {
    /** @type {Record<string, string>} */
    const headers = { "content-type": "application/json" };
    if (origin !== null) headers.origin = origin;
    return this.ask(CHAT, { method: "POST", headers, body: JSON.stringify({ prompt }), timeout });
  }
}

export const CHAT = "/v1/concierge/chat";

/** @param {string} text */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
