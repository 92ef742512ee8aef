// The bill of materials of a release (CycloneDX 1.6, JSON). It has no time and no random number, so that the same commit
// always makes the same one.

import { NAME } from "./crates.mjs";

/** @import { Crate } from "./crates.mjs" */

/**
 * @param {Crate[]} crates the worker's own among them
 */
export function billOfMaterials(crates) {
  const own = crates.find(({ name }) => name === NAME);
  const others = crates.filter((crate) => crate !== own);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: own && componentOf(own, "application") },
    components: others.map((crate) => componentOf(crate, "library")),
    dependencies: crates.map(({ name, version, needs }) => ({
      ref: purl(`${name}@${version}`),
      dependsOn: needs.map(purl),
    })),
  };
}

/**
 * @param {Crate} crate
 * @param {"application" | "library"} type
 */
function componentOf({ name, version, license, checksum }, type) {
  const id = purl(`${name}@${version}`);
  return {
    type,
    "bom-ref": id,
    name,
    version,
    ...(checksum && { hashes: [{ alg: "SHA-256", content: checksum }] }),
    licenses: [{ expression: license }],
    purl: id,
  };
}

/** @param {string} crate its name and version */
function purl(crate) {
  return `pkg:cargo/${crate}`;
}
