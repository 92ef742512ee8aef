// Work that ends early: by the page's signal, or because it takes too long.

import { ConciergeError } from "./error.ts";

/**
 * Returns what the work returns. The work is given a signal that ends it.
 *
 * Rejects with `aborted` when the page's signal says so, and with `timeout` after this many milliseconds. Work that the
 * page has ended before it began is not begun.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const inner = controller.signal;
  const end = (code: string) => controller.abort(new ConciergeError(code));
  const leave = () => end("aborted");
  const timer = setTimeout(end, ms, "timeout");
  signal?.addEventListener("abort", leave);
  if (signal?.aborted) leave();
  try {
    inner.throwIfAborted();
    // It ends even if the work does not listen to its signal.
    const ended = new Promise<never>((_, reject) => {
      inner.onabort = () => reject(inner.reason);
    });
    return await Promise.race([ended, work(inner)]);
  } catch (error) {
    // What is still on its way is not wanted any more. A refusal is there, and others may read a copy of it.
    if (!(error as ConciergeError).status) controller.abort();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}

/** Waits so many milliseconds. Rejects with `aborted` when the page's signal says so. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return within(ms + 1_000, signal, () => new Promise((resolve) => setTimeout(resolve, ms)));
}
