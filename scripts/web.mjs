// What the builds of files for browsers share: which browsers, how large a file may be, and the folder.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { Failed, say } from "./steps.mjs";

/** The browsers that the files are for. */
export const TARGET = ["es2022", "chrome123", "firefox128", "safari17.5"];

/**
 * How many bytes a file may have, as it is and packed.
 *
 * @typedef {{ name: RegExp, raw: number, packed: number }} Budget
 *
 * What a file has.
 *
 * @typedef {{ name: string, raw: number, packed: number }} Size
 *
 * Files, by their names.
 *
 * @typedef {Map<string, Buffer>} Files
 */

/**
 * Returns the sizes of the files. Throws if one has no budget or is over it.
 *
 * @param {Files} files
 * @param {Budget[]} budgets
 * @returns {Size[]}
 */
export function weigh(files, budgets) {
  return [...files].map(([name, contents]) => {
    const [raw, packed] = [contents.length, gzipSync(contents, { level: 9 }).length];
    const budget = budgets.find((budget) => budget.name.test(name));
    if (!budget) throw new Failed(`${name} has no budget`, "Have the parts share less, or give it one in scripts/.");
    if (raw > budget.raw || packed > budget.packed) {
      const limits = `${budget.raw} bytes and ${budget.packed} packed`;
      throw new Failed(`${name} has ${raw} bytes, ${packed} packed; it may have ${limits}`, "Make it smaller.");
    }
    return { name, raw, packed };
  });
}

/**
 * Prints the sizes of what was built.
 *
 * @param {string} what
 * @param {Size[]} sizes
 */
export function report(what, sizes) {
  for (const { name, raw, packed } of sizes) {
    say(`${what}: ${name} ${kilobytes(raw)} KB, gzip ${kilobytes(packed)} KB`);
  }
}

/**
 * Leaves these files and no others in a folder. It may be served meanwhile, so a file that is right already stays as it is.
 *
 * @param {string} folder
 * @param {Files} files
 */
export function fill(folder, files) {
  mkdirSync(folder, { recursive: true });
  for (const [name, contents] of files) {
    const path = join(folder, name);
    if (!existsSync(path) || !contents.equals(readFileSync(path))) writeFileSync(path, contents);
  }
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name));
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return (bytes / 1_000).toFixed(1);
}
