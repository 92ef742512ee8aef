// The best JavaScript: by hand, without a framework, with the guarantees of this project: exact
// rolling windows, one object call a chat, write-behind, a signed pass, pinned session ids, the
// documented envelope, CORS on every answer, one log line a request. Settings and keys are made
// once for an isolate, which remembers refusals as well; of the platform it takes what was found
// to cost least (one timer a request, no reader for a body of declared length).

import { Deadlines } from "./best-javascript-deadlines.js";
import { Identities } from "./best-javascript-identity.js";
import { limitsOf } from "./best-javascript-limiter.js";
import { note, recall } from "./best-javascript-memory.js";

export { Limiter } from "./best-javascript-limiter.js";

const CHAT_PATH = "/v1/concierge/chat";
const MAX_BODY_BYTES = 8_192;
const MAX_PROMPT_CHARS = 2_000;
const MAX_SESSION_ID_CHARS = 128;
const BODY_MS = 10_000;
const LIMITER_MS = 1_000;
const UPSTREAM_MS = 25_000;
const EXPOSED =
  "X-Request-Id, Allow, Retry-After, Shopper-Pass, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Window, X-RateLimit-Tier, RateLimit, RateLimit-Policy";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const encoder = new TextEncoder();

/** What is thrown to refuse. */
class Refusal {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {object} [more]
   */
  constructor(status, code, message, more) {
    this.status = status;
    this.code = code;
    this.message = message;
    this.more = more;
  }
}

let settings;

async function settingsOf(env) {
  settings ??= (async () => ({
    origins: new Set(env.ALLOWED_ORIGINS.split(",").map((origin) => origin.trim())),
    url: `${env.CONCIERGE_BASE_URL}/concierge/chat`,
    identities: await Identities.of(env.CONCIERGE_API_KEY),
    limits: limitsOf(env),
  }))();
  return settings;
}

export default {
  fetch(request, env, ctx) {
    const reply = answer(request, env);
    ctx.waitUntil(reply);
    return reply;
  },
};

async function answer(request, env) {
  const started = Date.now();
  const id = crypto.randomUUID();
  const facts = { deadlines: new Deadlines(request.signal) };
  /** @type {Record<string, string>} */
  const headers = {
    vary: "Origin",
    "x-request-id": id,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  let status;
  let outcome = "ok";
  /** @type {BodyInit | null} */
  let body = null;
  try {
    const ready = await settingsOf(env);
    const origin = request.headers.get("origin");
    if (ready.origins.has(origin)) {
      headers["access-control-allow-origin"] = origin;
      headers["access-control-expose-headers"] = EXPOSED;
    }
    ({ status, body } = await serve(request, env, ready, headers, facts));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, "internal_error", "The proxy failed.");
    ({ status, code: outcome } = refusal);
    headers["content-type"] = "application/json";
    body = JSON.stringify({ error: outcome, message: refusal.message, request_id: id, ...refusal.more });
  }
  facts.deadlines.stop();
  const { upstream_ms, shopper, limiter } = facts;
  console.log(
    JSON.stringify({ request_id: id, outcome, status, total_ms: Date.now() - started, upstream_ms, shopper, limiter }),
  );
  return new Response(body, { status, headers });
}

async function serve(request, env, { origins, url, identities, limits }, headers, facts) {
  const path = new URL(request.url).pathname;
  const allowed = origins.has(request.headers.get("origin"));
  if (request.method === "OPTIONS") {
    if (!allowed) throw new Refusal(403, "origin_not_allowed", "This origin may not call.");
    headers["access-control-allow-methods"] = "POST";
    headers["access-control-allow-headers"] = "Content-Type, Shopper-Pass";
    headers["access-control-max-age"] = "7200";
    return { status: 204, body: null };
  }
  if (path !== CHAT_PATH) throw new Refusal(404, "not_found", "There is nothing here.");
  if (request.method !== "POST") {
    headers.allow = "POST, OPTIONS";
    throw new Refusal(405, "method_not_allowed", "Use POST.");
  }
  if (!allowed) throw new Refusal(403, "origin_not_allowed", "This origin may not call.");
  const type = request.headers.get("content-type") ?? "";
  if (type.split(";")[0].trim().toLowerCase() !== "application/json") {
    throw new Refusal(415, "unsupported_media_type", "Send application/json.");
  }
  const { deadlines } = facts;
  const chat = check(await deadlines.within(BODY_MS, readBody(request)));
  const who = await identities.find(
    request.headers.get("shopper-pass"),
    chat.session_id,
    request.headers.get("cf-connecting-ip") ?? "",
    Math.floor(Date.now() / 1_000),
  );
  chat.session_id = who.sessionId;
  if (chat.context === null) delete chat.context;
  const text = JSON.stringify(chat);
  if (encoder.encode(text).length > MAX_BODY_BYTES) throw tooLarge();
  Object.assign(facts, { shopper: who.logName, limiter: who.limiter.slice(0, 8) });
  const verdict = await ask(env, who, deadlines);
  quota(headers, verdict, limits.shopper.headline);
  if (verdict.full) {
    const { tier, name, count, retryAfter } = verdict.full;
    headers["retry-after"] = String(retryAfter);
    const message = `Rate limit exceeded for window '${name}' (cap ${count}). Retry after ${retryAfter}s.`;
    throw new Refusal(429, "rate_limited", message, { limit_window: name, limit: count, tier });
  }
  if (who.newPass) headers["shopper-pass"] = who.newPass;
  const sent = Date.now();
  const response = await send(url, env, text, deadlines);
  facts.upstream_ms = Date.now() - sent;
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  if (!response.ok || !isJson) {
    response.body?.cancel();
    throw new Refusal(502, "upstream_error", "The assistant failed.");
  }
  headers["content-type"] = "application/json";
  return { status: response.status, body: response.body };
}

async function readBody(request) {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > MAX_BODY_BYTES) throw tooLarge();
  // The runtime holds a body to its declared length.
  if (declared !== null) return new Uint8Array(await request.arrayBuffer());
  const reader = request.body.getReader({ mode: "byob" });
  const { value } = await reader.readAtLeast(MAX_BODY_BYTES + 1, new Uint8Array(MAX_BODY_BYTES + 1));
  reader.cancel().catch(() => {});
  if (value?.length > MAX_BODY_BYTES) throw tooLarge();
  return value ?? new Uint8Array();
}

function check(bytes) {
  let chat;
  try {
    chat = JSON.parse(decoder.decode(bytes));
  } catch {
    throw new Refusal(400, "invalid_json_body", "The body is not JSON.");
  }
  if (typeof chat !== "object" || chat === null || Array.isArray(chat)) {
    throw new Refusal(400, "body_must_be_object", "The body must be an object.");
  }
  const { prompt, session_id: sessionId, context } = chat;
  if (typeof prompt !== "string" || prompt.trim() === "") {
    throw new Refusal(400, "missing_prompt", "Field 'prompt' is required and must be a non-empty string.");
  }
  if (longer(prompt, MAX_PROMPT_CHARS)) throw new Refusal(400, "prompt_too_long", "The prompt is too long.");
  if (sessionId != null && (typeof sessionId !== "string" || longer(sessionId, MAX_SESSION_ID_CHARS))) {
    throw new Refusal(400, "invalid_field", "Field 'session_id' is no text of at most 128 characters.");
  }
  if (context != null && (typeof context !== "object" || Array.isArray(context))) {
    throw new Refusal(400, "invalid_field", "Field 'context' is no object.");
  }
  return chat;
}

function longer(text, chars) {
  return text.length > chars && [...text].length > chars;
}

function tooLarge() {
  return new Refusal(400, "body_too_large", "The body is larger than 8192 bytes.");
}

async function ask({ LIMITER }, who, deadlines) {
  const now = Date.now();
  const known = recall(who, now);
  if (known) return known;
  const { limiter, shopper, newcomer } = who;
  try {
    const verdict = await deadlines.within(LIMITER_MS, LIMITER.getByName(limiter).admit(shopper, newcomer));
    note(who, verdict, now);
    return verdict;
  } catch {
    throw new Refusal(503, "limiter_unavailable", "The limiter did not answer.");
  }
}

async function send(url, env, body, deadlines) {
  const init = {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      "user-agent": "concierge-proxy/0.1.0",
      "x-api-key": env.CONCIERGE_API_KEY,
    },
    body,
    redirect: "manual",
  };
  try {
    return await deadlines.within(UPSTREAM_MS, fetch(url, init));
  } catch (error) {
    if (/** @type {Error} */ (error).message === "too late") {
      throw new Refusal(504, "upstream_timeout", "The assistant took too long.");
    }
    throw new Refusal(502, "upstream_invoke_error", "The assistant could not be reached.");
  }
}

function quota(headers, { full, remaining, reset }, headline) {
  headers["x-ratelimit-limit"] = String(headline.count);
  headers["x-ratelimit-remaining"] = String(remaining);
  headers["x-ratelimit-window"] = headline.name;
  headers["x-ratelimit-tier"] = "shopper";
  const speaks = full ?? { tier: "shopper", ...headline, retryAfter: reset };
  headers["ratelimit-policy"] = `"${speaks.tier}";q=${speaks.count};w=${speaks.ms / 1_000}`;
  headers.ratelimit = `"${speaks.tier}";r=${full ? 0 : remaining};t=${speaks.retryAfter}`;
}
