// A shop's page with the widget that its worker serves, under the strictest policy that a shop may have.

import { createServer } from "node:http";

/** Runs before the widget, and notes what it does. */
const RECORDER = `
  globalThis.seen = { violations: [], events: [] };
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    seen.violations.push(violatedDirective + " " + blockedURI);
  });
  for (const name of ["open", "message", "products", "product-click", "cart", "error", "limited"]) {
    addEventListener("concierge:" + name, (event) => {
      const { detail, bubbles, composed, cancelable } = event;
      seen.events.push({ name, detail: structuredClone(detail), bubbles, composed, cancelable });
    });
  }
`;

/** Serves the page on http://localhost. Whoever opens it closes it. */
export async function openShop() {
  const server = createServer(({ url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    if (pathname === "/recorder.js") return send(response, "text/javascript", RECORDER);
    if (pathname === "/elsewhere")
      return send(response, "text/html", '<link rel="icon" href="data:,"><title>The shop</title>');
    if (pathname !== "/") return response.writeHead(404).end();
    const worker = searchParams.get("worker") ?? "";
    return send(response, "text/html; charset=utf-8", page(worker, searchParams), policy(worker));
  });
  await new Promise((resolve) => server.listen(0, "localhost", () => resolve(undefined)));
  const origin = `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  return {
    origin,
    /**
     * The address of a page. What `attributes` says stands in the element's tag, what `page` says in the page's. What
     * `inside` says stands in the element.
     *
     * @param {string} worker
     * @param {{ attributes?: string, page?: string, inside?: string }} [more]
     */
    url: (worker, more = {}) => `${origin}/?${new URLSearchParams({ worker, ...more })}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response, type, body, policy = "") {
  response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy, "Cache-Control": "no-cache" });
  response.end(body);
}

function policy(worker) {
  return [
    "default-src 'none'",
    `script-src 'self' ${worker}`,
    `connect-src 'self' ${worker}`,
    "img-src http://127.0.0.1:* http://localhost:* https: data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function page(worker, options) {
  const attributes = options.get("attributes") ?? "";
  return `<!doctype html>
<html ${options.get("page") ?? 'lang="en"'}>
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>The shop</title>
    <link rel="icon" href="data:,">
    <script src="/recorder.js"></script>
    <script type="module" src="${worker}/concierge.js"></script>
  </head>
  <body>
    <main>
      <h1>The shop</h1>
      <button id="before" type="button">Before</button>
      <concierge-chat url="${worker}" ${attributes}>${options.get("inside") ?? ""}</concierge-chat>
      <button id="after" type="button">After</button>
    </main>
  </body>
</html>`;
}
