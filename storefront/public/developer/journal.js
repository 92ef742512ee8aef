// What the page asks the worker, and what is answered. It wraps the page's `fetch`, and changes neither.

import { shortenBody, shortenHeader, shortenPath } from "./redact.js";
import { keep, recall } from "./store.js";

/** How many requests are kept, and how much of a body. */
const KEPT = 50;
const LONGEST = 4_000;
const PLACE = "developer-journal";

/** The headers of an answer that say something about it. */
const TELLING = /^(x-|retry-after$|ratelimit|server-timing$|shopper-pass$|content-type$|allow$|cache-control$)/;

/**
 * @typedef {[name: string, value: string][]} Headers
 *
 * @typedef {object} Entry
 * @property {number} id
 * @property {string} method
 * @property {string} path
 * @property {string} at the time of day
 * @property {{ headers: Headers, body: string }} request
 * @property {{ status: number, headers: Headers, body: string, ms: number } | { failure: string, ms: number }} [answer]
 *   undefined while it is awaited
 */

/** Tells of each change of an entry by a `change` event. */
export class Journal extends EventTarget {
  /**
   * The newest first.
   *
   * @type {Entry[]}
   */
  entries = readEntries();
  #worker;

  /** @param {string} worker the worker's origin */
  constructor(worker) {
    super();
    this.#worker = worker;
    const send = window.fetch.bind(window);
    window.fetch = (input, init) => this.#observe(send, input, init);
  }

  clear() {
    this.entries = [];
    this.#changed();
  }

  /**
   * @param {typeof fetch} send
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   */
  async #observe(send, input, init) {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (url.origin !== this.#worker) return send(input, init);
    const entry = this.#begin(url, init);
    const start = performance.now();
    const took = () => Math.round(performance.now() - start);
    try {
      const response = await send(input, init);
      void this.#read(entry, response, took);
      return response;
    } catch (error) {
      entry.answer = { failure: /** @type {Error} */ (error).name, ms: took() };
      this.#changed(entry);
      throw error;
    }
  }

  /**
   * @param {URL} url
   * @param {RequestInit} init
   */
  #begin(url, { method = "GET", headers, body } = {}) {
    /** @type {Entry} */
    const entry = {
      id: (this.entries[0]?.id ?? 0) + 1,
      method: method.toUpperCase(),
      path: shortenPath(url.pathname + url.search),
      at: new Date().toLocaleTimeString("en-GB"),
      request: {
        headers: shown(new Headers(headers)),
        body: typeof body === "string" ? cut(shortenBody(body)) : "",
      },
    };
    this.entries = [entry, ...this.entries].slice(0, KEPT);
    this.#changed();
    return entry;
  }

  /**
   * Reads a copy of the answer, while the page reads the answer itself.
   *
   * @param {Entry} entry
   * @param {Response} response
   * @param {() => number} took
   */
  async #read(entry, response, took) {
    const copy = response.clone();
    const { status } = response;
    const headers = shown(response.headers).filter(([name]) => TELLING.test(name));
    entry.answer = { status, headers, body: "", ms: took() };
    this.#changed();
    const body = await copy.text().catch((error) => `(${error.name}: the answer broke off)`);
    entry.answer = { status, headers, body: cut(shortenBody(body)), ms: took() };
    this.#changed(entry);
  }

  /** @param {Entry} [done] an entry that is complete now */
  #changed(done) {
    keep(PLACE, JSON.stringify(this.entries));
    this.dispatchEvent(new CustomEvent("change", { detail: done }));
  }
}

/** @returns {Entry[]} */
function readEntries() {
  /** @type {Entry[]} */
  let entries = [];
  try {
    entries = JSON.parse(recall(PLACE) ?? "[]");
  } catch {
    // Another page of this origin has written there.
  }
  if (!Array.isArray(entries)) return [];
  // What the last page was still waiting for will not be answered here.
  for (const entry of entries) entry.answer ??= { failure: "the page was left", ms: 0 };
  return entries;
}

/**
 * @param {globalThis.Headers} headers
 * @returns {Headers}
 */
function shown(headers) {
  return [...headers].map(([name, value]) => [name, shortenHeader(name, value)]);
}

/** @param {string} body */
function cut(body) {
  return body.length > LONGEST ? `${body.slice(0, LONGEST)}… (${body.length} characters)` : body;
}
