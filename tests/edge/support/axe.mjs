// axe-core in a page of a test.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Fails if axe finds something in the page.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} when what state the page is in
 */
export async function hasNoViolations(page, when) {
  await page.evaluate(AXE);
  const options = { runOnly: RULES, resultTypes: ["violations"] };
  const { violations } = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => [...target, failureSummary])}`,
  );
  assert.deepEqual(found, [], when);
}
