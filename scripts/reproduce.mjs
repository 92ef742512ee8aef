// `npm run reproduce`: builds the release of the last commit twice, here and from a clone in another folder with nothing
// compiled yet, and fails if a single byte differs. It takes several minutes.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundle } from "./bundle.mjs";
import { RELEASE, release } from "./release.mjs";
import { setUp } from "./setup.mjs";
import { Failed, ROOT, main, run, say } from "./steps.mjs";

await main(async () => {
  await setUp();
  const changes = await run("git", ["status", "--porcelain"], { quiet: true });
  if (changes !== "") throw new Failed("There are changes that are not committed", "Commit them, or put them aside.");
  await bundle();
  await release();
  const here = sums(RELEASE);
  const place = mkdtempSync(join(tmpdir(), "reproduce-"));
  try {
    say("Building the same commit from a clone");
    const clone = join(place, "clone");
    await run("git", ["clone", "--quiet", ROOT, clone], { quiet: true });
    await run("node", [join(clone, "scripts", "release.mjs")]);
    const there = sums(join(clone, "release"));
    const differ = here.filter((line) => !there.includes(line));
    if (differ.length > 0 || here.length !== there.length) {
      const names = differ.map((line) => line.slice(66)).join(", ");
      throw new Failed(`These files differ: ${names}`, "Look for a path, a time or an order that the build lets in.");
    }
    say(`${here.length} files are the same, byte by byte`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

/** @param {string} folder */
function sums(folder) {
  return readFileSync(join(folder, "SHA256SUMS"), "utf8").trim().split("\n");
}
