// Who asks: signed passes, limiters and pinned session ids, by WebCrypto with keys that are imported
// once. Codes that do not need each other are asked for together.

const PASS_CHARS = 84;
const PASS_BYTES = 63;
const PASS_CONTENT = 45;
const DAY = 86_400;
const HMAC = { name: "HMAC", hash: "SHA-256" };
const PURPOSES = ["limiter", "log", "pass", "session", "mapping"];
/** @type {{ alphabet: "base64url", omitPadding: true }} */
const BASE64 = { alphabet: "base64url", omitPadding: true };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const encoder = new TextEncoder();

export class Identities {
  /** @param {Record<string, CryptoKey>} keys one for each purpose */
  constructor({ limiter, log, pass, session, mapping }) {
    this.limiter = limiter;
    this.log = log;
    this.pass = pass;
    this.session = session;
    this.mapping = mapping;
  }

  static async of(apiKey) {
    const root = await imported(encoder.encode(apiKey));
    /** @type {Record<string, CryptoKey>} */
    const keys = {};
    for (const purpose of PURPOSES) {
      keys[purpose] = await imported(await code(root, encoder.encode(`best-javascript/1/${purpose}`)));
    }
    return new Identities(keys);
  }

  /** The shopper behind a pass, else behind a session id of this network, else a new one. */
  async find(passText, sessionId, address, now) {
    const [homeCode, known] = await Promise.all([
      code(this.limiter, network(address)),
      passText ? this.#read(passText, now) : undefined,
    ]);
    const here = homeCode.subarray(0, 16);
    let pass = known;
    let newcomer = false;
    let renew = false;
    if (pass) {
      if (now - pass.renewed >= DAY) {
        newcomer = !same(pass.limiter, here);
        Object.assign(pass, { limiter: here, renewed: now });
        renew = true;
      }
    } else {
      const holder = sessionId ? await this.#holder(sessionId, here) : undefined;
      newcomer = holder === undefined;
      const shopper = holder ?? random();
      pass = { shopper, limiter: here, firstLimiter: here, issued: now, renewed: now };
      renew = true;
    }
    const [session, newPass, logged] = await Promise.all([
      this.#session(pass, sessionId),
      renew ? this.#write(pass) : undefined,
      code(this.log, words(pass.shopper)),
    ]);
    return {
      shopper: pass.shopper,
      limiter: pass.limiter.toBase64(BASE64),
      newcomer,
      newPass,
      sessionId: session,
      logName: logged.subarray(0, 6).toBase64(BASE64),
    };
  }

  async #read(text, now) {
    // 84 characters are 63 bytes with no bits to spare: there is one spelling.
    if (text.length !== PASS_CHARS) return undefined;
    let bytes;
    try {
      bytes = Uint8Array.fromBase64(text, BASE64);
    } catch {
      return undefined;
    }
    if (bytes.length !== PASS_BYTES) return undefined;
    const signed = await code(this.pass, bytes.subarray(0, PASS_CONTENT));
    if (!same(bytes.subarray(PASS_CONTENT), signed) || bytes[0] !== 1) return undefined;
    const view = new DataView(bytes.buffer);
    const pass = {
      shopper: view.getUint32(1),
      limiter: bytes.subarray(5, 21),
      firstLimiter: bytes.subarray(21, 37),
      issued: view.getUint32(37),
      renewed: view.getUint32(41),
    };
    const good = pass.renewed <= now + 300 && now - pass.renewed < 30 * DAY && now - pass.issued < 90 * DAY;
    return good ? pass : undefined;
  }

  async #write({ shopper, limiter, firstLimiter, issued, renewed }) {
    const bytes = new Uint8Array(PASS_BYTES);
    const view = new DataView(bytes.buffer);
    bytes[0] = 1;
    view.setUint32(1, shopper);
    bytes.set(limiter, 5);
    bytes.set(firstLimiter, 21);
    view.setUint32(37, issued);
    view.setUint32(41, renewed);
    const signed = await code(this.pass, bytes.subarray(0, PASS_CONTENT));
    bytes.set(signed.subarray(0, PASS_BYTES - PASS_CONTENT), PASS_CONTENT);
    return bytes.toBase64(BASE64);
  }

  /** The id that goes upstream: the given one where it is this shopper's, else one of our own. */
  async #session({ shopper, firstLimiter }, given) {
    if (!given) return this.#pin(shopper, firstLimiter, random());
    if ((await this.#holder(given, firstLimiter)) === shopper) return given;
    const mapped = await code(this.mapping, joined(words(shopper), encoder.encode(given)));
    return this.#pin(shopper, firstLimiter, new DataView(mapped.buffer).getUint32(0));
  }

  /** A UUID of 32 bits of shopper, 28 of a nonce, and 62 of a code over both and the limiter. */
  async #pin(shopper, firstLimiter, nonce) {
    // The version stands inside the nonce.
    const content = words(shopper, ((nonce & 0xffff0fff) | 0x4000) >>> 0);
    const signed = await code(this.session, joined(content, firstLimiter));
    const bytes = joined(content, signed.subarray(0, 8));
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = bytes.toHex();
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  async #holder(id, limiter) {
    if (!UUID.test(id)) return undefined;
    const view = new DataView(Uint8Array.fromHex(id.replaceAll("-", "")).buffer);
    const pinned = await this.#pin(view.getUint32(0), limiter, view.getUint32(4));
    return same(encoder.encode(id), encoder.encode(pinned)) ? view.getUint32(0) : undefined;
  }
}

function imported(bytes) {
  return crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign"]);
}

async function code(key, bytes) {
  return new Uint8Array(await crypto.subtle.sign(HMAC, key, bytes));
}

function same(given, signed) {
  return crypto.subtle.timingSafeEqual(given, signed.subarray(0, given.length));
}

function random() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

function words(...numbers) {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [index, number] of numbers.entries()) view.setUint32(4 * index, number);
  return new Uint8Array(view.buffer);
}

function joined(first, second) {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** An IPv4 address, or the /56 of an IPv6 address: its first three groups and half of the fourth. */
function network(address) {
  const v4 = address.startsWith("::ffff:") ? address.slice(7) : address;
  if (!v4.includes(":")) return encoder.encode(`4/${v4}`);
  const [left, right] = address.split("::");
  const groups = left ? left.split(":") : [];
  if (right !== undefined) {
    const tail = right ? right.split(":") : [];
    while (groups.length + tail.length < 8) groups.push("0");
    groups.push(...tail);
  }
  const prefix = groups.slice(0, 4).map((group) => group.padStart(4, "0"));
  return encoder.encode(`6/${prefix.join("").slice(0, 14)}`);
}
