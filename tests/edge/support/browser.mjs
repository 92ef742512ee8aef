// The browser of the tests: Debian's Chromium, or the one that CHROMIUM is the path of.

import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** The same browser without windows. It takes half of the time, and has no back-forward cache. */
const SHELL = "/usr/bin/chromium-headless-shell";

/** Why there is no browser, or false. */
export const MISSING = existsSync(CHROMIUM)
  ? false
  : `there is no Chromium at ${CHROMIUM}; install Debian's chromium or set CHROMIUM`;

/** @param {import("playwright-core").LaunchOptions & { isWhole?: boolean }} [options] `isWhole`: with all its parts */
export function launch({ isWhole = false, ...options } = {}) {
  const suffices = !isWhole && process.env.CHROMIUM === undefined && existsSync(SHELL);
  const args = ["--no-sandbox", "--disable-background-networking"];
  return chromium.launch({ executablePath: suffices ? SHELL : CHROMIUM, args, ...options });
}
