// Finds a port that nobody listens on.

import { createServer } from "node:net";

import { Failed } from "./steps.mjs";

/**
 * Returns this port, or the next one that is free.
 *
 * @param {number} first
 * @param {number} [taken]
 */
export async function freePort(first, taken) {
  for (let port = first; port < first + 100; port += 1) {
    if (port !== taken && (await isFree(port, "127.0.0.1")) && (await isFree(port, "::1"))) return port;
  }
  throw new Failed(`No port from ${first} to ${first + 99} is free`, "Stop a program that uses one of these ports.");
}

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>}
 */
function isFree(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (/** @type {NodeJS.ErrnoException} */ { code }) => resolve(code !== "EADDRINUSE"));
    probe.listen({ port, host }, () => probe.close(() => resolve(true)));
  });
}
