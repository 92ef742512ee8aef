// Bundles the page at /admin: an HTML file, and a script and a style sheet with a hash in their names. All of it together
// has a budget.

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { Failed, ROOT } from "./steps.mjs";
import { TARGET, weigh } from "./web.mjs";

/** @import { Budget, Files } from "./web.mjs" */

const ADMIN = join(ROOT, "admin");
/** The most bytes that a browser may have to load, with gzip. */
const BUDGET = 15_000;

/** @type {Budget[]} */
const BUDGETS = [{ name: /^admin(-\w{8})?\.(html|js|css)$/, raw: 30_000, packed: BUDGET }];

/** Returns the page's files, with the headers to serve them with, and their sizes. */
export async function bundleAdmin() {
  // It may have been installed only now.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(ADMIN, "src", "main.ts"), join(ADMIN, "style.css")],
    bundle: true,
    format: "esm",
    minify: true,
    charset: "utf8",
    target: TARGET,
    entryNames: "admin-[hash]",
    outdir: ADMIN,
    legalComments: "none",
    write: false,
  });
  /** @type {Files} */
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
  files.set("admin.html", Buffer.from(page([...files.keys()])));
  const sizes = weigh(files, BUDGETS);
  const packed = sizes.reduce((sum, size) => sum + size.packed, 0);
  if (packed > BUDGET) throw new Failed(`The admin page has ${packed} bytes with gzip`, `${BUDGET} are allowed.`);
  files.set("_headers", readFileSync(join(ADMIN, "_headers")));
  return { files, sizes };
}

/**
 * Returns the HTML with the names of the files that it loads, and without its indentation.
 *
 * @param {string[]} names
 */
function page(names) {
  const html = readFileSync(join(ADMIN, "admin.html"), "utf8").replace(/^ +/gm, "");
  return html.replace(/"\/admin\.(css|js)"/g, (_, kind) => {
    const name = names.find((name) => name.endsWith(`.${kind}`));
    return `"/${name}"`;
  });
}
