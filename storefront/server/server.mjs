// The shop's server, on localhost: it reads a request, finds what answers it, and adds the headers of every answer.

import { Demo } from "./demo.mjs";
import { fileReply, listFiles, pictureReply } from "./files.mjs";
import { bind, end, portOf } from "./listen.mjs";
import { PLAIN, reply } from "./reply.mjs";
import { Storefront } from "./shop.mjs";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { Stage } from "./demo.mjs" */
/** @import { Reply } from "./reply.mjs" */
/** @import { Request } from "./shop.mjs" */

/** No body of the shop's own pages is larger. */
const MOST_BYTES = 64 * 1024;

/**
 * Serves the shop until `close()`. The returned `url` is the origin that the worker has to allow.
 *
 * @param {object} options
 * @param {number} options.port 0 for any free one
 * @param {string} options.worker the worker's address
 * @param {Stage} [options.stage] what the developer panel may change. Without it, there is no panel and no picture
 */
export async function serveStorefront({ port, worker, stage }) {
  const { origin } = new URL(worker);
  const servers = await bind((request, response) => void serve(request, response), port);
  const url = `http://localhost:${portOf(servers[0])}`;
  const files = listFiles();
  const shop = new Storefront({ worker: origin, hasPanel: stage !== undefined });
  const demo = stage && new Demo(stage, { worker: origin, page: url });
  const policy = policyFor(origin);

  /**
   * @param {IncomingMessage} message
   * @param {ServerResponse} response
   */
  async function serve(message, response) {
    const { status, headers, body } = await find(message).catch(failed);
    response.writeHead(status, {
      "Cache-Control": "no-store",
      "Content-Security-Policy": policy,
      // A form's origin would be null without a referrer.
      "Referrer-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
      ...headers,
    });
    response.end(message.method === "HEAD" ? undefined : body);
  }

  /**
   * @param {IncomingMessage} message
   * @returns {Promise<Reply>}
   */
  async function find(message) {
    const { host = "", origin: sender, cookie = "" } = message.headers;
    // The worker allows the page only from http://localhost, and a stranger's name may lead here.
    const local = host.replace(/^(127\.0\.0\.1|\[::1\])(?=:|$)/, "localhost");
    if (`http://${local}` !== url) return reply(421, PLAIN, `This is ${url}.\n`);
    if (local !== host) return { status: 307, headers: { Location: `${url}/` }, body: "" };
    const path = pathOf(message.url ?? "/");
    const body = await bodyOf(message);
    if (path === undefined || body === undefined) return reply(400, PLAIN, "This request cannot be read.\n");
    const request = { method: message.method ?? "GET", path, cookie, body, isOwn: sender === url };
    const isRead = request.method === "GET" || request.method === "HEAD";
    const file = files.get(path);
    if (file && isRead) return fileReply(file);
    const answered = (await demo?.answer(request)) ?? (isRead && stage && (await pictureReply(path, stage.simulator)));
    return answered || shop.answer(request);
  }

  return {
    url,
    async close() {
      await Promise.all(servers.map(end));
    },
  };
}

/**
 * Returns a policy that allows only the shop's own files, the worker, and pictures that the simulator draws.
 *
 * @param {string} worker
 */
function policyFor(worker) {
  return [
    "default-src 'none'",
    `script-src 'self' ${worker}`,
    "style-src 'self'",
    `connect-src 'self' ${worker}`,
    "img-src 'self' http://127.0.0.1:*",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/**
 * Returns the path of an address, decoded, or undefined if it has none.
 *
 * @param {string} target
 */
function pathOf(target) {
  const [path] = target.split(/[?#]/);
  try {
    return path.startsWith("/") ? decodeURIComponent(path) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a body as text, or undefined if it is too large or breaks off.
 *
 * @param {IncomingMessage} message
 */
async function bodyOf(message) {
  let text = "";
  try {
    for await (const part of message.setEncoding("utf8")) {
      text += part;
      if (Buffer.byteLength(text) > MOST_BYTES) return undefined;
    }
    return text;
  } catch {
    return undefined;
  }
}

/** @param {Error} error */
function failed(error) {
  console.error(error);
  return reply(500, PLAIN, "The shop's server has a fault. Its terminal says more.\n");
}
