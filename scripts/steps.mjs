// The steps that the scripts share. Each step prints what it does. A failed step prints what to do about it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The error of a failed step. `help` says what to do about it. */
export class Failed extends Error {
  /**
   * @param {string} message
   * @param {string} [help]
   */
  constructor(message, help) {
    super(message);
    this.help = help;
  }
}

/** @param {string} message */
export function say(message) {
  console.log(`• ${message}`);
}

/**
 * Runs a command and waits for it to exit. Its output goes to ours, unless `quiet` is set.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ help?: string, quiet?: boolean, env?: NodeJS.ProcessEnv }} [options] `help`: what to do if it fails
 * @returns {Promise<string>}
 */
export function run(command, args, { help, quiet = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
    });
    let output = "";
    child.stdout?.on("data", (data) => (output += data));
    child.stderr?.on("data", (data) => (output += data));
    const fail = (/** @type {string} */ what) => {
      if (output) console.error(output);
      reject(new Failed(`${command} ${args.join(" ")}: ${what}`, help));
    };
    child.on("error", (error) => fail(error.message));
    child.on("exit", (code, signal) => {
      if (code === 0) resolve(output);
      else fail(signal ? `killed by ${signal}` : `exit code ${code}`);
    });
  });
}

/**
 * Runs a program in our place. It gets the terminal and the signals, and we exit with its exit code.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
export async function runInstead(command, args) {
  const child = spawn(command, args, { stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => child.kill(signal));
  whenOrphaned(() => child.kill("SIGTERM"));
  const [code] = await once(child, "exit");
  process.exit(code ?? 1);
}

/**
 * Returns whether Node was started with this module. An imported module returns false.
 *
 * @param {string} url
 */
export function isProgram(url) {
  const [, program] = process.argv;
  return program !== undefined && realpathSync(program) === fileURLToPath(url);
}

/**
 * Calls back when the parent process is gone. npm does not pass on a signal that ends it.
 *
 * @param {() => void} callback
 */
export function whenOrphaned(callback) {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || callback(), 500).unref();
}

/**
 * Runs a whole program. Prints its failure and what to do about it.
 *
 * @param {() => Promise<void>} program
 */
export async function main(program) {
  try {
    await program();
  } catch (error) {
    const { message, stack, help } = /** @type {Partial<Failed>} */ (error);
    console.error(`\n✗ ${error instanceof Failed ? message : (stack ?? error)}`);
    if (help) console.error(`  What to do: ${help}`);
    process.exitCode = 1;
  }
}
