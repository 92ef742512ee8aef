// A storefront page: it keeps its conversation and mostly its pass, and tells how each chat ended.

import { setTimeout as sleep } from "node:timers/promises";

import { eventsOf } from "../edge/support/events.mjs";
import { ORIGIN, PATH } from "../edge/support/world.mjs";
import { apiOf } from "./contracts.mjs";
import { postAndLeave } from "./leaver.mjs";

/** An answer that has not come by then never comes. */
const LOST_MS = 90_000;

/** The budget in a prompt, which the simulator's answer repeats. */
const amount = (n) => `$${1_000 + n}`;

export class Page {
  #stage;
  #contract;
  #seed;
  #address;
  /**
   * A page that is not greedy waits for one answer before it asks again.
   *
   * @type {Promise<unknown>}
   */
  #turn = Promise.resolve();
  pass;
  session;

  constructor(stage, contract, seed, { id, address, greedy, keepsPass }) {
    this.#stage = stage;
    this.#contract = contract;
    this.#seed = seed;
    this.id = id;
    this.greedy = greedy;
    this.keepsPass = keepsPass;
    this.#address = address;
  }

  /** Chats as planned; what became of it comes back, and never an error. */
  chat(planned) {
    const ready = this.greedy ? Promise.resolve() : this.#turn;
    const done = ready.then(() => this.#chat(planned));
    this.#turn = done;
    return done;
  }

  async #chat(planned) {
    const { n, fault, byEvents = false } = planned;
    const prompt = `chaos ${this.#seed}: a gift for my mom under ${amount(n)}`;
    if (fault && planned.strikes) await this.#stage.order(this.#order(planned, prompt));
    await this.#stage.up;
    const life = this.#stage.life;
    /** @type {any} */
    const chat = { n, page: this.id, greedy: this.greedy, prompt, fault, byEvents, sent: this.session, life };
    chat.startedAt = Date.now();
    this.#stage.setOut();
    try {
      if (planned.leavesAfter) await this.#leave(chat, planned.leavesAfter);
      else await this.#exchange(chat);
    } catch (error) {
      const killed = this.#stage.lives[life].killedAt !== undefined;
      chat.end = killed ? "killed" : "lost";
      const { cause } = /** @type {{ cause?: Error }} */ (error);
      chat.error = `${cause?.message ?? error}`;
    }
    this.#stage.arrived();
    chat.endedAt = Date.now();
    return chat;
  }

  /** The fault of a chat that cannot ask for it itself. What carries no message meets the fault in any chat. */
  #order({ fault, strikes: endpoint }, text) {
    return endpoint === apiOf(this.#contract).chat ? { fault, endpoint, text } : { fault, endpoint, times: 1 };
  }

  async #leave(chat, ms) {
    const { headers, body } = this.#request(chat);
    await postAndLeave(this.#stage.url + PATH, headers, body, ms);
    chat.end = "left";
  }

  #request({ prompt, fault, byEvents, sent }) {
    const body = { prompt };
    if (sent) body.session_id = sent;
    if (fault && this.#contract.strikes.length === 0) body.context = { simulator_fault: fault };
    const headers = {
      accept: byEvents ? "text/event-stream, application/json" : "*/*",
      origin: ORIGIN,
      "cf-connecting-ip": this.#address,
      "content-type": "application/json",
      // The local proxy before workerd would hold back what it compresses.
      "accept-encoding": "identity",
    };
    if (this.pass) headers["shopper-pass"] = this.pass;
    return { method: "POST", headers, body: JSON.stringify(body) };
  }

  async #exchange(chat) {
    const response = await fetch(this.#stage.url + PATH, {
      ...this.#request(chat),
      signal: AbortSignal.timeout(LOST_MS),
    });
    chat.status = response.status;
    chat.requestId = response.headers.get("x-request-id");
    chat.remaining = numberOf(response.headers.get("x-ratelimit-remaining"));
    chat.retryAfter = numberOf(response.headers.get("retry-after"));
    chat.readable = response.headers.get("access-control-allow-origin") === ORIGIN;
    const pass = response.headers.get("shopper-pass");
    if (pass && this.keepsPass) this.pass = pass;
    const text = await response.text();
    const type = response.headers.get("content-type");
    const read = chat.byEvents ? readEvents : readAnswer;
    Object.assign(chat, response.ok ? read(text, type, this.#contract) : readRefusal(text, chat.status));
    if (chat.end !== "answered") return;
    chat.own = chat.message.includes(`up to ${amount(chat.n)}.`);
    this.session = chat.session;
  }
}

function numberOf(text) {
  return text === null ? undefined : Number(text);
}

function readAnswer(text, type) {
  if (type !== "text/event-stream") return answered(text);
  const events = text
    .split("\n\n")
    .map((event) => event.trim())
    .filter(Boolean);
  const [, name, data] = events.at(-1)?.match(/^event: (\w+)\ndata: (.*)$/) ?? [];
  if (name === "done") return answered(data);
  const isTold = name === "error" && readRefusal(data, 502).end === "refused";
  return { end: isTold ? "cut" : "malformed", error: text.slice(-200) };
}

/**
 * Reads an answer that was asked for by events. It ends with the only event that is an answer or an error.
 *
 * The worker passes on a stream of the assistant that speaks the page's contract as it is, as long as it goes well. Its
 * last event has the name that the assistant gave it.
 */
function readEvents(text, type, { passesOn }) {
  const events = type === "text/event-stream" ? eventsOf(text) : [];
  const last = events.at(-1);
  if (passesOn && last?.name === "done") return { ...readAnswer(text, type), streamed: true };
  const ends = events.filter(({ name }) => name === "answer" || name === "error");
  if (ends.length !== 1 || ends[0] !== last) return { end: "malformed", error: `${type}: ${text.slice(-200)}` };
  const said = events.filter(({ name }) => name === "delta").map(({ data }) => parsed(data)?.text);
  if (last.name === "answer") return { ...answered(last.data), said: said.join("") };
  const isTold = readRefusal(last.data, 502).end === "refused";
  return { end: isTold ? "cut" : "malformed", error: last.data };
}

function answered(text) {
  const json = parsed(text);
  const isAnswer = typeof json?.session_id === "string" && typeof json.message === "string";
  if (!isAnswer) return { end: "malformed", error: text.slice(0, 200) };
  return { end: "answered", session: json.session_id, message: json.message };
}

function readRefusal(text, status) {
  const { error, message, request_id: id, tier } = parsed(text) ?? {};
  const isEnvelope = [error, message, id].every((field) => typeof field === "string") && status >= 400;
  return isEnvelope ? { end: "refused", code: error, tier } : { end: "malformed", error: text.slice(0, 200) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Waits for the planned moment of an act, which began then. */
export function moment(began, at) {
  return sleep(Math.max(0, began + at - Date.now()));
}
