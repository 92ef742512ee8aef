// Who asks: signed passes, homes and pinned session ids, by WebCrypto with keys that are imported
// once. Codes that do not need each other are asked for together.

import { Buffer } from "node:buffer";

const PASS_BYTES = 63;
const PASS_CONTENT = 45;
const DAY = 86_400;
const HMAC = { name: "HMAC", hash: "SHA-256" };
const PURPOSES = ["home", "log", "pass", "session", "mapping"];
const SESSION_CONTENT = 8;

const encoder = new TextEncoder();

export class Identities {
  static async of(apiKey) {
    const root = await imported(encoder.encode(apiKey));
    const self = new Identities();
    for (const purpose of PURPOSES) {
      self[purpose] = await imported(await code(root, encoder.encode(`best-javascript/1/${purpose}`)));
    }
    return self;
  }

  /** The shopper behind a pass, else behind a session id of this network, else a new one. */
  async find(passText, sessionId, address, now) {
    const [homeCode, known] = await Promise.all([
      code(this.home, network(address)),
      passText ? this.#read(passText, now) : undefined,
    ]);
    const here = Buffer.from(homeCode.buffer, 0, 16);
    let pass = known;
    let newcomer = false;
    let renew = false;
    if (pass) {
      if (now - pass.renewed >= DAY) {
        newcomer = !pass.home.equals(here);
        Object.assign(pass, { home: here, renewed: now });
        renew = true;
      }
    } else {
      const holder = sessionId ? await this.#holder(sessionId, here) : undefined;
      newcomer = holder === undefined;
      const shopper = holder ?? crypto.getRandomValues(new Uint32Array(1))[0];
      pass = { shopper, home: here, firstHome: here, issued: now, renewed: now };
      renew = true;
    }
    const [session, newPass, logged] = await Promise.all([
      this.#session(pass, sessionId),
      renew ? this.#write(pass) : undefined,
      code(this.log, words(pass.shopper)),
    ]);
    return {
      shopper: pass.shopper,
      home: pass.home.toString("base64url"),
      newcomer,
      newPass,
      sessionId: session,
      logName: Buffer.from(logged.buffer, 0, 6).toString("base64url"),
    };
  }

  async #read(text, now) {
    const bytes = Buffer.from(text, "base64url");
    if (bytes.length !== PASS_BYTES || bytes.toString("base64url") !== text) return undefined;
    const signed = await code(this.pass, bytes.subarray(0, PASS_CONTENT));
    if (!same(bytes.subarray(PASS_CONTENT), signed) || bytes[0] !== 1) return undefined;
    const pass = {
      shopper: bytes.readUInt32BE(1),
      home: bytes.subarray(5, 21),
      firstHome: bytes.subarray(21, 37),
      issued: bytes.readUInt32BE(37),
      renewed: bytes.readUInt32BE(41),
    };
    const good = pass.renewed <= now + 300 && now - pass.renewed < 30 * DAY && now - pass.issued < 90 * DAY;
    return good ? pass : undefined;
  }

  async #write({ shopper, home, firstHome, issued, renewed }) {
    const bytes = Buffer.alloc(PASS_BYTES);
    bytes[0] = 1;
    bytes.writeUInt32BE(shopper, 1);
    bytes.set(home, 5);
    bytes.set(firstHome, 21);
    bytes.writeUInt32BE(issued, 37);
    bytes.writeUInt32BE(renewed, 41);
    bytes.set((await code(this.pass, bytes.subarray(0, PASS_CONTENT))).subarray(0, PASS_BYTES - PASS_CONTENT), PASS_CONTENT);
    return bytes.toString("base64url");
  }

  /** The id that goes upstream: the given one where it is this shopper's, else one of our own. */
  async #session({ shopper, firstHome }, given) {
    if (!given) return this.#pin(shopper, firstHome, crypto.getRandomValues(new Uint32Array(1))[0]);
    if ((await this.#holder(given, firstHome)) === shopper) return given;
    const mapped = await code(this.mapping, Buffer.concat([words(shopper), encoder.encode(given)]));
    return this.#pin(shopper, firstHome, Buffer.from(mapped.buffer).readUInt32BE(0));
  }

  /** A UUID of 32 bits of shopper, 28 of a nonce and 62 of a code over both and the home. */
  async #pin(shopper, firstHome, nonce) {
    const content = words(shopper, (nonce & 0xffffff0) >>> 0);
    const signed = await code(this.session, Buffer.concat([content, firstHome]));
    const bytes = Buffer.concat([content, signed.subarray(0, 8)]);
    bytes[6] = 0x40 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = bytes.toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  async #holder(id, home) {
    const bytes = Buffer.from(id.replaceAll("-", ""), "hex");
    if (bytes.length !== 2 * SESSION_CONTENT) return undefined;
    const shopper = bytes.readUInt32BE(0);
    const pinned = await this.#pin(shopper, home, bytes.readUInt32BE(4));
    return same(Buffer.from(pinned), Buffer.from(id)) ? shopper : undefined;
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

function words(...numbers) {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => bytes.writeUInt32BE(number, 4 * index));
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
