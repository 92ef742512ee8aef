// The unbundled worker with its calls from wasm to JavaScript counted. The median of some requests is the same on every
// run and every machine. On a busy one, a request may take a call more, such as a body that arrives in two pieces.

import { readFileSync } from "node:fs";

import { esModule, modulesIn, openWorld } from "../tests/edge/support/world.mjs";

/** Requests before counting, so that the settings are read and the object is awake. */
const WARM_UP = 3;
const REQUESTS = 10;

const IMPORTS = "__wbg_get_imports())";
const COUNTED_IMPORTS = `((imports) => {
  globalThis.boundaryCalls = 0;
  const counted = (call) => (...args) => {
    globalThis.boundaryCalls += 1;
    return call(...args);
  };
  const inModule = ([name, value]) => [name, typeof value === "function" ? counted(value) : value];
  const modules = Object.entries(imports);
  return Object.fromEntries(modules.map(([name, module]) => [name, Object.fromEntries(Object.entries(module).map(inModule))]));
})(__wbg_get_imports()))`;

/** The calls of one accepted chat and of one refused one, each in the worker and in the object. */
export async function countCalls() {
  return { accepted: await count("20000/day", 200), refused: await count("1/day", 429) };
}

async function count(limits, status) {
  const modules = () => [esModule("bench/counting-worker.js"), ...modulesIn("build", "shim.js").map(counting)];
  const world = await openWorld({ modules, vars: { SHOPPER_LIMITS: limits } });
  try {
    const caller = world.caller();
    const first = await caller.chat({ prompt: "warm up" });
    const pass = { "shopper-pass": first.headers.get("shopper-pass") };
    const chat = async () => {
      const response = await caller.chat({ prompt: "A gift for my mother" }, pass);
      if (response.status !== status) throw new Error(`${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    };
    /** @returns {Promise<any>} */
    const calls = async () => (await fetch(`${world.url.origin}/calls`)).json();
    for (let i = 0; i < WARM_UP; i += 1) await chat();
    const counts = [await calls()];
    for (let i = 0; i < REQUESTS; i += 1) {
      await chat();
      counts.push(await calls());
    }
    const each = (side) => median(counts.slice(1).map((count, i) => count[side] - counts[i][side]));
    return { worker: each("worker"), object: each("object") };
  } finally {
    await world.close();
  }
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

/** The module with its wasm imports counted, where it is the one that has them. */
function counting(module) {
  if (!module.path.endsWith("index.js")) return module;
  const code = readFileSync(module.path, "utf8");
  if (!code.includes(IMPORTS)) throw new Error(`${module.path} has no ${IMPORTS}`);
  return { ...module, contents: code.replaceAll(IMPORTS, COUNTED_IMPORTS) };
}
