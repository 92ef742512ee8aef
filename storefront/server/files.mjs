// The files that a browser loads: the shop's styles and scripts, and the products' pictures.

import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { productOf } from "./catalogue.mjs";
import { reply } from "./reply.mjs";

/** @import { Reply } from "./reply.mjs" */

const PUBLIC = fileURLToPath(new URL("../public", import.meta.url));

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** How long the simulator may take for a picture. */
const PATIENCE_MS = 5_000;

/** Every file by its path. A path that is not here leads to no file, whatever is in it. */
export function listFiles() {
  return new Map(
    readdirSync(PUBLIC, { recursive: true, encoding: "utf8" })
      .filter((name) => extname(name) in TYPES)
      .map((name) => [`/${name.replaceAll("\\", "/")}`, join(PUBLIC, name)]),
  );
}

/** @param {string} file */
export async function fileReply(file) {
  return reply(200, TYPES[extname(file)], await readFile(file));
}

/**
 * Returns the picture at this path, as the simulator draws it, or undefined if it is no picture's path.
 *
 * @param {string} path
 * @param {string} simulator
 * @returns {Promise<Reply | undefined>}
 */
export async function pictureReply(path, simulator) {
  const [, handle = ""] = path.match(/^\/pictures\/([a-z-]+)\.svg$/) ?? [];
  if (!productOf(handle)) return undefined;
  try {
    const response = await fetch(simulator + path, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) return undefined;
    const { status, headers, body } = reply(200, TYPES[".svg"], new Uint8Array(await response.arrayBuffer()));
    return { status, headers: { ...headers, "Cache-Control": "public, max-age=3600" }, body };
  } catch {
    // It is being restarted.
    return reply(503, "text/plain", "");
  }
}
