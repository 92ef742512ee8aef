// `npm run widget`: builds what a page loads into widget/dist/, for a site that serves it itself, and prints the sizes. A
// file that is too large fails it.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { setUpNode } from "./setup.mjs";
import { ROOT, isProgram, main } from "./steps.mjs";
import { TARGET, fill, report, weigh } from "./web.mjs";

/** @import { Plugin } from "esbuild" */
/** @import { Budget, Files } from "./web.mjs" */

const WIDGET = join(ROOT, "widget");
const SOURCE = join(WIDGET, "src");

/** @type {Budget[]} */
const BUDGETS = [
  { name: /^concierge\.js$/, raw: 9_999, packed: 1_500 },
  { name: /^concierge-panel-\w{8}\.js$/, raw: 40_000, packed: 9_000 },
  { name: /^concierge-cart-\w{8}\.js$/, raw: 5_000, packed: 1_700 },
  { name: /^concierge-memory-\w{8}\.js$/, raw: 6_000, packed: 2_700 },
  { name: /^concierge-privacy-\w{8}\.js$/, raw: 2_000, packed: 600 },
  { name: /^concierge-extras-\w{8}\.js$/, raw: 6_000, packed: 2_300 },
  { name: /^concierge-countdown-\w{8}\.js$/, raw: 2_000, packed: 900 },
  { name: /^concierge-(de|fr|es|ja)-\w{8}\.js$/, raw: 4_000, packed: 1_400 },
];

/**
 * Style sheets become texts, because a strict policy lets the widget adopt a sheet, and insert no <style>.
 *
 * @type {Plugin}
 */
const styles = {
  name: "styles",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await build.esbuild.transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
        charset: "utf8",
        target: TARGET,
      });
      // esbuild leaves the spaces in the values of custom properties.
      return { contents: code.trim().replace(/([,:]) /g, "$1"), loader: "text" };
    });
  },
};

/**
 * The address of the newest panel stays as it is.
 *
 * @type {Plugin}
 */
const newest = {
  name: "newest",
  setup(build) {
    build.onResolve({ filter: /^\.\/panel\.js$/ }, ({ path }) => ({ path, external: true }));
  },
};

if (isProgram(import.meta.url)) {
  await main(async () => {
    await setUpNode();
    const { files, sizes } = await bundleWidget();
    fill(join(WIDGET, "dist"), files);
    report("widget", sizes);
  });
}

/** Bundles the widget. Returns its files, with the headers to serve them with, and the sizes of those that a page loads. */
export async function bundleWidget() {
  // It may have been installed only now.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [{ in: join(SOURCE, "loader.ts"), out: "concierge" }],
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    charset: "utf8",
    target: TARGET,
    chunkNames: "concierge-[name]-[hash]",
    outdir: WIDGET,
    legalComments: "none",
    plugins: [styles, newest],
    write: false,
  });
  /** @type {Files} */
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
  const sizes = weigh(files, BUDGETS);
  const panel = sizes.find(({ name }) => name.startsWith("concierge-panel-"))?.name;
  files.set("panel.js", Buffer.from(`export * from "./${panel}";\n`));
  files.set("_headers", readFileSync(join(WIDGET, "_headers")));
  return { files, sizes };
}
