// An assistant that stops where a prompt says, and holds the connection.

import { once } from "node:events";
import { createServer } from "node:http";

/** @type {Record<string, [status: number, headers: Record<string, string | number>]>} */
const HEADS = {
  "in the error": [502, { "content-type": "application/json", "content-length": 200 }],
  "in the answer": [200, { "content-type": "application/json", "content-length": 200 }],
  "in the events": [200, { "content-type": "text/event-stream" }],
};

/** @type {Record<string, [status: number, headers: Record<string, string>]>} */
const ENDS = {
  // No connection, as the platform says it: a retry that needs no token and is not counted.
  "before another attempt": [522, { "retry-after": "10" }],
  "before one that is counted": [503, {}],
};

const BEGINNINGS = {
  "in the error": '{"error":',
  "in the answer": '{"message":',
  "in the events": "event: chunk\ndata: {}\n\n",
};

/** Starts it on a free port. */
export async function startUpstream() {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const { prompt } = JSON.parse(body);
    if (prompt === "whole") {
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
      return;
    }
    if (ENDS[prompt]) {
      response.writeHead(...ENDS[prompt]).end();
    } else if (HEADS[prompt]) {
      response.writeHead(...HEADS[prompt]).write(BEGINNINGS[prompt]);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
