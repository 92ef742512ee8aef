// The load: forked, it works off one job at a time and reports what became of it. Two of these
// share each load, so that the generator is not what is measured.

import { Agent, request } from "node:http";

const PATH = "/v1/concierge/chat";
const ORIGIN = "https://shop.example.com";
/** Every so many chats, one comes from a browser that has lost its pass. */
const NEWCOMER_EVERY = 20;

// A first message: the upstream echoes no session id that a page could send back.
const BODY = JSON.stringify({
  prompt: "Birthday gift for my mom, fashion-leaning, budget around $250",
  context: {
    occasion: "birthday",
    recipient: "mother",
    budget_max: 250,
    page_url: "https://www.example.com/pages/gifting-concierge",
  },
});
const HEADERS = {
  host: "concierge.example.com",
  origin: ORIGIN,
  "content-type": "application/json",
  "content-length": Buffer.byteLength(BODY),
  accept: "*/*",
  "accept-language": "en-US,en;q=0.9",
  referer: `${ORIGIN}/`,
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
};

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
/** The shoppers of the peer that is measured: {address, pass}. */
let shoppers = [];
let turn = 0;

const JOBS = { open, seed, closed, paced };

process.on("message", async ({ kind, ...job }) => {
  try {
    tell({ done: await JOBS[kind](job) });
  } catch (error) {
    tell({ failed: /** @type {Error} */ (error).stack });
  }
});
process.on("disconnect", () => process.exit());

/** @param {object} message */
function tell(message) {
  process.send?.(message);
}

/** New browsers: `each` shoppers on every one of the networks from..to. */
function open({ from, to, each }) {
  shoppers = [];
  turn = 0;
  // Neighbours in the list live on different networks.
  for (let i = 0; i < each; i += 1) {
    for (let n = from; n < to; n += 1) shoppers.push({ address: `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}` });
  }
}

/** One chat of every shopper, who is given a pass by it. */
async function seed({ port, concurrency }) {
  const waiting = [...shoppers];
  const tally = new Tally();
  await lanes(concurrency, async () => {
    const shopper = waiting.pop();
    if (shopper) await chat(port, shopper, tally);
    return shopper !== undefined;
  });
  return tally.result();
}

/** Chats back to back for so long or so many: by all shoppers in turn, or by the first alone. */
async function closed({ port, concurrency, ms = Infinity, count = Infinity, alone = false }) {
  const end = performance.now() + ms;
  const tally = new Tally();
  let left = count;
  await lanes(concurrency, async () => {
    if (performance.now() >= end || left <= 0) return false;
    left -= 1;
    await chat(port, alone ? shoppers[0] : next(), tally);
    return true;
  });
  return tally.result();
}

/** Chats at a fixed rate, whether answered or not. */
async function paced({ port, rate, ms }) {
  const tally = new Tally();
  const started = performance.now();
  const under = [];
  for (let i = 0; (i * 1_000) / rate < ms; i += 1) {
    const wait = started + (i * 1_000) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    under.push(chat(port, next(), tally));
  }
  await Promise.all(under);
  return tally.result();
}

function next() {
  const shopper = shoppers[turn % shoppers.length];
  turn += 1;
  // One step on after each round, so that not the same ones lose their passes for ever.
  const round = Math.floor(turn / shoppers.length);
  if ((turn + round) % NEWCOMER_EVERY === 0) shopper.pass = undefined;
  return shopper;
}

async function lanes(concurrency, step) {
  const lane = async () => {
    while (await step());
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

/** @returns {Promise<void>} */
function chat(port, shopper, tally) {
  return new Promise((resolve, reject) => {
    const sent = performance.now();
    const headers = { ...HEADERS, "cf-connecting-ip": shopper.address };
    if (shopper.pass) headers["shopper-pass"] = shopper.pass;
    const options = { host: "127.0.0.1", port, method: "POST", path: PATH, headers, agent };
    const outgoing = request(options, (response) => {
      shopper.pass = response.headers["shopper-pass"] ?? shopper.pass;
      response.resume();
      response.on("error", reject);
      response.on("end", () => {
        tally.add(response.statusCode, performance.now() - sent);
        resolve();
      });
    });
    outgoing.on("error", reject);
    outgoing.end(BODY);
  });
}

class Tally {
  #times = [];
  #statuses = {};

  add(status, ms) {
    this.#times.push(ms);
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
  }

  result() {
    return { times: this.#times, statuses: this.#statuses };
  }
}
