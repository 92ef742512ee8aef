// `npm run release`: writes the folder release/, from which wrangler deploys the worker without Rust.
//
//   --with-settings   takes your own wrangler.toml along, for a machine of your own

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { ASSETS } from "./assets.mjs";
import { bundle } from "./bundle.mjs";
import { releaseConfig } from "./release/config.mjs";
import { linkedCrates } from "./release/crates.mjs";
import { notices } from "./release/notices.mjs";
import { billOfMaterials } from "./release/sbom.mjs";
import { refuseOwnSettings } from "./release/settings.mjs";
import { setUp } from "./setup.mjs";
import { Failed, ROOT, isProgram, main, say } from "./steps.mjs";

export const RELEASE = join(ROOT, "release");
const SUMS = "SHA256SUMS";

if (isProgram(import.meta.url)) {
  await main(async () => {
    const flags = readFlags(process.argv.slice(2));
    await setUp();
    await bundle();
    await release(flags);
  });
}

/** @param {string[]} args */
export function readFlags(args) {
  try {
    const { values } = parseArgs({ args, options: { "with-settings": { type: "boolean", default: false } } });
    return { withSettings: values["with-settings"] };
  } catch (error) {
    throw new Failed(/** @type {Error} */ (error).message, "npm run release -- [--with-settings]");
  }
}

/**
 * Writes the folder from what has been bundled.
 *
 * @param {{ config?: string, withSettings?: boolean }} [options] `config`: the wrangler.toml; `withSettings`: whether it may
 *   have what is one merchant's alone
 */
export async function release({ config = join(ROOT, "wrangler.toml"), withSettings = false } = {}) {
  if (!withSettings) await refuseOwnSettings(config);
  say("Writing release/");
  rmSync(RELEASE, { recursive: true, force: true });
  mkdirSync(join(RELEASE, "worker"), { recursive: true });
  for (const name of readdirSync(join(ROOT, "dist"))) {
    if (/\.(js|wasm)$/.test(name)) cpSync(join(ROOT, "dist", name), join(RELEASE, "worker", name));
  }
  cpSync(ASSETS, join(RELEASE, "assets"), { recursive: true });
  cpSync(join(ROOT, "tools"), join(RELEASE, "tools"), {
    recursive: true,
    filter: (name) => !name.endsWith("tsconfig.json"),
  });
  cpSync(join(ROOT, "LICENSE"), join(RELEASE, "LICENSE"));
  const crates = await linkedCrates();
  write("wrangler.toml", releaseConfig(readFileSync(config, "utf8")));
  write("package.json", toJson(manifest()));
  write(".gitignore", "node_modules/\n.wrangler/\n.dev.vars\n");
  write(".dev.vars.example", read("scripts/release/dev.vars.example"));
  write("README.md", read("scripts/release/README.md"));
  write("NOTICES.txt", notices(crates));
  write("sbom.cdx.json", toJson(billOfMaterials(crates)));
  write(SUMS, sums());
  say(`release/: ${crates.length - 1} crates are inside`);
}

/** What `npm install` installs in the folder: wrangler, in the version that the tests ran with. */
function manifest() {
  const { name, version, license, devDependencies } = JSON.parse(read("package.json"));
  return {
    name,
    version,
    license,
    private: true,
    type: "module",
    scripts: { setup: "node tools/setup.mjs", doctor: "node tools/doctor.mjs", wrangler: "wrangler" },
    engines: { node: ">=22" },
    devDependencies: { wrangler: devDependencies.wrangler },
    // What Cloudflare's deploy button says beside the fields of its form.
    cloudflare: {
      bindings: {
        CONCIERGE_API_KEY: { description: "The assistant's API key. Leave it empty if your assistant has none." },
        ALLOWED_ORIGINS: {
          description: "The addresses of your shop, such as `https://www.example.com, https://example.com`.",
        },
      },
    },
  };
}

/** Returns the checksums of all files, in the form of `sha256sum`. */
function sums() {
  return readdirSync(RELEASE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== SUMS)
    .map((entry) => join(entry.parentPath, entry.name).slice(RELEASE.length + 1))
    .sort()
    .map(
      (name) =>
        `${createHash("sha256")
          .update(readFileSync(join(RELEASE, name)))
          .digest("hex")}  ${name}\n`,
    )
    .join("");
}

/** @param {string} name */
function read(name) {
  return readFileSync(join(ROOT, name), "utf8");
}

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  writeFileSync(join(RELEASE, name), text);
}

/** @param {object} value */
function toJson(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
