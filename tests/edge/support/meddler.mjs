// A server between a visitor and a worker that changes the worker's answers, as a zone's rules or another server would.

import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { join } from "node:path";

/**
 * An answer on its way, which may be changed.
 *
 * @typedef {{ status: number, headers: Headers, body: string }} Passing
 * @typedef {(answer: Passing, request: { method: string, path: string, origin: string | undefined }) => void} Change
 */

export class Meddler {
  /**
   * @param {URL} worker
   * @param {{ key: Buffer, cert: Buffer }} [certificate] none: it speaks http
   */
  static async listen(worker, certificate) {
    const meddler = new Meddler(worker, certificate);
    await new Promise((resolve) => meddler.server.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (meddler.server.address());
    meddler.url = certificate ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
    return meddler;
  }

  constructor(worker, certificate) {
    /** @type {Change} */
    this.change = () => {};
    this.url = "";
    const listener = async (request, response) => {
      const { method, url: path, headers } = request;
      const chunks = await request.toArray();
      const body = method === "POST" ? Buffer.concat(chunks) : undefined;
      const { host: _host, connection: _connection, ...rest } = headers;
      const init = { method, headers: { ...rest, "accept-encoding": "identity" }, body };
      const answer = await fetch(worker.origin + path, init);
      const passing = { status: answer.status, headers: new Headers(answer.headers), body: await answer.text() };
      this.change(passing, { method, path, origin: headers.origin });
      // These are of the way, not of the answer.
      for (const name of ["content-length", "transfer-encoding", "connection", "keep-alive"])
        passing.headers.delete(name);
      response.writeHead(passing.status, Object.fromEntries(passing.headers));
      response.end(passing.body);
    };
    this.server = certificate ? createSecureServer(certificate, listener) : createServer(listener);
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/**
 * Makes a certificate that signs itself.
 *
 * @param {string} folder
 * @param {string} name whose it is
 * @param {number} days how long it is good
 */
export function certify(folder, name, days) {
  const [key, cert] = ["key", "cert"].map((kind) => join(folder, `${name}-${days}.${kind}`));
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`],
      ...["-days", String(days), "-keyout", key, "-out", cert],
    ],
    { stdio: "ignore" },
  );
  return { key, cert };
}
