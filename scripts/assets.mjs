// Builds assets/, the files that the worker's origin serves to browsers (`[assets]` in wrangler.toml).

import { join } from "node:path";

import { ROOT } from "./steps.mjs";
import { fill } from "./web.mjs";
import { bundleWidget } from "./widget.mjs";

export const ASSETS = join(ROOT, "assets");

/** Builds the files into a folder. */
export async function buildAssets(folder = ASSETS) {
  const { files } = await bundleWidget();
  fill(folder, files);
}
