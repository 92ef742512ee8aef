// Those that are measured: what is uploaded of each, under which settings it runs, which objects it
// has, and whether it ever refuses.

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

import { ROOT, run } from "../scripts/steps.mjs";

export const PASS_THROUGH = "pass-through";
export const ONE_CALL = "and one object call";
export const USUAL_WAY = "the usual way";
export const BEST_JAVASCRIPT = "the best JavaScript";
export const THIS_WORKER = "this worker";
export const WITH_ADMIN = "this worker, with /admin";
export const OTHER_BUILD = "this worker, the other build";

/** Three windows, so wide that only the flood meets them; equal, so that no clock opens one. */
export const LIMITS = limits("500/minute, 500/hour, 500/day", "1500/minute, 1500/hour, 1500/day");
/** As many chats as a network may have: after these, each peer refuses the flood. */
export const FLOOD_STARTS_AFTER = 1_500;

const TYPES = { ".js": "esModule", ".wasm": "wasm" };

/** All settings of the limits: the shopper's, and the network's, which newcomers have as well. */
export function limits(shopper, network) {
  return { SHOPPER_LIMITS: shopper, NEWCOMER_LIMITS: network, NETWORK_LIMITS: network };
}

/**
 * The peers, each with its modules in a folder of their own; dist/ may change meanwhile. Another build
 * of this worker is one of them where its folder is given.
 */
export async function peersIn(folder, otherBuild) {
  const limiter = { objects: ["Limiter"], refuses: true };
  const counted = {
    objects: ["Limiter", "Usage"],
    refuses: true,
    vars: { ADMIN_TOKEN: randomBytes(32).toString("hex") },
  };
  const modules = deployed(join(ROOT, "dist"), join(folder, "this-worker"));
  const others = otherBuild
    ? [{ name: OTHER_BUILD, modules: deployed(otherBuild, join(folder, "other-build")), ...limiter }]
    : [];
  return [
    { name: PASS_THROUGH, modules: await bundled("pass-through", folder), objects: [], refuses: false },
    { name: ONE_CALL, modules: await bundled("one-call", folder), objects: ["Limiter"], refuses: false },
    { name: USUAL_WAY, modules: await bundled("usual-way", folder), ...limiter },
    { name: BEST_JAVASCRIPT, modules: await bundled("best-javascript", folder), ...limiter },
    ...others,
    { name: WITH_ADMIN, modules, ...counted },
    { name: THIS_WORKER, modules, ...limiter },
  ];
}

/** The settings of every peer; pass-through has no use for most of them. */
export function settings(upstreamPort, limits) {
  return {
    CONCIERGE_BASE_URL: `http://127.0.0.1:${upstreamPort}/v1`,
    CONCIERGE_API_KEY: `ak_concierge_${randomBytes(24).toString("hex")}`,
    ALLOWED_ORIGINS: "https://shop.example.com, https://www.example.com",
    ...limits,
  };
}

/** The bytes that are uploaded, packed. */
export function gzipSize(modules) {
  return modules.reduce((sum, { path }) => sum + gzipSync(readFileSync(path), { level: 9 }).length, 0);
}

/** Bundles a module as wrangler does. */
async function bundle(from, to) {
  await run(
    "esbuild",
    [from, "--bundle", "--minify", "--format=esm", "--target=esnext", "--external:cloudflare:*", `--outfile=${to}`],
    { quiet: true, help: "`npm ci` installs esbuild with wrangler." },
  );
}

async function bundled(name, folder) {
  const path = join(folder, name, `${name}.js`);
  await bundle(join(ROOT, "bench", "peers", `${name}.js`), path);
  return [{ name: `${name}.js`, type: "esModule", path }];
}

function deployed(from, to) {
  mkdirSync(to);
  const names = readdirSync(from).filter((name) => TYPES[extname(name)]);
  names.sort((a, b) => Number(b === "shim.js") - Number(a === "shim.js"));
  return names.map((name) => {
    const path = join(to, name);
    writeFileSync(path, readFileSync(join(from, name)));
    return { name, type: TYPES[extname(name)], path };
  });
}
