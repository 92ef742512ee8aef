// The doctor looks at a certificate as a browser does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, suite, test } from "node:test";

import { FROM, look } from "./support/doctor.mjs";
import { Meddler, certify } from "./support/meddler.mjs";
import { openFolder } from "./support/tools.mjs";
import { openWorld } from "./support/world.mjs";

suite("the doctor, over https", () => {
  let world;
  let release;
  before(async () => {
    world = await openWorld();
    release = openFolder();
  });
  after(async () => {
    release.close();
    await world.close();
  });

  /** Looks at the worker behind such a certificate, which the doctor's Node trusts or not. */
  async function lookBehind(t, name, days, isTrusted) {
    const { key, cert } = certify(release.folder, name, days);
    const meddler = await Meddler.listen(world.url, { key: readFileSync(key), cert: readFileSync(cert) });
    t.after(() => meddler.close());
    return look(release.folder, meddler.url, FROM, isTrusted ? { NODE_EXTRA_CA_CERTS: cert } : {});
  }

  test("finds a certificate good, and counts its days", async (t) => {
    const { code, of } = await lookBehind(t, "localhost", 90, true);
    assert.equal(code, 0);
    assert.match(of("certificate")[0].text, /^It is good for (89|90) more days\.$/);
  });

  test("warns of a certificate that ends soon", async (t) => {
    const { of } = await lookBehind(t, "localhost", 5, true);
    assert.equal(of("certificate")[0].verdict, "warning");
    assert.match(of("certificate")[0].text, /good for [45] more days/);
  });

  test("sees a certificate that a browser refuses", async (t) => {
    for (const [name, isTrusted] of /** @type {const} */ ([
      ["localhost", false],
      ["elsewhere.example", true],
    ])) {
      const { code, findings } = await lookBehind(t, name, 60, isTrusted);
      assert.equal(code, 1);
      assert.equal(findings[0].check, "certificate");
      assert.match(findings[0].text, /^A browser refuses it: /);
    }
  });
});
