// An answer that is handed on as it comes.

const encoder = new TextEncoder();

/**
 * Sees a body through from the upstream to the browser. A stream of events, which brings the event
 * that ends it when it is cut, may be idle for no longer than there is patience; any other body has
 * to be whole by then, or its connection breaks. Resolves to why it was cut, if it was.
 */
export async function relay(body, writable, clock, patience, errorEvent) {
  const reader = body.getReader();
  const writer = writable.getWriter();
  const end = Date.now() + patience;
  try {
    for (;;) {
      const now = Date.now();
      const { done, value } = await clock.within(errorEvent ? patience : end - now, now, reader.read());
      if (done) break;
      await writer.write(value);
    }
    await writer.close();
    return undefined;
  } catch (error) {
    const failure = String(error?.message ?? error);
    // The upstream is let go first: the browser may be slow to take the rest.
    reader.cancel(failure).catch(() => {});
    if (errorEvent) await finish(writer, errorEvent);
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
