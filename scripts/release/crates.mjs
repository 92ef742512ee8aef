// The crates whose code is in the worker's wasm.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { readMetadata } from "../metadata.mjs";
import { ROOT } from "../steps.mjs";

/** The worker's own crate. */
export const NAME = "concierge-proxy";

/**
 * @typedef {object} Crate
 * @property {string} name
 * @property {string} version
 * @property {string} license an SPDX expression
 * @property {string} folder where its source is on this machine
 * @property {string | undefined} checksum the SHA-256 of what crates.io serves, as in Cargo.lock
 * @property {string[]} needs the linked crates that it depends on, each by name and version
 */

/**
 * Lists the crates that are linked in, by name, the worker's own among them. What only runs while they are compiled is
 * left out.
 *
 * @returns {Promise<Crate[]>}
 */
export async function linkedCrates() {
  const metadata = await readMetadata();
  const packages = new Map(metadata.packages.map((it) => [it.id, it]));
  const nodes = new Map(metadata.resolve.nodes.map((it) => [it.id, it]));
  const checksums = readChecksums();
  /** @type {Map<string, Crate>} */
  const found = new Map();
  const visit = (/** @type {typeof metadata.packages[number]} */ it) => {
    if (found.has(it.id)) return;
    const { name, version, license, manifest_path: manifest } = it;
    const needed = (nodes.get(it.id)?.deps ?? [])
      .filter(({ dep_kinds: kinds }) => kinds.some(({ kind }) => kind === null))
      .flatMap(({ pkg }) => packages.get(pkg) ?? [])
      // A macro runs in the compiler.
      .filter(({ targets }) => !targets.some(({ kind }) => kind.includes("proc-macro")));
    found.set(it.id, {
      name,
      version,
      license: (license ?? "NOASSERTION").replace("/", " OR "),
      folder: dirname(manifest),
      checksum: checksums.get(`${name} ${version}`),
      needs: needed.map((crate) => `${crate.name}@${crate.version}`).sort(),
    });
    needed.forEach(visit);
  };
  metadata.packages.filter(({ name }) => name === NAME).forEach(visit);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @returns {Map<string, string>} by name and version */
function readChecksums() {
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  const entries = lock.matchAll(/^name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"$/gm);
  return new Map([...entries].map(([, name, version, checksum]) => [`${name} ${version}`, checksum]));
}
