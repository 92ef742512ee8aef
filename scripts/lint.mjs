// `npm run lint`: checks the formatting, the lints, the JavaScript's types and the licences. `npm test` begins with it.

import { buildClient } from "./client.mjs";
import { checkLicenses } from "./licenses.mjs";
import { setUp } from "./setup.mjs";
import { isProgram, main, run, say } from "./steps.mjs";

const WASM = ["--target", "wasm32-unknown-unknown"];

/** The folders with a tsconfig.json. Node, the browser and workerd have different globals. */
const TYPED = [".", "admin", "scripts", "src", "storefront", "storefront/server", "tools", "widget"];

if (isProgram(import.meta.url)) {
  await main(async () => {
    await setUp();
    await lint();
  });
}

export async function lint() {
  // Its tests are checked with the types that the build writes.
  await buildClient();
  await lintJavaScript();
  await checkLicenses();
  const help = "Run `rustup component add rustfmt clippy` if they are missing. Then fix what the lines above report.";
  say("Checking the formatting of the Rust");
  await run("cargo", ["fmt", "--all", "--check"], { help: "Run `npm run format`, which formats all files." });
  say("Linting the Rust for this machine and for wasm");
  const deny = ["--", "--deny", "warnings"];
  await run("cargo", ["clippy", "--quiet", "--locked", "--workspace", "--all-targets", ...deny], { help });
  for (const features of ["", "panic-probe"]) {
    const args = ["clippy", "--quiet", "--locked", "--lib", "--features", features, ...WASM, ...deny];
    await run("cargo", args, { help });
  }
}

async function lintJavaScript() {
  say("Checking the formatting, the lints and the types of the JavaScript");
  await Promise.all([
    run("biome", ["format", "."], { quiet: true, help: "Run `npm run format`, which formats all files." }),
    run("biome", ["lint", "--error-on-warnings", "."], { quiet: true, help: "Fix what the lines above report." }),
    ...TYPED.map((folder) =>
      run("tsc", ["--project", folder], {
        quiet: true,
        help: "Fix the types that the lines above report. JSDoc comments declare them (@param, @returns, @type).",
      }),
    ),
  ]);
}
