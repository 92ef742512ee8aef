// What cargo knows of the crates that the worker's wasm is built with.

import { run } from "./steps.mjs";

const METADATA = ["metadata", "--quiet", "--locked", "--format-version=1", "--filter-platform=wasm32-unknown-unknown"];

/**
 * As far as it is used here.
 *
 * @typedef {object} Package
 * @property {string} id
 * @property {string} name
 * @property {string} version
 * @property {string | null} license
 * @property {string} manifest_path
 * @property {{ kind: string[] }[]} targets
 *
 * @typedef {{ pkg: string, dep_kinds: { kind: string | null }[] }} Dependency
 * @typedef {{ id: string, deps: Dependency[] }} Node
 *
 * @returns {Promise<{ packages: Package[], resolve: { nodes: Node[] } }>}
 */
export async function readMetadata() {
  const help = "cargo must reach crates.io the first time. Try again when it can.";
  return JSON.parse(await run("cargo", METADATA, { quiet: true, help }));
}
