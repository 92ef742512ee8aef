// How long the worker's certificate is good for.

import { once } from "node:events";
import { connect } from "node:tls";

import { right, skipped, warning } from "./finding.mjs";

const DAY_MS = 86_400_000;
/** Cloudflare renews a certificate weeks before its end. */
const FEW_DAYS = 14;

/**
 * A browser has accepted the certificate already, or else nothing would have answered.
 *
 * @param {URL} url
 */
export async function lookAtCertificate(url) {
  if (url.protocol === "http:") return skipped("certificate", "There is none over http.");
  const socket = connect({ host: url.hostname, port: Number(url.port || 443), servername: url.hostname });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(15_000) });
    const end = new Date(socket.getPeerCertificate().valid_to).getTime();
    const days = Math.floor((end - Date.now()) / DAY_MS);
    if (days >= FEW_DAYS) return right("certificate", `It is good for ${days} more days.`);
    return warning(
      "certificate",
      `It is good for ${days} more days.`,
      "It should have been renewed by now. Look at the domain's certificates in Cloudflare's dashboard.",
    );
  } catch (error) {
    return skipped("certificate", `It could not be read: ${/** @type {Error} */ (error).message}.`);
  } finally {
    socket.destroy();
  }
}
