// A wrangler that deploys nothing. It records what it was given, and keeps the names of the secrets.

import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What stands on the PATH. It stops where FAKE_HANGS says, until it is ended. */
const PROGRAM = `#!/usr/bin/env node
import { appendFileSync, existsSync, readFileSync } from "node:fs";
const { FAKE_FOLDER, FAKE_URL, FAKE_SIGNED_OUT, FAKE_HANGS, FAKE_ACCOUNTS, CLOUDFLARE_ACCOUNT_ID: account } = process.env;
const args = process.argv.slice(2);
const command = args.join(" ");
const secrets = FAKE_FOLDER + "/secrets";
const names = existsSync(secrets) ? readFileSync(secrets, "utf8").split("\\n").filter(Boolean) : [];
let input = null;
if (command.startsWith("secret put")) input = readFileSync(0, "utf8");
appendFileSync(FAKE_FOLDER + "/calls", JSON.stringify({ args, input, account }) + "\\n");
if (FAKE_HANGS && command.startsWith(FAKE_HANGS)) {
  console.log("hanging");
  setInterval(() => {}, 1_000);
} else if (command.startsWith("whoami")) {
  console.log(JSON.stringify({ loggedIn: !FAKE_SIGNED_OUT, accounts: JSON.parse(FAKE_ACCOUNTS ?? "[]") }));
  process.exitCode = FAKE_SIGNED_OUT ? 1 : 0;
}
else if (command === "secret list") {
  if (names.length > 0) console.log(JSON.stringify(names.map((name) => ({ name, type: "secret_text" }))));
  else {
    console.error(process.env.FAKE_FAULT ?? 'Worker "concierge-proxy" not found.');
    process.exitCode = 1;
  }
} else if (command.startsWith("secret put")) appendFileSync(secrets, args[2] + "\\n");
else if (command === "deploy") console.log("Deployed concierge-proxy triggers\\n  " + FAKE_URL);
`;

/**
 * Puts one into a folder.
 *
 * @param {string} folder
 * @param {string} [url] where the worker seems to be after a deployment
 */
export function fakeWrangler(folder, url = "") {
  const bin = join(folder, "fake");
  mkdirSync(bin);
  writeFileSync(join(bin, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(bin, "wrangler"), PROGRAM);
  chmodSync(join(bin, "wrangler"), 0o755);
  const calls = join(bin, "calls");
  return {
    env: { PATH: bin + delimiter + process.env.PATH, FAKE_FOLDER: bin, FAKE_URL: url },
    /** @returns {{ args: string[], input: string | null, account?: string }[]} */
    calls: () =>
      existsSync(calls)
        ? readFileSync(calls, "utf8")
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        : [],
    /** Has it know a secret already. */
    know: (/** @type {string} */ name) => appendFileSync(join(bin, "secrets"), `${name}\n`),
  };
}
