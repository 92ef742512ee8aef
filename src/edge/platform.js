// What the Rust of the edge asks of the platform. Each function does one errand in one call across
// the boundary; none decides anything.

/** What an errand that has to end in time rejects with. */
class Late extends Error {}

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

/** The first bytes of a body, as many as the limit at most; the rest is not read. */
export async function readAtMost(body, limit) {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks = [];
  let size = 0;
  while (size < limit) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.byteLength;
  }
  // Nobody waits for the body to be dropped, nor needs to know that it could not be.
  if (size >= limit) reader.cancel().catch(() => {});
  return joined(chunks, Math.min(size, limit));
}

/** The same under a deadline, for a body whose sender may stall. */
export function readInTime(body, limit, ms) {
  return within(ms, readAtMost(body, limit));
}

/** Asks the limiter. Resolves to its verdict, or to a word that says why there is none. */
export async function askLimiter(namespace, home, shopper, newcomer, ms) {
  try {
    return await within(ms, namespace.getByName(home).admit(shopper, newcomer));
  } catch (error) {
    if (error instanceof Late) return "timeout";
    return error?.overloaded ? "overloaded" : "failed";
  }
}

/**
 * Posts a chat, following no redirect. Resolves to the response as soon as its head is there, or
 * to a word that says why there is none: "timeout", "left" (the shopper) or "unreachable".
 */
export async function send(url, headers, body, shopper, ms) {
  if (shopper.aborted) return "left";
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort("timeout"), ms);
  shopper.addEventListener("abort", () => stop.abort("left"));
  try {
    return await fetch(url, {
      method: "POST",
      headers: pairs(headers),
      body,
      redirect: "manual",
      signal: stop.signal,
    });
  } catch {
    return stop.signal.aborted ? stop.signal.reason : "unreachable";
  } finally {
    clearTimeout(timer);
  }
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
    timer = setTimeout(() => reject(new Late()), ms);
  });
  try {
    return await Promise.race([errand, late]);
  } finally {
    clearTimeout(timer);
  }
}

function joined(chunks, size) {
  if (chunks.length === 1) return chunks[0].subarray(0, size);
  const whole = new Uint8Array(size);
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk.subarray(0, size - end), end);
    end += chunk.byteLength;
  }
  return whole;
}

/** Lines of name, value, name, value as the pairs that `Headers` takes. */
function pairs(lines) {
  const all = lines.split("\n");
  const pairs = [];
  for (let i = 0; i < all.length; i += 2) pairs.push([all[i], all[i + 1]]);
  return pairs;
}
