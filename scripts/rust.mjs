// Finds or installs the Rust that compiles everything. rust-toolchain.toml pins a version, and rustup
// installs it if it is missing. Another Rust is accepted if it is at least the oldest version that
// Cargo.toml allows: one from a distribution, from RUSTUP_TOOLCHAIN, or from a rustup override. The
// script then prints its version.

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
      `Rust ${version} is too old. This project needs ${oldest} or newer and is tested with ${pin.channel}`,
      "Install Rust from https://rustup.rs, open a new terminal and run the same command again.",
    );
  }
  if (fit === "another") say(`Using Rust ${version}. This project is tested with ${pin.channel}`);
  await addTarget();
}

/**
 * @typedef {object} Pin
 * @property {string} channel
 * @property {string} profile
 * @property {string[]} components
 * @property {string[]} targets
 */

/**
 * Reads rust-toolchain.toml.
 *
 * @param {string} text
 * @returns {Pin}
 */
export function readPin(text) {
  const value = (/** @type {string} */ name) => JSON.parse(found(text, new RegExp(`^${name} = (.+)$`, "m")));
  return {
    channel: value("channel"),
    profile: value("profile"),
    components: value("components"),
    targets: value("targets"),
  };
}

/** @param {string} cargoToml */
export function oldestRust(cargoToml) {
  return found(cargoToml, /^rust-version = "(.+)"$/m);
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
function found(text, pattern) {
  const match = text.match(pattern);
  if (match === null) throw new Error(`nothing matches ${pattern}`);
  return match[1];
}

/**
 * Returns `pinned` for the pinned Rust, `another` for one that is also accepted, and otherwise `too old`.
 *
 * @param {string} version
 * @param {string} pinned
 * @param {string} oldest
 * @returns {"pinned" | "another" | "too old"}
 */
export function howItFits(version, pinned, oldest) {
  if (version === pinned) return "pinned";
  const [major, minor] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = oldest.split(".").map(Number);
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  return isOld ? "too old" : "another";
}

/**
 * Installs the pinned toolchain with rustup, even if rustup is set not to install toolchains by itself.
 *
 * @param {Pin} pin
 * @param {string} oldest
 */
async function installPinned({ channel, profile, components, targets }, oldest) {
  if (process.env.RUSTUP_TOOLCHAIN) return;
  let installed;
  try {
    installed = execFileSync("rustup", ["toolchain", "list"], { encoding: "utf8" });
  } catch {
    // Without rustup, the caller checks which cargo there is.
    return;
  }
  if (installed.split("\n").some((line) => line.startsWith(`${channel}-`))) return;
  say(`Installing Rust ${channel} with rustup (a minute or two)`);
  const more = [...components.map((name) => `--component=${name}`), ...targets.map((name) => `--target=${name}`)];
  await run("rustup", ["toolchain", "install", channel, `--profile=${profile}`, ...more, "--no-self-update"], {
    help:
      "rustup needs access to static.rust-lang.org. Run the same command again. Or set RUSTUP_TOOLCHAIN to a " +
      `toolchain from \`rustup toolchain list\`, ${oldest} or newer.`,
  });
}

/**
 * Returns the version that this command reports, such as `1.95.0` or `1.97.0-nightly`.
 *
 * @param {string} command
 * @param {Pin} pin
 */
function versionOf(command, { channel }) {
  try {
    const answer = execFileSync(command, ["--version"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return answer.split(" ")[1].trim();
  } catch (cause) {
    const error = /** @type {Error & { code?: string, stderr?: string }} */ (cause);
    if (error.code === "ENOENT") {
      throw new Failed(
        `${command} was not found`,
        "Install Rust from https://rustup.rs, open a new terminal and run the same command again.",
      );
    }
    const [why] = (error.stderr || error.message).split("\n");
    const help = process.env.RUSTUP_TOOLCHAIN
      ? `Unset RUSTUP_TOOLCHAIN (${process.env.RUSTUP_TOOLCHAIN}) to use Rust ${channel}.`
      : "Run `rustup show` to see which toolchain is selected, and why.";
    throw new Failed(`${command} --version: ${why}`, help);
  }
}

async function addTarget() {
  const sysroot = execFileSync("rustc", ["--print", "sysroot"], { cwd: ROOT, encoding: "utf8" }).trim();
  if (existsSync(join(sysroot, "lib", "rustlib", TARGET))) return;
  say(`Adding the Rust target ${TARGET}`);
  await run("rustup", ["target", "add", TARGET], {
    help: `If you do not use rustup, install the ${TARGET} standard library for your Rust yourself.`,
  });
}
