// Listens on this machine, and nowhere else.

import { createServer } from "node:http";

/** @import { RequestListener, Server } from "node:http" */

/**
 * Listens on both addresses that "localhost" may mean. Neither is reachable from outside. A machine
 * without IPv6 has only the first.
 *
 * @param {RequestListener} listener
 * @param {number} port 0 for any free one
 * @returns {Promise<Server[]>}
 */
export async function bind(listener, port) {
  const first = await listen(listener, port, "127.0.0.1");
  try {
    return [first, await listen(listener, portOf(first), "::1")];
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return [first];
    await end(first);
    if (code === "EADDRINUSE" && port === 0) return bind(listener, port);
    throw error;
  }
}

/** @param {Server} server */
export function portOf(server) {
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** @param {Server} server */
export function end(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

/**
 * @param {RequestListener} listener
 * @param {number} port
 * @param {string} host
 * @returns {Promise<Server>}
 */
function listen(listener, port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once("error", reject);
    server.listen({ port, host }, () => resolve(server));
  });
}
