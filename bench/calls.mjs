// `npm run calls`: how often the wasm calls JavaScript for one chat, in the fetch event and in the
// object. The number is the same on every run and every machine.

import { readFileSync } from "node:fs";

import { build, cargo } from "../scripts/build.mjs";
import { setUp } from "../scripts/setup.mjs";
import { main, say } from "../scripts/steps.mjs";

/** Chats before counting, so that the settings are read and the object is awake. */
const WARM_UP = 3;
const CHATS = 10;

const IMPORTS = "__wbg_get_imports())";
const COUNTED_IMPORTS = `((imports) => {
  globalThis.boundaryCalls = 0;
  for (const module of Object.values(imports)) {
    for (const [name, call] of Object.entries(module)) {
      if (typeof call !== "function") continue;
      module[name] = (...args) => {
        globalThis.boundaryCalls += 1;
        return call(...args);
      };
    }
  }
  return imports;
})(__wbg_get_imports()))`;

await main(async () => {
  await setUp();
  await Promise.all([build(), cargo("build", "--package", "simulator")]);
  // Only now are the packages sure to be there.
  const { esModule, modulesIn, openWorld } = await import("../tests/edge/support/world.mjs");
  const modules = () => [
    esModule("bench/counting-worker.js"),
    ...modulesIn("build", "shim.js").map(counting),
  ];
  const world = await openWorld({ modules, vars: { SHOPPER_LIMITS: "100/day" } });
  try {
    const caller = world.caller();
    const first = await caller.chat({ prompt: "warm up" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    const chat = () => caller.chat({ prompt: "A gift for my mother" }, pass).then((r) => r.text());
    const calls = async () => (await fetch(`${world.url.origin}/calls`)).json();
    for (let i = 0; i < WARM_UP; i += 1) await chat();
    const before = await calls();
    for (let i = 0; i < CHATS; i += 1) await chat();
    const after = await calls();
    const each = (side) => (after[side] - before[side]) / CHATS;
    say(`calls from wasm to JavaScript, an accepted chat: ${each("worker")} in the worker, ${each("object")} in the object`);
  } finally {
    await world.close();
  }
});

/** The module with its wasm imports counted, where it is the one that has them. */
function counting(module) {
  if (!module.path.endsWith("index.js")) return module;
  const code = readFileSync(module.path, "utf8");
  if (!code.includes(IMPORTS)) throw new Error(`${module.path} has no ${IMPORTS}`);
  return { ...module, contents: code.replaceAll(IMPORTS, COUNTED_IMPORTS) };
}
