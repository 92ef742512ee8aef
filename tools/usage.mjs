// What is typed after a command: addresses, and the error for whoever mistyped.

/** The error for a command that was not typed as it has to be. */
export class BadUsage extends Error {}

/** The names of this machine, where http is as good as https. */
const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @param {URL} url */
export function isLocal(url) {
  return LOCAL.test(url.hostname);
}

/**
 * Reads an address as people type it, with or without a scheme.
 *
 * @param {string} text
 * @param {string} what
 */
export function readAddress(text, what) {
  const bare = text.trim();
  const isBareLocal = /^(localhost|127\.|\[::1\])/.test(bare);
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(bare) ? bare : `${isBareLocal ? "http" : "https"}://${bare}`;
  const url = URL.parse(whole);
  if (!url?.hostname) throw new BadUsage(`${what} is not an address, such as https://www.example.com.`);
  if (url.username || url.password) throw new BadUsage(`${what} has a user name or a password in it.`);
  if (url.protocol === "https:" || (url.protocol === "http:" && isLocal(url))) return url;
  throw new BadUsage(`${what} must begin with https://. Only an address of this machine may begin with http://.`);
}
