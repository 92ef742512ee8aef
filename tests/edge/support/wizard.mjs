// The wizard in the folder of a release, with a wrangler that deploys nothing.

import { Dialogue } from "./dialogue.mjs";
import { fakeWrangler } from "./fake-wrangler.mjs";
import { openFolder, runTool } from "./tools.mjs";

export const SHOP = ["--storefront", "shop.example.com"];
/** The settings of a machine that has a key must not decide a test. */
const NO_KEY = { CONCIERGE_API_KEY: "", SIGNING_KEY: "", ADMIN_TOKEN: "" };

/**
 * Opens a folder, until the test ends.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} [url] where the worker seems to be after a deployment
 */
export function open(t, url) {
  const release = openFolder();
  t.after(release.close);
  const fake = fakeWrangler(release.folder, url);
  const run = (args, { env = {}, input = "" } = {}) =>
    runTool(release.folder, "setup", args, { env: { ...NO_KEY, ...fake.env, ...env }, input });
  return { ...release, fake, run, toml: () => release.read("wrangler.toml") };
}

/** Starts the wizard before a person. */
export function start(t, { folder, fake }, args = [], env = {}) {
  const command = `'${process.execPath}' tools/setup.mjs ${args.join(" ")}`;
  const dialogue = new Dialogue(command, folder, { ...NO_KEY, ...fake.env, ...env });
  t.after(() => dialogue.close());
  return dialogue;
}

/** The lines of a wrangler.toml that say something. */
export const active = (/** @type {string} */ toml) => toml.split("\n").filter((line) => /^[A-Za-z_]+ = /.test(line));
