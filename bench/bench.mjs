// `npm run bench`: this worker beside what people would use instead, each in a plain workerd of its
// own, in turns, so that whatever else the machine does falls on all of them.
//
//   --rounds N   instead of 15
//   --quick      two short rounds: whether the bench works, not what it would find
//   --as-built   measures what is in dist/, and leaves out what has to be built for the bench alone
//   --beside F   measures another build of this worker as well: the bundle in the folder F
//   --recorded   measures nothing: prices and judges the figures of bench/results.json anew

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { cargo } from "../scripts/build.mjs";
import { bundle } from "../scripts/bundle.mjs";
import { setUp, setUpNode } from "../scripts/setup.mjs";
import { Failed, ROOT, main, run } from "../scripts/steps.mjs";

const RESULTS = join(ROOT, "bench", "results.json");

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    quick: { type: "boolean", default: false },
    "as-built": { type: "boolean", default: false },
    beside: { type: "string" },
    recorded: { type: "boolean", default: false },
  },
});

function progress(message) {
  console.error(`• ${message}`);
}

await main(async () => {
  // Standard output has the tables alone; what the other scripts say goes where progress goes.
  console.log = console.error;
  if (flags.recorded) await setUpNode();
  else await prepare();
  const results = await judged(flags.recorded ? JSON.parse(readFileSync(RESULTS, "utf8")) : await measured());
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  const { tables } = await import("./report.mjs");
  process.stdout.write(`${tables(results)}\n`);
});

async function prepare() {
  if (!existsSync("/proc/self/stat")) {
    throw new Failed("the bench reads CPU times from /proc", "run it on Linux.");
  }
  await setUp();
  if (!flags["as-built"]) await bundle();
}

async function measured() {
  const folder = mkdtempSync(join(tmpdir(), "concierge-bench-"));
  // However the bench ends.
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return measure(flags.quick ? 2 : Number(flags.rounds), folder);
}

/** Returns the results with the price of each peer, and with the targets. */
async function judged(results) {
  // Only now are the packages sure to be there.
  const { CHATS } = await import("./counts.mjs");
  const { priceOfAMillion } = await import("./prices.mjs");
  const { judge } = await import("./targets.mjs");
  for (const peer of Object.values(results.peers)) {
    const price = (counted) => counted && priceOfAMillion(peer.chatCpu.median, counted, CHATS);
    peer.price = { busy: price(peer.busy), lone: price(peer.lone) };
  }
  return { ...results, targets: judge(results) };
}

async function measure(rounds, folder) {
  const { gzipSize, peersIn } = await import("./peers.mjs");
  const { countPeer } = await import("./counts.mjs");
  const { startUpstream } = await import("./load-children.mjs");
  const { summary } = await import("./statistics.mjs");

  const peers = await peersIn(folder, flags.beside);
  const built = flags["as-built"] ? {} : { calls: await callsOfAChat(), native: await measureNative() };
  const upstream = await startUpstream();
  try {
    progress("Counting object requests and rows, half a minute");
    const counts = await Promise.all(peers.map((peer) => countPeer(peer, upstream, folder)));
    const samples = await takeRounds(rounds, peers, upstream, folder);
    const figures = peers.map(({ name, modules }, i) => {
      const [own, alone] = [samples.peers[name], samples.upstream];
      const of = (figure) => summary(own.map((sample) => sample[figure]));
      const added = (figure) => summary(own.map((sample, round) => sample[figure] - alone[round][figure]));
      const chatCpu = of("chatCpu");
      if (!chatCpu) throw new Error(`no chat of ${name} was measured`);
      return [
        name,
        {
          chatCpu,
          refusalCpu: of("refusalCpu"),
          chatsPerSecond: of("chatsPerSecond"),
          refusalsPerSecond: of("refusalsPerSecond"),
          addedP50: added("p50"),
          addedP99: added("p99"),
          coldStart: summary(samples.cold[name]),
          gzip: gzipSize(modules),
          ...counts[i],
        },
      ];
    });
    const requestsPerSecond = summary(samples.upstream.map((sample) => sample.requestsPerSecond));
    return {
      machine: machine(),
      rounds,
      // Of the machine's CPU, what its host gave to others while chats were measured.
      stolen: summary(
        Object.values(samples.peers)
          .flat()
          .map((sample) => sample.stolen),
      ),
      upstream: { requestsPerSecond },
      peers: Object.fromEntries(figures),
      ...built,
      samples,
    };
  } finally {
    upstream.stop();
  }
}

/** A B C D, A B C D, …: every sample of every peer, and of the upstream alone. */
async function takeRounds(rounds, peers, upstream, folder) {
  const { Alone, Contender, FULL, QUICK, coldStarts } = await import("./rounds.mjs");
  const phases = flags.quick ? QUICK : FULL;
  progress("Starting each peer cold, a few times");
  const cold = await coldStarts(peers, upstream, folder);
  progress("Warming up");
  const alone = new Alone(upstream);
  const contenders = [];
  /** @returns {any[]} */
  const none = () => Array.from({ length: rounds }, () => ({}));
  const samples = { cold, upstream: none(), peers: Object.fromEntries(peers.map(({ name }) => [name, none()])) };
  try {
    for (const peer of peers) contenders.push(await Contender.open(peer, upstream, folder, phases));
    for (const kind of ["chats", "paced", "flood"]) {
      progress(`${rounds} rounds of ${kind}`);
      for (let round = 0; round < rounds; round += 1) {
        Object.assign(samples.upstream[round], await alone[kind]?.(phases));
        for (const [i, { name }] of peers.entries()) {
          Object.assign(samples.peers[name][round], await contenders[i][kind](phases));
        }
        if (kind === "chats") progress(`CPU µs a chat: ${chatCpus(samples.peers, round)}`);
      }
    }
  } finally {
    alone.stop();
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
  return samples;
}

function chatCpus(samples, round) {
  return Object.entries(samples)
    .map(([name, taken]) => `${name} ${taken[round].chatCpu.toFixed(0)}`)
    .join(", ");
}

/** Those of an accepted chat: {worker, object}. */
async function callsOfAChat() {
  progress("Counting the calls from wasm to JavaScript");
  await cargo("build", "--package", "simulator");
  const { countCalls } = await import("./counting.mjs");
  return (await countCalls()).accepted;
}

async function measureNative() {
  progress("Measuring the native core");
  const output = await run("cargo", ["bench", "--quiet", "--bench", "native"], {
    quiet: true,
    help: "the lines above are the compiler's.",
  });
  return JSON.parse(output.slice(output.indexOf("{")));
}

function machine() {
  const version = (command) => execFileSync(command, ["--version"], { encoding: "utf8", cwd: ROOT }).trim();
  const [{ model }] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus().length} × ${model}`,
    rustc: version("rustc"),
    workerd: version("workerd"),
  };
}
