// The end of an answer that was being passed on when its instance was lost.

import { guarded } from "./instance.js";

const encoder = new TextEncoder();

/**
 * Resolves when the Rust has passed an answer on. If its instance is lost before that, a stream of
 * events gets its last event, and the connection of any other body is broken.
 */
export async function seeThrough(relayed, reader, writer, lastEvent, notice) {
  try {
    await guarded(Promise.resolve(relayed));
  } catch {
    console.error(notice);
    reader?.cancel().catch(() => {});
    const ended = lastEvent === undefined ? writer.abort("the answer was cut") : finish(writer, lastEvent);
    // The shopper may have left.
    await ended.catch(() => {});
  }
}

async function finish(writer, event) {
  await writer.write(encoder.encode(event));
  await writer.close();
}
