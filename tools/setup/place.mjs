// Where the worker answers, and where it runs.

import { BadUsage, readAddress } from "../usage.mjs";

/**
 * @param {string} text
 * @returns {string | null} null for the workers.dev address
 */
export function readDomain(text) {
  if (text === "none") return null;
  const { hostname, pathname, port, protocol } = readAddress(text, "The domain");
  const isHost = pathname === "/" && port === "" && protocol === "https:" && /^[a-z\d-]+(\.[a-z\d-]+)+$/.test(hostname);
  if (!isHost) throw new BadUsage("The domain is a host name alone, such as concierge.example.com.");
  if (hostname.endsWith(".workers.dev"))
    throw new BadUsage("A worker without its own domain has its workers.dev address.");
  return hostname;
}

/**
 * @param {string} text
 * @returns {string | null} null for near each shopper
 */
export function readRegion(text) {
  if (text === "none") return null;
  if (text === "smart" || /^(aws|gcp|azure):[a-z\d-]+$/.test(text)) return text;
  throw new BadUsage("A region is like aws:us-east-1, gcp:europe-west1 or azure:westeurope. Or say smart, or none.");
}
