// A chat over a socket of its own, for what `fetch` does not let a caller do.

import { connect } from "node:net";

import { ORIGIN, PATH } from "./world.mjs";

/**
 * Posts a chat with this header of its length, and these pieces of a body, as they are, one after
 * the other. The connection stays open until there is a reply, or nothing happens for too long.
 */
export function postRaw(url, length, pieces, patience = 5_000) {
  const socket = connect(Number(url.port), url.hostname);
  socket.setNoDelay(true);
  socket.setTimeout(patience, () => socket.destroy(new Error("no reply")));
  const reply = new Promise((resolve, reject) => {
    let text = "";
    socket.on("data", (data) => {
      text += data;
      if (text.includes("}")) {
        socket.destroy();
        resolve(text);
      }
    });
    socket.on("error", reject);
  });
  // Who leaves on purpose does not wait for one.
  reply.catch(() => {});
  const head = [
    `POST ${PATH} HTTP/1.1`,
    `Host: ${url.host}`,
    `Origin: ${ORIGIN}`,
    "Content-Type: application/json",
    length,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const rest = [...pieces];
  const next = () => {
    const piece = rest.shift();
    if (piece !== undefined) socket.write(piece, () => setTimeout(next, 1));
  };
  next();
  return { socket, reply };
}
