// What the Rust of the edge asks of the platform. Each function does one errand in one call across
// the boundary; none decides anything.

/** What an errand that has to end in time rejects with. */
const LATE = "timeout";
/** What it rejects with when the shopper has left. */
const LEFT = "left";

/** A request as lines: method, URL, and the headers that decide anything. */
export function describe(request) {
  const { headers } = request;
  return [
    request.method,
    request.url,
    headers.get("origin"),
    headers.get("access-control-request-method"),
    headers.get("content-type"),
    headers.get("shopper-pass"),
    headers.get("cf-connecting-ip"),
  ].join("\n");
}

/** A response's head as lines: status and the headers that decide anything. */
export function describeHead(response) {
  const { headers } = response;
  return [
    response.status,
    headers.get("content-type"),
    headers.get("content-length"),
    headers.get("retry-after"),
  ].join("\n");
}

/**
 * The first bytes of a request's or a response's body, as many as the limit at most. Rejects where
 * it breaks off, and where they have not come in time. They are collected in one buffer, so that a
 * body of many small pieces takes no more memory than a whole one.
 */
export async function readAtMost({ body }, limit, ms) {
  if (body === null) return new Uint8Array();
  const reader = body.getReader({ mode: "byob" });
  try {
    const { value } = await within(ms, reader.readAtLeast(limit, new Uint8Array(limit)));
    return value ?? new Uint8Array();
  } finally {
    // What is left is not read, and nobody has to know that it could not be dropped.
    reader.cancel().catch(() => {});
  }
}

/** Asks the limiter for its verdict. Rejects with the reason where there is none. */
export function askLimiter({ LIMITER }, home, shopper, newcomer, ms) {
  return within(ms, LIMITER.getByName(home).admit(shopper, newcomer));
}

/**
 * Posts a chat, following no redirect. Resolves to the response as soon as its head is there.
 * Rejects where there is none: with `LATE`, with `LEFT` when the shopper has, or with the reason.
 */
export async function send(url, headers, body, { signal }, ms) {
  if (signal.aborted) throw LEFT;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(LATE), ms);
  signal.addEventListener("abort", () => stop.abort(LEFT));
  try {
    return await fetch(url, {
      method: "POST",
      headers: pairs(headers),
      body,
      redirect: "manual",
      signal: stop.signal,
    });
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Lets go of a response that nobody reads. */
export function drop(response) {
  response.body?.cancel().catch(() => {});
}

/** A response with a body of our own. */
export function replyWithText(status, headers, text) {
  return new Response(text, { status, headers: pairs(headers) });
}

/** A response without a body. */
export function replyWithNothing(status, headers) {
  return new Response(null, { status, headers: pairs(headers) });
}

/** A response with the body of another one, which is handed on and never read here. */
export function replyWithBodyOf(response, status, headers) {
  return new Response(response.body, { status, headers: pairs(headers) });
}

async function within(ms, errand) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(LATE), ms);
  });
  try {
    return await Promise.race([errand, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lines of name, value, name, value as the pairs that `Headers` takes. */
function pairs(lines) {
  const all = lines.split("\n");
  const pairs = [];
  for (let i = 0; i < all.length; i += 2) pairs.push([all[i], all[i + 1]]);
  return pairs;
}
