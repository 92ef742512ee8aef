// A static upstream: one answer of about 2 KB for every chat, whoever asks what. It does next to
// nothing, so that it is never what a peer waits for. Forked; it sends its port to its parent.

import { createServer } from "node:http";

const PICKS = Array.from({ length: 5 }, (_, i) => ({
  id: `gid://shopify/Product/852933577942${i}`,
  handle: `abu-dhabi-bright-${i}`,
  title: "Abu Dhabi Bright",
  vendor: "Assouline",
  description: "Glossy travel monograph.",
  price: 105,
  currency: "USD",
  image: `https://cdn.shopify.com/s/files/1/0000/0001/files/AbuDhabi0${i}.jpg`,
  url: `https://www.example.com/products/abu-dhabi-bright-${i}`,
  available: true,
}));

const ANSWER = Buffer.from(
  JSON.stringify({
    session_id: "9b1f4e2d-6cb2-4f10-9ec0-1234567890ab",
    message: "Five picks based on what you described.\n\nLean fashion-forward with a coffee-table format.",
    products: PICKS,
    intent: "GIFTING",
    follow_up: "Want more interiors-leaning options?",
    refinement_options: [{ text: "Under $200", type: "price_pivot" }],
    request_id: "1f4e2d6c-aaaa-4bbb-8ccc-001122334455",
  }),
);
const HEAD = { "content-type": "application/json", "content-length": ANSWER.length };

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(200, HEAD).end(ANSWER));
});
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.send?.({ port });
});
process.on("disconnect", () => process.exit());
