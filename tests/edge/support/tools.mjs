// The folder of a release, as a merchant has it, and the tools in it.

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { releaseConfig } from "../../../scripts/release/config.mjs";
import { ROOT } from "./world.mjs";

/** Makes a folder that has what the tools need of a release. */
export function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), "concierge-tools-"));
  cpSync(join(ROOT, "tools"), join(folder, "tools"), { recursive: true });
  cpSync(join(ROOT, "assets"), join(folder, "assets"), { recursive: true });
  mkdirSync(join(folder, "worker"));
  for (const name of readdirSync(join(ROOT, "dist"))) {
    if (/\.(js|wasm)$/.test(name)) cpSync(join(ROOT, "dist", name), join(folder, "worker", name));
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const scripts = { setup: "node tools/setup.mjs", doctor: "node tools/doctor.mjs" };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", scripts }));
  writeFileSync(join(folder, ".gitignore"), "node_modules/\n.wrangler/\n.dev.vars\n");
  writeFileSync(join(folder, "wrangler.toml"), releaseConfig(readFileSync(join(ROOT, "wrangler.toml"), "utf8")));
  return {
    folder,
    /** @param {string} name */
    read: (name) => readFileSync(join(folder, name), "utf8"),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Runs a tool and waits for its end.
 *
 * @param {string} folder
 * @param {"doctor" | "setup"} name
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string }} [options]
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
export function runTool(folder, name, args, { env = {}, input = "" } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(folder, "tools", `${name}.mjs`), ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data) => (stdout += data));
    child.stderr.on("data", (data) => (stderr += data));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}
