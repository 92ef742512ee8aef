// The usual way: Hono, its cors middleware, `JSON.parse` checks, and a Durable Object for each
// address that keeps a counter for each window in SQLite and writes them with every hit.

import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";
import { cors } from "hono/cors";

const MAX_BODY_BYTES = 8_192;
const MAX_PROMPT_CHARS = 2_000;
const SECONDS = { second: 1, minute: 60, hour: 3_600, day: 86_400 };

/** @type {Hono<{ Bindings: any, Variables: { requestId: string } }>} */
const app = new Hono();

app.use(
  "*",
  cors({
    origin: (origin, { env }) => (allowed(env).includes(origin) ? origin : null),
    allowMethods: ["POST", "OPTIONS"],
    allowHeaders: ["Content-Type"],
    exposeHeaders: ["X-Request-Id", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining"],
    maxAge: 7_200,
  }),
);

app.use("*", async (c, next) => {
  const started = Date.now();
  c.set("requestId", crypto.randomUUID());
  await next();
  c.header("X-Request-Id", c.get("requestId"));
  console.log(JSON.stringify({ request_id: c.get("requestId"), status: c.res.status, total_ms: Date.now() - started }));
});

app.post("/v1/concierge/chat", async (c) => {
  if (!allowed(c.env).includes(c.req.header("origin"))) {
    return refuse(c, 403, "origin_not_allowed", "This origin may not call.");
  }
  const text = await c.req.text();
  if (new TextEncoder().encode(text).length > MAX_BODY_BYTES) {
    return refuse(c, 400, "body_too_large", "The body is too large.");
  }
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse(c, 400, "invalid_json_body", "The body is not JSON.");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return refuse(c, 400, "body_must_be_object", "The body must be an object.");
  }
  if (typeof body.prompt !== "string" || body.prompt.trim() === "") {
    return refuse(c, 400, "missing_prompt", "Field 'prompt' is required and must be a non-empty string.");
  }
  if (body.prompt.length > MAX_PROMPT_CHARS) {
    return refuse(c, 400, "prompt_too_long", "Field 'prompt' is too long.");
  }
  const address = c.req.header("cf-connecting-ip") ?? "unknown";
  const limiter = c.env.LIMITER.get(c.env.LIMITER.idFromName(address));
  const verdict = await limiter.hit();
  c.header("X-RateLimit-Limit", String(verdict.limit));
  c.header("X-RateLimit-Remaining", String(verdict.remaining));
  if (!verdict.allowed) {
    c.header("Retry-After", String(verdict.retryAfter));
    return refuse(c, 429, "rate_limited", `Retry after ${verdict.retryAfter}s.`);
  }
  const response = await fetch(`${c.env.CONCIERGE_BASE_URL}/concierge/chat`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "x-api-key": c.env.CONCIERGE_API_KEY },
    body: JSON.stringify(body),
  });
  if (!response.ok) return refuse(c, 502, "upstream_error", "The assistant failed.");
  return c.body(/** @type {ReadableStream} */ (response.body), 200, { "Content-Type": "application/json" });
});

app.notFound((c) => refuse(c, 404, "not_found", "There is nothing here."));
app.onError((_, c) => refuse(c, 500, "internal_error", "The proxy failed."));

export default app;

function allowed(env) {
  return env.ALLOWED_ORIGINS.split(",").map((origin) => origin.trim());
}

function refuse(c, status, error, message) {
  return c.json({ error, message, request_id: c.get("requestId") }, status);
}

/** Fixed windows, all counters in one row. */
export class Limiter extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.caps = env.NETWORK_LIMITS.split(",").map((entry) => {
      const [count, name] = entry.trim().split("/");
      return { name, count: Number(count), ms: SECONDS[name] * 1_000 };
    });
    this.sql.exec("CREATE TABLE IF NOT EXISTS counters (id INTEGER PRIMARY KEY, windows TEXT)");
  }

  hit() {
    const now = Date.now();
    const [row] = this.sql.exec("SELECT windows FROM counters WHERE id = 1").toArray();
    const windows = row ? JSON.parse(row.windows) : {};
    for (const { name, ms } of this.caps) {
      const start = now - (now % ms);
      if (windows[name]?.start !== start) windows[name] = { start, hits: 0 };
    }
    const full = this.caps.findLast(({ name, count }) => windows[name].hits >= count);
    if (full) {
      const retryAfter = Math.ceil((windows[full.name].start + full.ms - now) / 1_000);
      return { allowed: false, limit: full.count, remaining: 0, retryAfter };
    }
    for (const { name } of this.caps) windows[name].hits += 1;
    this.sql.exec("INSERT OR REPLACE INTO counters (id, windows) VALUES (1, ?)", JSON.stringify(windows));
    const [{ name, count }] = this.caps;
    return { allowed: true, limit: count, remaining: count - windows[name].hits };
  }
}
