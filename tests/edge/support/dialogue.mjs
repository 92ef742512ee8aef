// A program in a terminal of its own, and a person before it. util-linux's `script` makes the terminal.

import { spawn } from "node:child_process";

/** More than any step takes. */
const PATIENCE_MS = 30_000;

export class Dialogue {
  /**
   * @param {string} command
   * @param {string} cwd
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(command, cwd, env) {
    const args = ["--quiet", "--return", "--command", `exec ${command}`, "/dev/null"];
    this.child = spawn("script", args, { cwd, env: { ...process.env, ...env, TERM: "dumb" }, detached: true });
    /** Everything that stood in the terminal. */
    this.seen = "";
    this.read = 0;
    this.waiting = () => {};
    this.child.stdout.on("data", (data) => {
      this.seen += data;
      this.waiting();
    });
    /** The exit code. */
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  /**
   * Waits until something new stands there.
   *
   * @param {RegExp} form
   */
  async expect(form) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = this.seen.slice(this.read).match(form);
      if (found) {
        this.read += (found.index ?? 0) + found[0].length;
        return;
      }
      const left = end - Date.now();
      if (left <= 0) throw new Error(`${form} did not come:\n${this.seen.slice(this.read)}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }

  /**
   * Waits for a question and answers it.
   *
   * @param {RegExp} question
   * @param {string} text
   */
  async answer(question, text) {
    await this.expect(question);
    this.child.stdin.write(`${text}\r`);
  }

  /** Presses Ctrl-C. */
  interrupt() {
    this.child.stdin.write("\u0003");
  }

  close() {
    if (this.child.exitCode === null && this.child.pid) process.kill(-this.child.pid, "SIGKILL");
  }
}
