// A worker that answers what a test says, in that order, and remembers what it was asked.

import assert from "node:assert/strict";

export const URL_OF_WORKER = "https://concierge.example.com";
export const REQUEST_ID = "5f0c2a4e-0000-4000-8000-000000000000";

/** An answer in the contract. */
export const ANSWER = {
  session_id: "session-1",
  message: "A scarf.",
  products: [],
  intent: null,
  follow_up: "",
  refinement_options: [],
  request_id: REQUEST_ID,
};

/**
 * An answer, a failure, or what makes one of the request's signal.
 *
 * @typedef {Response | Error | ((signal: AbortSignal) => Promise<Response>)} Reply
 */

/**
 * Returns a `fetch` that gives these answers, and the requests so far.
 *
 * @param {...Reply} replies
 */
export function workerWith(...replies) {
  /** @type {{ method: string, path: string, headers: Record<string, string>, body: any }[]} */
  const requests = [];
  const fetch = async (/** @type {string} */ url, /** @type {any} */ { method, headers, body, signal }) => {
    assert.ok(url.startsWith(`${URL_OF_WORKER}/v1/`), url);
    requests.push({ method, path: url.slice(URL_OF_WORKER.length), headers, body: body && JSON.parse(body) });
    const reply = replies.shift();
    assert.ok(reply, "a request that the test has no answer for");
    if (reply instanceof Error) throw reply;
    return typeof reply === "function" ? reply(signal) : reply;
  };
  return { fetch, requests };
}

/**
 * Returns an answer with this JSON.
 *
 * @param {unknown} body
 * @param {{ status?: number, headers?: Record<string, string> }} [options]
 */
export function json(body, { status = 200, headers = {} } = {}) {
  const all = { "Content-Type": "application/json", "X-Request-Id": REQUEST_ID, ...headers };
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** Returns a good answer, in this conversation. */
export function answer(session = "session-1", headers = {}) {
  return json({ ...ANSWER, session_id: session }, { headers });
}

/**
 * Returns a refusal.
 *
 * @param {number} status
 * @param {string} error
 * @param {Record<string, string>} [headers]
 * @param {object} [more]
 */
export function refusal(status, error, headers = {}, more = {}) {
  return json({ error, message: `About ${error}.`, request_id: REQUEST_ID, ...more }, { status, headers });
}

/**
 * Returns an answer by events, in these chunks. A chunk that is an error breaks it off.
 *
 * @param {(string | Uint8Array | Error)[]} chunks
 */
export function events(chunks) {
  const encoder = new TextEncoder();
  const left = [...chunks];
  const body = new ReadableStream({
    pull(controller) {
      const chunk = left.shift();
      if (chunk === undefined) controller.close();
      else if (chunk instanceof Error) controller.error(chunk);
      else controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
    },
  });
  const headers = { "Content-Type": "text/event-stream", "X-Request-Id": REQUEST_ID };
  return new Response(body, { headers });
}

/**
 * Never answers, and ends as `fetch` does when its signal says so.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<Response>}
 */
export function silence(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

/** Capabilities, with these beside the name. */
export function capabilities(more = {}) {
  const nothing = { streaming: false, history: false, pages: false, refinements: false, signup: false };
  return json({ assistant: "homie", ...nothing, ...more });
}
