// Serves the demo storefront in storefront/ on localhost.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { ROOT } from "./steps.mjs";

/** @import { IncomingMessage as Request, Server, ServerResponse as Response } from "node:http" */

const CHAT_PATH = "/v1/concierge/chat";
const PLACEHOLDER = "%CONCIERGE_URL%";

const HTML = "text/html; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** The headers on every answer. */
const ALWAYS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

/**
 * All paths, each with its file and content type.
 *
 * @type {Map<string, [file: string, type: string]>}
 */
const FILES = new Map([
  ["/", ["index.html", HTML]],
  ["/index.html", ["index.html", HTML]],
  ["/storefront.js", ["storefront.js", SCRIPT]],
  ["/concierge.js", ["concierge.js", SCRIPT]],
  ["/style.css", ["style.css", STYLE]],
]);

/**
 * Serves the page until `close()`. A `port` of 0 takes a free port. `worker` is the worker's URL. The
 * returned `url` is the origin that the worker has to allow.
 *
 * @param {{ port: number, worker: string }} options `port`: 0 for any free one; `worker`: the worker's address
 */
export async function serveStorefront({ port, worker }) {
  const { origin } = new URL(worker);
  const servers = await bind((request, response) => answer(request, response, origin), port);
  return {
    url: `http://localhost:${portOf(servers[0])}`,
    async close() {
      await Promise.all(servers.map(end));
    },
  };
}

/**
 * @param {Request} request
 * @param {Response} response
 * @param {string} worker
 */
async function answer(request, response, worker) {
  /**
   * @param {number} status
   * @param {Record<string, string>} headers
   * @param {string} body
   */
  const send = (status, headers, body) => {
    response.writeHead(status, { ...ALWAYS, ...headers });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  const plain = { "Content-Type": "text/plain; charset=utf-8" };
  const [path] = (request.url ?? "").split("?");
  // The worker allows the page only from http://localhost.
  const host = request.headers.host ?? "";
  const local = host.replace(/^(127\.0\.0\.1|\[::1\])/, "localhost");
  if (local !== host) return send(307, { ...plain, Location: `http://${local}/` }, "");
  const served = FILES.get(path);
  if (!served) return send(404, plain, "Not found.\n");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return send(405, { ...plain, Allow: "GET, HEAD" }, "This server is read-only.\n");
  }
  const [file, type] = served;
  try {
    let text = await readFile(join(ROOT, "storefront", file), "utf8");
    if (type === HTML) text = text.replaceAll(PLACEHOLDER, () => worker + CHAT_PATH);
    send(200, { "Content-Type": type, "Content-Security-Policy": policy(worker) }, text);
  } catch (error) {
    send(500, plain, `${/** @type {Error} */ (error).message}\n`);
  }
}

/**
 * Returns a policy that allows only the page's own files, the worker, and product pictures from any host.
 *
 * @param {string} worker
 */
function policy(worker) {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${worker}`,
    "img-src http://127.0.0.1:* http://localhost:* https: data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

/**
 * Listens on both addresses that "localhost" may mean. Neither is reachable from outside. A machine
 * without IPv6 has only the first.
 *
 * @param {(request: Request, response: Response) => void} handler
 * @param {number} port
 * @returns {Promise<Server[]>}
 */
async function bind(handler, port) {
  const first = await listen(handler, port, "127.0.0.1");
  try {
    return [first, await listen(handler, portOf(first), "::1")];
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return [first];
    await end(first);
    if (code === "EADDRINUSE" && port === 0) return bind(handler, port);
    throw error;
  }
}

/**
 * @param {(request: Request, response: Response) => void} handler
 * @param {number} port
 * @param {string} host
 * @returns {Promise<Server>}
 */
function listen(handler, port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer(handler);
    server.once("error", reject);
    server.listen({ port, host }, () => resolve(server));
  });
}

/** @param {Server} server */
function portOf(server) {
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** @param {Server} server */
function end(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
