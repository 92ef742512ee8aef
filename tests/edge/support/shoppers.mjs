// The ways in which a shopper comes: unknown, with a token of the merchant's server, or by way of Shopify.

import { createHmac, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";

const TOKEN_SECRET = "a secret of the merchant's own server";
const APP_SECRET = "shpss_the-secret-of-an-app";
const SHOP = "example-shop.myshopify.com";
const PROXY = "192.0.2.200";

/** The settings that open all ways. */
export const DOORS = {
  SHOPPER_TOKEN_KEY: TOKEN_SECRET,
  SHOPIFY_APP_SECRET: APP_SECRET,
  SHOPIFY_SHOP: SHOP,
};

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Claims of a shopper that hold for an hour. */
export function claims(sub, more = {}) {
  return { sub, exp: Math.floor(Date.now() / 1_000) + 3_600, aud: "concierge-proxy", ...more };
}

/**
 * Returns a JWT.
 *
 * @param {object} payload
 * @param {{ header?: object, secret?: string, key?: import("node:crypto").KeyObject }} [options]
 */
export function jwt(payload, { header = { alg: "HS256", typ: "JWT" }, secret = TOKEN_SECRET, key } = {}) {
  const text = `${encode(header)}.${encode(payload)}`;
  const signature = key ? signed(text, key) : createHmac("sha256", secret).update(text).digest();
  return `${text}.${signature.toString("base64url")}`;
}

function signed(text, key) {
  if (key.asymmetricKeyType === "ed25519") return sign(null, Buffer.from(text), key);
  return sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
}

/** A pair of keys: what signs, and the public JWK. */
export function pair(kind, kid) {
  const { privateKey, publicKey } =
    kind === "EdDSA" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    key: createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })),
    jwk: { ...publicKey.export({ format: "jwk" }), kid },
  };
}

/** The query that Shopify adds for a customer, or for nobody. */
export function signedQuery(customer = "", more = {}) {
  const parameters = {
    shop: SHOP,
    logged_in_customer_id: customer,
    path_prefix: "/apps/concierge",
    timestamp: String(Math.floor(Date.now() / 1_000)),
    ...more,
  };
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join("");
  const signature = createHmac("sha256", APP_SECRET).update(text).digest("hex");
  return new URLSearchParams({ ...parameters, signature }).toString();
}

/**
 * The ways in. Each says what a request has beside its body, for the shopper of this name at this address.
 *
 * @type {Record<string, (who: string, address: string, pass?: string) => {
 *   query: string, headers: Record<string, string | null>, body: object }>}
 */
export const WAYS = {
  "with nothing but a pass": (_who, address, pass) => ({
    query: "",
    headers: { "cf-connecting-ip": address, ...(pass ? { "shopper-pass": pass } : {}) },
    body: {},
  }),
  "with a token": (who, address) => ({
    query: "",
    headers: { "cf-connecting-ip": address, authorization: `Bearer ${jwt(claims(who))}` },
    body: {},
  }),
  "as a customer of Shopify": (who, address) => ({
    query: `?${signedQuery(who)}`,
    headers: { origin: null, "cf-connecting-ip": PROXY, "x-forwarded-for": `${address}, ${PROXY}` },
    body: {},
  }),
  "as a visitor of Shopify": (_who, address, pass) => ({
    query: `?${signedQuery()}`,
    headers: { origin: null, "cf-connecting-ip": PROXY, "x-forwarded-for": `${address}, ${PROXY}` },
    body: pass ? { shopper_pass: pass } : {},
  }),
};
