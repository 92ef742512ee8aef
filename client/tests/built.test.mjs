// What a page loads.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import * as library from "@concierge-proxy/client";

const FILE = fileURLToPath(import.meta.resolve("@concierge-proxy/client"));
const TEXT = readFileSync(FILE, "utf8");

suite("the built library", () => {
  test("has at most 2,500 bytes with gzip", () => {
    const { length } = gzipSync(TEXT, { level: 9 });
    assert.ok(length <= 2_500, `${length} bytes`);
  });

  test("is one file that needs no other", () => {
    assert.doesNotMatch(TEXT, /\bimport\b/);
    assert.deepEqual(Object.keys(library).sort(), ["Concierge", "ConciergeError"]);
  });

  test("lets a program end that has made a client and has not used it", () => {
    const program = `
      globalThis.sessionStorage = { getItem: () => null };
      const { Concierge } = await import(${JSON.stringify(FILE)});
      new Concierge({ url: "https://concierge.example.com" });
    `;
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], { timeout: 10_000 });
  });
});
