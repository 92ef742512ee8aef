// How the Rust says that it panics, before its instance traps.

let listener;

/** Has this called with every panic. */
export function onPanic(listen) {
  listener = listen;
}

export function panicked(message) {
  console.error(message);
  listener();
}
