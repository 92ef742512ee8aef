// A site for a test: an origin that serves a few files as they are given.

import { createServer } from "node:http";

/**
 * A file: its type, its body, and the headers beside them.
 *
 * @typedef {{ type: string, body: string | Buffer, headers?: Record<string, string> }} File
 */

/**
 * Serves these files, by their paths, on http://localhost. Whoever opens it closes it.
 *
 * @param {Record<string, File>} files
 */
export async function openSite(files) {
  const server = createServer(({ url = "/" }, response) => {
    const file = files[new URL(url, "http://localhost").pathname];
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": file.type, "Cache-Control": "no-store", ...file.headers });
    return response.end(file.body);
  });
  await new Promise((resolve) => server.listen(0, "localhost", () => resolve(undefined)));
  const origin = `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  return {
    origin,
    /** What is served; a test may add to it. */
    files,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Returns a page's head that notes what the policy forbids, and a page with this body. */
export function htmlPage(body, head = "") {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>The shop</title>
    <link rel="icon" href="data:,">
    <script src="/recorder.js"></script>
    ${head}
  </head>
  <body>${body}</body>
</html>`;
}

/** Notes what the page's policy forbids, as `violations`. It has to run first. */
export const RECORDER = {
  type: "text/javascript",
  body: `globalThis.violations = [];
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
  violations.push(effectiveDirective + " " + blockedURI);
});`,
};
