// The Rust that everything is compiled with. rust-toolchain.toml pins it, and rustup, where it is, is
// asked for it. Another one (of a distribution, or of RUSTUP_TOOLCHAIN or an override of rustup's, which
// are somebody's wish) is used, too, from the oldest version on that Cargo.toml allows, and named.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Failed, ROOT, run, say } from "./steps.mjs";

const TARGET = "wasm32-unknown-unknown";

export async function setUpRust() {
  const pin = readPin(readFileSync(join(ROOT, "rust-toolchain.toml"), "utf8"));
  const oldest = oldestRust(readFileSync(join(ROOT, "Cargo.toml"), "utf8"));
  await installPinned(pin, oldest);
  versionOf("cargo", pin);
  const version = versionOf("rustc", pin);
  const fit = howItFits(version, pin.channel, oldest);
  if (fit === "too old") {
    throw new Failed(
      `Rust ${version} is too old: this project needs ${oldest}, and is tested with ${pin.channel}`,
      "install Rust from https://rustup.rs, open a new terminal and run the same command again.",
    );
  }
  if (fit === "another") say(`Rust ${version} is used; this project is tested with ${pin.channel}`);
  await addTarget();
}

/** What rust-toolchain.toml says. */
export function readPin(text) {
  const value = (name) => JSON.parse(text.match(new RegExp(`^${name} = (.+)$`, "m"))[1]);
  return {
    channel: value("channel"),
    profile: value("profile"),
    components: value("components"),
    targets: value("targets"),
  };
}

export function oldestRust(cargoToml) {
  return cargoToml.match(/^rust-version = "(.+)"$/m)[1];
}

/** Whether a Rust is the `pinned` one, `another` that will do, or `too old`. */
export function howItFits(version, pinned, oldest) {
  if (version === pinned) return "pinned";
  const [major, minor] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = oldest.split(".").map(Number);
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  return isOld ? "too old" : "another";
}

/** Has rustup install the pinned toolchain, also where it is set to install none by itself. */
async function installPinned({ channel, profile, components, targets }, oldest) {
  if (process.env.RUSTUP_TOOLCHAIN) return;
  let installed;
  try {
    installed = execFileSync("rustup", ["toolchain", "list"], { encoding: "utf8" });
  } catch {
    // No rustup: what cargo is, is looked at next.
    return;
  }
  if (installed.split("\n").some((line) => line.startsWith(`${channel}-`))) return;
  say(`Installing Rust ${channel} by rustup, a minute or two`);
  const more = [
    ...components.map((name) => `--component=${name}`),
    ...targets.map((name) => `--target=${name}`),
  ];
  await run("rustup", ["toolchain", "install", channel, `--profile=${profile}`, ...more, "--no-self-update"], {
    help:
      "rustup must reach static.rust-lang.org; then run the same command again. Or set RUSTUP_TOOLCHAIN to a " +
      `toolchain that \`rustup toolchain list\` has, ${oldest} or newer.`,
  });
}

/** The version that this command says it has, such as `1.95.0` or `1.97.0-nightly`. */
function versionOf(command, { channel }) {
  const options = { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  try {
    return execFileSync(command, ["--version"], options).split(" ")[1].trim();
  } catch (error) {
    if (error.code === "ENOENT") {
      throw new Failed(
        `${command} is not to be found`,
        "install Rust from https://rustup.rs, open a new terminal and run the same command again.",
      );
    }
    const [why] = (error.stderr || error.message).split("\n");
    const help = process.env.RUSTUP_TOOLCHAIN
      ? `unset RUSTUP_TOOLCHAIN (${process.env.RUSTUP_TOOLCHAIN}): Rust ${channel} is then used.`
      : "`rustup show` tells which toolchain is asked for, and by what.";
    throw new Failed(`${command} --version: ${why}`, help);
  }
}

async function addTarget() {
  const options = { cwd: ROOT, encoding: "utf8" };
  const sysroot = execFileSync("rustc", ["--print", "sysroot"], options).trim();
  if (existsSync(join(sysroot, "lib", "rustlib", TARGET))) return;
  say(`Adding the Rust target ${TARGET}`);
  await run("rustup", ["target", "add", TARGET], {
    help: `without rustup, install the ${TARGET} standard library of your Rust by hand.`,
  });
}
