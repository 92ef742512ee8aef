// What will change in a file, line by line.

import { styleText } from "node:util";

/**
 * Returns the lines that go and those that come, in the order of the file.
 *
 * @param {string} before
 * @param {string} after
 */
export function diff(before, after) {
  const [old, now] = [before, after].map((text) => text.split(/\r?\n/));
  // The length of what the ends from here on have in common.
  const common = Array.from({ length: old.length + 1 }, () => new Array(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i][j] = old[i] === now[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines = [];
  for (let i = 0, j = 0; i < old.length || j < now.length; ) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < old.length && common[i + 1][j] >= common[i][j + 1])) {
      lines.push(styleText("red", `- ${old[i++]}`, { stream: process.stdout }));
    } else {
      lines.push(styleText("green", `+ ${now[j++]}`, { stream: process.stdout }));
    }
  }
  return lines;
}
