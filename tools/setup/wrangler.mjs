// wrangler, as the wizard calls it. A secret reaches it by its standard input alone.

import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

import { ROOT } from "../folder.mjs";

/**
 * @param {string[]} args
 * @param {{ input?: string, show?: boolean }} [options] `input`: what it reads; without it, it has the terminal
 * @returns {Promise<{ code: number, output: string, errors: string }>} `errors`: only of what is not shown
 */
export function wrangler(args, { input, show = true } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn("wrangler", args, {
      cwd: ROOT,
      // npm puts it on the PATH. Who starts the wizard otherwise finds it here.
      env: { ...process.env, PATH: [process.env.PATH, join(ROOT, "node_modules", ".bin")].join(delimiter) },
      stdio: [input === undefined ? "inherit" : "pipe", "pipe", show ? "inherit" : "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    let errors = "";
    child.stdout?.on("data", (data) => {
      output += data;
      if (show) process.stdout.write(data);
    });
    child.stderr?.on("data", (data) => {
      errors += data;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output, errors }));
    // It may end without having read.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}
