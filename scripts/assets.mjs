// Builds assets/, the files that the worker's origin serves to browsers (`[assets]` in wrangler.toml).

import { join } from "node:path";

import { bundleAdmin } from "./admin.mjs";
import { ROOT, say } from "./steps.mjs";
import { fill } from "./web.mjs";
import { bundleWidget } from "./widget.mjs";

export const ASSETS = join(ROOT, "assets");
const HEADERS = "_headers";

/** Builds the files into a folder. */
export async function buildAssets(folder = ASSETS) {
  const parts = await Promise.all([bundleWidget(), bundleAdmin()]);
  const headers = parts.map(({ files }) => files.get(HEADERS) ?? Buffer.alloc(0));
  fill(folder, new Map([...parts.flatMap(({ files }) => [...files]), [HEADERS, Buffer.concat(headers)]]));
  const [, page] = parts.map(({ sizes }) => sizes.reduce((sum, { packed }) => sum + packed, 0));
  say(`assets: the chat, and the admin page (gzip ${(page / 1_000).toFixed(1)} KB)`);
}
