// An answer that is passed on as it comes.

import { call } from "./instance.js";

const encoder = new TextEncoder();

/**
 * Sees a body, whose first bytes are read, through from the upstream to the browser. A stream of
 * events brings the event that ends it when it is cut; any other body breaks its connection then.
 * Resolves to why it was cut, if it was.
 */
export async function relay(exchange, { reader, first, clock }, writable, lastEvent) {
  const writer = writable.getWriter();
  const isOfEvents = lastEvent !== "";
  try {
    for (let value = first; value !== undefined; ) {
      const read = Date.now();
      await writer.write(isOfEvents ? call(() => exchange.pass(value)) : value);
      const now = Date.now();
      const timeout = call(() => exchange.timeout(now - read, now));
      ({ value } = await clock.within(timeout, now, () => reader.read()));
    }
    if (isOfEvents) await writer.write(call(() => exchange.pass()));
    await writer.close();
    return undefined;
  } catch (error) {
    const [failure] = clock.failureOf(error);
    // The upstream is let go first: the browser may be slow to take the rest.
    reader.cancel().catch(() => {});
    if (isOfEvents) await finish(writer, lastEvent);
    else writer.abort(new Error("the answer was cut")).catch(() => {});
    return failure;
  }
}

/** Ends a stream of events, unless nobody is there any more. */
async function finish(writer, event) {
  try {
    await writer.write(encoder.encode(event));
    await writer.close();
  } catch {
    // The shopper has left.
  }
}
