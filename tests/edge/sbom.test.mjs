// The bill of materials of a release is what the CycloneDX schema asks for.

import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

import { linkedCrates } from "../../scripts/release/crates.mjs";
import { billOfMaterials } from "../../scripts/release/sbom.mjs";

suite("the bill of materials", () => {
  /** @type {Awaited<ReturnType<typeof linkedCrates>>} */
  let crates;
  before(async () => {
    crates = await linkedCrates();
  });

  /** Returns what the schema of its version objects to. */
  const faultsOf = async (bill) => {
    assert.equal(bill.specVersion, "1.6");
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    return JSON.stringify(await validator.validate(JSON.stringify(bill)));
  };

  test("is valid CycloneDX 1.6, with every crate", async () => {
    const bill = billOfMaterials(crates);
    assert.equal(await faultsOf(bill), "null");
    assert.equal(bill.components.length, crates.length - 1);
  });

  test("would be found wrong with any of these faults", async () => {
    for (const [fault, where] of /** @type {[object, RegExp][]} */ ([
      [{ components: [{ type: "crate", name: "a" }] }, /"\/components\/0\/type"/],
      [{ components: [{ type: "library" }] }, /must have required property 'name'/],
      [
        { components: [{ type: "library", name: "a", hashes: [{ alg: "SHA-256", content: "0" }] }] },
        /hashes\/0\/content"/,
      ],
      [{ components: [{ type: "library", name: "a", licence: "MIT" }] }, /must NOT have additional properties/],
      [{ dependencies: [{ dependsOn: [] }] }, /must have required property 'ref'/],
      [{ version: 0 }, /"\/version"/],
    ])) {
      assert.match(await faultsOf({ ...billOfMaterials(crates), ...fault }), where);
    }
  });
});
