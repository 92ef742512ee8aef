// `npm run widget`: builds what a page loads into widget/dist/, and prints the sizes. A file that is too large fails it.
// The worker serves that folder (`[assets]` in wrangler.toml).

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

import { setUpNode } from "./setup.mjs";
import { Failed, ROOT, isProgram, main, say } from "./steps.mjs";

/** @import { OutputFile, Plugin } from "esbuild" */

const WIDGET = join(ROOT, "widget");
const SOURCE = join(WIDGET, "src");
const DIST = join(WIDGET, "dist");
const TARGET = ["es2022", "chrome123", "firefox128", "safari17.5"];

/**
 * How many bytes a file may have, as it is and packed.
 *
 * @typedef {{ name: RegExp, raw: number, packed: number }} Budget
 *
 * @type {Budget[]}
 */
const BUDGETS = [
  { name: /^concierge\.js$/, raw: 9_999, packed: 1_500 },
  { name: /^concierge-panel-\w{8}\.js$/, raw: 40_000, packed: 9_000 },
  { name: /^concierge-cart-\w{8}\.js$/, raw: 5_000, packed: 1_700 },
  { name: /^concierge-memory-\w{8}\.js$/, raw: 6_000, packed: 2_700 },
  { name: /^concierge-privacy-\w{8}\.js$/, raw: 2_000, packed: 600 },
  { name: /^concierge-extras-\w{8}\.js$/, raw: 4_000, packed: 1_600 },
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

if (isProgram(import.meta.url)) {
  await main(async () => {
    await setUpNode();
    for (const { name, raw, packed } of await buildWidget()) {
      say(`widget: ${name} ${kilobytes(raw)} KB, gzip ${kilobytes(packed)} KB`);
    }
  });
}

/** Builds the widget into a folder. Returns the name and the sizes of each file. */
export async function buildWidget(folder = DIST) {
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
    outdir: folder,
    legalComments: "none",
    plugins: [styles],
    write: false,
  });
  const sizes = outputFiles.map(check);
  const panel = sizes.find(({ name }) => name.startsWith("concierge-panel-"))?.name;
  fill(
    folder,
    new Map([
      ...outputFiles.map(({ path, contents }) => /** @type {const} */ ([basename(path), Buffer.from(contents)])),
      ["panel.js", Buffer.from(`export * from "./${panel}";\n`)],
      ["_headers", readFileSync(join(WIDGET, "_headers"))],
    ]),
  );
  return sizes;
}

/**
 * Leaves these files and no others in a folder. It may be served meanwhile, so a file that is right already stays as it is.
 *
 * @param {string} folder
 * @param {Map<string, Buffer>} files
 */
function fill(folder, files) {
  mkdirSync(folder, { recursive: true });
  for (const [name, contents] of files) {
    const path = join(folder, name);
    if (!existsSync(path) || !contents.equals(readFileSync(path))) writeFileSync(path, contents);
  }
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name));
}

/**
 * Throws if a file has no budget or is over it.
 *
 * @param {OutputFile} file
 */
function check({ path, contents }) {
  const name = basename(path);
  const [raw, packed] = [contents.length, gzipSync(contents, { level: 9 }).length];
  const budget = BUDGETS.find((budget) => budget.name.test(name));
  if (!budget)
    throw new Failed(`${name} has no budget`, "Have the parts share less, or give it one in scripts/widget.mjs.");
  if (raw > budget.raw || packed > budget.packed) {
    const limits = `${budget.raw} bytes and ${budget.packed} packed`;
    throw new Failed(`${name} has ${raw} bytes, ${packed} packed; it may have ${limits}`, "Make it smaller.");
  }
  return { name, raw, packed };
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return (bytes / 1_000).toFixed(1);
}
