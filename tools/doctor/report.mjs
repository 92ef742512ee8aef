// The findings, as a table for people.

import { styleText } from "node:util";

/** @import { Finding } from "./finding.mjs" */

/** @type {Record<Finding["verdict"], { sign: string, colour: "green" | "yellow" | "red" | "gray", word: string }>} */
const VERDICTS = {
  right: { sign: "✓", colour: "green", word: "right" },
  warning: { sign: "!", colour: "yellow", word: "to look at" },
  wrong: { sign: "✗", colour: "red", word: "wrong" },
  skipped: { sign: "·", colour: "gray", word: "not looked at" },
};

/**
 * @param {URL} url
 * @param {Finding[]} findings
 */
export function print(url, findings) {
  const width = Math.max(...findings.map(({ check }) => check.length));
  console.log(`\n${url.origin}\n`);
  for (const { check, verdict, text, todo } of findings) {
    const { sign, colour } = VERDICTS[verdict];
    console.log(`  ${paint(colour, sign)} ${check.padEnd(width)}  ${plain(text)}`);
    if (todo) console.log(`    ${" ".repeat(width)}  → ${plain(todo)}`);
  }
  const counts = Object.entries(VERDICTS).map(([verdict, { word }]) => {
    return [findings.filter((finding) => finding.verdict === verdict).length, word];
  });
  console.log(`\n${counts.flatMap(([count, word]) => (count ? `${count} ${word}` : [])).join(", ")}`);
}

/**
 * styleText leaves the colour out where NO_COLOR is set, or where nobody sees it.
 *
 * @param {"green" | "yellow" | "red" | "gray"} colour
 * @param {string} text
 */
function paint(colour, text) {
  return styleText(colour, text, { stream: process.stdout });
}

/**
 * What a server says must not steer the terminal.
 *
 * @param {string} text
 */
function plain(text) {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "�");
}
