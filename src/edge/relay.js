// An answer that is handed on as it comes.

const encoder = new TextEncoder();
const LF = 10;
const CR = 13;
/** The longest event that is held back until it is whole, in bytes. */
const MAX_EVENT_BYTES = 65_536;

/**
 * Sees a body, whose first bytes are read, through from the upstream to the browser. A stream of events, which brings the event
 * that ends it when it is cut, may be idle for no longer than there is patience; any other body has
 * to be whole by then, or its connection breaks. Resolves to why it was cut, if it was.
 */
export async function relay(reader, first, writable, clock, patience, errorEvent) {
  const writer = writable.getWriter();
  const events = errorEvent === undefined ? undefined : new Events();
  let end = Date.now() + patience;
  try {
    for (let value = first; value !== undefined; ) {
      const read = Date.now();
      await writer.write(events ? events.whole(value) : value);
      const now = Date.now();
      // The browser may take its time.
      end += now - read;
      ({ value } = await clock.within(events ? patience : end - now, now, () => reader.read()));
    }
    if (events) await writer.write(events.rest());
    await writer.close();
    return undefined;
  } catch (error) {
    const failure = clock.nameOf(error);
    // The upstream is let go first: the browser may be slow to take the rest.
    reader.cancel(failure).catch(() => {});
    if (events) await finish(writer, errorEvent);
    else writer.abort(new Error("the answer was cut")).catch(() => {});
    return failure;
  }
}

/** Holds back what is not yet a whole event: half of one could not be taken back. */
class Events {
  /** Doubles as it has to, so that many small pieces cost no more than a large one. */
  #held = new Uint8Array(1_024);
  #length = 0;

  /** What is held and these bytes, up to the end of the last whole event. */
  whole(bytes) {
    const before = this.#length;
    this.#hold(bytes);
    const end = this.#length > MAX_EVENT_BYTES ? this.#length : endOfEvents(this.#held, before, this.#length);
    const whole = this.#held.slice(0, end);
    this.#held.copyWithin(0, end, this.#length);
    this.#length -= end;
    return whole;
  }

  rest() {
    return this.#held.subarray(0, this.#length);
  }

  #hold(bytes) {
    const length = this.#length + bytes.length;
    if (length > this.#held.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.rest());
      this.#held = larger;
    }
    this.#held.set(bytes, this.#length);
    this.#length = length;
  }
}

/**
 * Where the last blank line ends (HTML standard, server-sent events) that ends behind `from`, 0 where
 * there is none.
 */
function endOfEvents(bytes, from, length) {
  for (let end = length; end > Math.max(from, 1); end -= 1) {
    const [before, last] = [bytes[end - 2], bytes[end - 1]];
    if (last === before && (last === LF || last === CR)) return end;
    if (last === LF && before === CR && (bytes[end - 3] === LF || bytes[end - 3] === CR)) return end;
  }
  return 0;
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
