// The documents of the project, and the commands in them.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./world.mjs";

/** The programs that a reader is told to run. */
const PROGRAMS = "npm npx node wrangler curl printf openssl sha256sum git cargo rustup shopify gh".split(" ");

const inFolder = (/** @type {string} */ folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`);

/**
 * Those that are for readers, by their path from the root.
 *
 * @type {Map<string, string>}
 */
export const DOCUMENTS = new Map(
  ["README.md", "CONTRIBUTING.md", "SECURITY.md", "client/README.md", "scripts/release/README.md", ...inFolder("docs")]
    .sort()
    .map((name) => [name, readFileSync(join(ROOT, name), "utf8")]),
);

/**
 * Returns the commands in a document: each line of a block of shell, and each text in backquotes that begins with a
 * program's name.
 *
 * @param {string} document
 */
export function commandsIn(document) {
  const blocks = [...document.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block.split("\n"));
  const inline = document
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, "")
    .split("\n\n")
    .flatMap((paragraph) => [...paragraph.matchAll(/`([^`]+)`/g)])
    .map(([, code]) => code.replaceAll(/\s+/g, " "));
  const isCommand = (/** @type {string} */ line) => {
    const [program = "", ...rest] = line.replace(/^([A-Z_]+=\S+ )+/, "").split(" ");
    return PROGRAMS.includes(program) && rest.length > 0;
  };
  // A comment follows a command after a blank.
  return [...blocks.map((line) => line.replace(/\s+# .*$/, "").trim()), ...inline].filter(isCommand);
}
