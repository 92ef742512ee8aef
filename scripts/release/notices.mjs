// The notices that the licences of what is inside ask for.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { Failed, ROOT } from "../steps.mjs";

/** @import { Crate } from "./crates.mjs" */

const LICENSE_FILE = /^(license|licence|copying|unlicense|notice)/i;

const HEAD = `concierge-proxy is under the MIT licence, which the file LICENSE has. The files in assets/ are its own work.
The wasm in worker/ also has the code of the Rust standard library (MIT OR Apache-2.0) and of these crates.
`;

/**
 * Returns all notices. A text that several crates share stands there once.
 *
 * @param {Crate[]} crates
 */
export function notices(crates) {
  /** @type {Map<string, string[]>} */
  const texts = new Map();
  const add = (/** @type {string} */ who, /** @type {string} */ text) => {
    const plain = text.replaceAll("\r\n", "\n").trim();
    texts.set(plain, [...(texts.get(plain) ?? []), who]);
  };
  const mit = readFileSync(join(ROOT, "LICENSE"), "utf8");
  add("The Rust standard library", mit.replace(/^Copyright.*$/m, "Copyright (c) The Rust Project Contributors"));
  for (const crate of crates) {
    const { name, version, license } = crate;
    for (const file of licenseFiles(crate)) add(`${name} ${version} (${license})`, readFileSync(file, "utf8"));
  }
  const rule = "-".repeat(80);
  const parts = [...texts].map(([text, names]) => `${rule}\n${names.join("\n")}\n\n${text}\n`);
  return [HEAD, ...parts].join("\n");
}

/**
 * Where the licence may be chosen, it is MIT.
 *
 * @param {Crate} crate
 */
function licenseFiles({ name, folder, license }) {
  const files = readdirSync(folder).filter((file) => LICENSE_FILE.test(file));
  const mit = files.filter((file) => /mit/i.test(file));
  const isFree = / OR /.test(license) && !/ AND /.test(license) && mit.length > 0;
  const chosen = isFree ? mit : files;
  if (chosen.length === 0) throw new Failed(`The crate ${name} has no licence file`, `Look into ${folder}.`);
  return chosen.map((file) => join(folder, file));
}
