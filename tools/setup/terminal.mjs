// Questions in a terminal.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** The error of a person who has pressed Ctrl-C or Ctrl-D. */
export class Interrupted extends Error {}

export class Terminal {
  /**
   * Asks for a line. Enter alone returns an empty text.
   *
   * @param {string} text
   * @returns {Promise<string>}
   */
  ask(text) {
    return this.#read(`${text}: `, false);
  }

  /**
   * Asks for what nobody may see.
   *
   * @param {string} text
   * @returns {Promise<string>}
   */
  secret(text) {
    return this.#read(`${text} (it is not shown): `, true);
  }

  /**
   * Asks until one of these is chosen, by its number or its name.
   *
   * @param {string} text
   * @param {[name: string, label: string][]} options
   * @param {string | undefined} current what Enter chooses
   */
  async choose(text, options, current) {
    console.log(`\n${text}`);
    for (const [index, [name, label]] of options.entries()) console.log(`  ${index + 1}  ${name}: ${label}`);
    for (;;) {
      const answer = (await this.ask(current ? `Number (Enter: ${current})` : "Number")) || current;
      const chosen = options.find(([name], index) => answer === name || answer === String(index + 1));
      if (chosen) return chosen[0];
      console.log(`  That is none of 1 to ${options.length}.`);
    }
  }

  /**
   * @param {string} text
   * @param {boolean} [isEnterYes]
   */
  async confirm(text, isEnterYes = false) {
    for (;;) {
      const answer = (await this.ask(`${text} (${isEnterYes ? "Enter: yes; or no" : "yes or no"})`)).toLowerCase();
      if (/^y(es)?$/.test(answer) || (isEnterYes && answer === "")) return true;
      if (/^no?$/.test(answer)) return false;
    }
  }

  /**
   * @param {string} prompt
   * @param {boolean} isSecret
   * @returns {Promise<string>}
   */
  #read(prompt, isSecret) {
    // readline echoes by itself, to where nobody looks if it is a secret.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({
      input: process.stdin,
      output: isSecret ? nowhere : process.stdout,
      terminal: true,
      historySize: 0,
    });
    // The terminal echoes nothing from here on. So nobody who sees the question can be too early.
    if (isSecret) {
      process.stdout.write(prompt);
    } else {
      lines.setPrompt(prompt);
      lines.prompt();
    }
    return new Promise((resolve, reject) => {
      lines.once("line", (line) => {
        resolve(line.trim());
        lines.close();
        if (isSecret) process.stdout.write("\n");
      });
      lines.once("SIGINT", () => lines.close());
      lines.once("close", () => reject(new Interrupted()));
    });
  }
}
