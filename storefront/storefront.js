// The page turns the shopper's actions into questions, and answers into bubbles, cards and chips.
// It sets data from the network as text or as a property. It never parses that data as markup.

import { ask, forgetConversation, inConversation, whoAnswers } from "./concierge.js";

const WELCOME = "Hello. Tell me who it is for, the occasion or your budget, and I will suggest a few things.";
const WELCOME_BACK = "Welcome back. We can continue where we left off, or you can start a new conversation above.";

/** @type {Record<string, string>} */
const TROUBLES = {
  unreachable: "We could not reach the concierge. Please check your connection and ask again.",
  prompt_too_long: "That is a little long for one question. Please shorten it.",
  body_too_large: "That is a little long for one question. Please shorten it.",
  upstream_timeout: "The concierge is taking longer than usual. Please ask again.",
  limiter_unavailable: "The concierge is busy right now. Please ask again in a moment.",
  misconfigured_proxy: "The concierge is not set up yet. The worker's log says what is missing.",
  misconfigured_api_key: "The concierge is not set up yet. The worker's log says what is missing.",
};
const TROUBLE = "Something went wrong on our side. Please ask again in a moment.";

const LANGUAGE = document.documentElement.lang;

const url = find(HTMLMetaElement, "meta[name=concierge-url]").content;
const log = find(HTMLElement, "#log");
const composer = find(HTMLElement, "#composer");
const field = find(HTMLInputElement, "#prompt");
const send = find(HTMLButtonElement, "#send");
const quota = find(HTMLElement, "#quota");
const notice = find(HTMLElement, "#notice");
const noticeText = find(HTMLElement, "#notice-text");
const countdown = find(HTMLElement, "#countdown");
const assistant = find(HTMLElement, "#assistant");
const greeting = find(HTMLTemplateElement, "#greeting");
const restart = find(HTMLButtonElement, "#new-conversation");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const touch = matchMedia("(pointer: coarse)");

// --- Questions and their outcomes

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const prompt = field.value.trim();
  if (prompt) void converse(prompt);
});

log.addEventListener("click", ({ target }) => {
  const chip = /** @type {Element} */ (target).closest("button.chip");
  if (chip) void converse(chip.textContent);
});

for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-prompt]"))) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (field.disabled) return;
    field.value = link.dataset.prompt ?? "";
    field.focus();
  });
}

restart.addEventListener("click", () => {
  forgetConversation();
  greet();
  focusField();
});

/** @param {string} prompt */
async function converse(prompt) {
  if (field.disabled) return;
  document.body.dataset.talking = "";
  tell("none", "");
  field.value = "";
  const chips = log.querySelectorAll(".chips");
  const question = turn("You", bubble(prompt, "question", "bubble mine"));
  const waiting = turn("The concierge", dots());
  log.append(question, waiting);
  hold(true);
  restart.disabled = true;
  log.scrollTop = log.scrollHeight;

  const outcome = await ask(url, prompt);

  waiting.remove();
  restart.disabled = false;
  showQuota(outcome.quota);
  if (outcome.kind === "answer") {
    for (const row of chips) row.remove();
    log.append(turn("The concierge", ...answer(outcome.reply)));
    log.scrollTo({ top: question.offsetTop - 20, behavior: calm.matches ? "auto" : "smooth" });
  } else {
    // Put the question back into the field, so that the shopper can ask it again.
    question.remove();
    field.value = prompt;
  }
  if (outcome.kind === "wait") return wait(outcome.seconds);
  if (outcome.kind === "error") {
    const reference = outcome.requestId ? ` (Reference: ${outcome.requestId})` : "";
    tell("error", (TROUBLES[outcome.code ?? ""] ?? TROUBLE) + reference);
  }
  hold(false);
  focusField();
}

/**
 * Disables questions until the wait is over.
 *
 * @param {number} seconds
 */
function wait(seconds) {
  const end = Date.now() + seconds * 1000;
  tell("wait", `One moment, please. The concierge can take your next question in ${inWords(seconds)}.`);
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    countdown.textContent = left > 0 ? onTheClock(left) : "";
    if (left > 0) {
      setTimeout(tick, 250);
      return;
    }
    tell("ready", "Thank you for waiting. You can ask your next question now.");
    hold(false);
    focusField();
  };
  tick();
}

// --- The parts of an answer, in the order that the published contract recommends

/**
 * @typedef {object} Product
 * @property {string} title
 * @property {string} [vendor]
 * @property {number} [price]
 * @property {string} [currency]
 * @property {string} [image]
 * @property {string} [url]
 * @property {boolean} [available]
 *
 * @typedef {object} Reply
 * @property {string} [message]
 * @property {Product[]} [products]
 * @property {string} [follow_up]
 * @property {{ text: string }[]} [refinement_options]
 *
 * @param {Reply} reply
 */
function answer({ message, products, follow_up, refinement_options }) {
  const paragraphs = String(message ?? "")
    .split(/\n\s*\n/)
    .map((text) => text.trim())
    .filter(Boolean);
  const cards = list(products).map(card);
  const chips = list(refinement_options)
    .filter((option) => option?.text)
    .map(chip);
  return [
    ...paragraphs.map((text) => bubble(text)),
    cards.length && make("ul", { className: "products" }, ...cards),
    follow_up && bubble(follow_up, "follow-up"),
    chips.length && make("div", { className: "chips" }, ...chips),
  ];
}

/**
 * @param {string} text
 * @param {string} [testId]
 * @param {string} [className]
 */
function bubble(text, testId = "bubble", className = "bubble") {
  return make("p", { className, testId, textContent: text });
}

/** @param {{ text: string }} option */
function chip({ text }) {
  return make("button", { className: "chip", type: "button", testId: "chip", textContent: text });
}

/** @param {Product} product */
function card({ title, vendor, price, currency, image, url: page, available }) {
  const href = web(page);
  const name = href
    ? make("a", { href, target: "_blank", rel: "noopener", textContent: title })
    : make("span", { textContent: title });
  return make(
    "li",
    { className: "card", testId: "product" },
    picture(web(image), title),
    available === false && make("span", { className: "badge", testId: "sold-out", textContent: "Sold out" }),
    vendor && make("p", { className: "vendor", testId: "vendor", textContent: vendor }),
    make("h3", { testId: "title" }, name),
    make("p", { className: "price", testId: "price", textContent: money(price, currency) }),
  );
}

/**
 * @param {string | null} source
 * @param {string} title
 */
function picture(source, title) {
  const initial = String(title ?? "")
    .trim()
    .charAt(0);
  const placeholder = make("div", { className: "picture", textContent: initial, ariaHidden: "true" });
  if (!source) return placeholder;
  const size = { width: 600, height: 600 };
  const image = make("img", { className: "picture", alt: title, src: source, loading: "lazy", ...size });
  image.addEventListener("error", () => image.replaceWith(placeholder));
  return image;
}

/**
 * @param {unknown} price
 * @param {string} [currency]
 */
function money(price, currency) {
  if (typeof price !== "number") return "Price on request";
  try {
    /** @type {Intl.NumberFormatOptions} */
    const style = { style: "currency", currency: currency ?? "USD", trailingZeroDisplay: "stripIfInteger" };
    return new Intl.NumberFormat(LANGUAGE, style).format(price);
  } catch {
    return `${price} ${currency}`;
  }
}

/**
 * Returns the address if it is an http or https URL, and otherwise null.
 *
 * @param {string} [address]
 */
function web(address) {
  const parsed = address !== undefined && URL.canParse(address) && new URL(address);
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.href : null;
}

// --- The rest of the panel

function greet() {
  const fresh = /** @type {DocumentFragment} */ (greeting.content.cloneNode(true));
  for (const text of fresh.querySelectorAll(".bubble")) text.textContent = inConversation() ? WELCOME_BACK : WELCOME;
  log.replaceChildren(fresh);
  delete document.body.dataset.talking;
  if (notice.dataset.kind !== "wait") tell("none", "");
  hold(field.disabled);
}

/**
 * @param {string} kind
 * @param {string} text
 */
function tell(kind, text) {
  notice.dataset.kind = kind;
  noticeText.textContent = text;
}

/**
 * Disables or enables everything that asks a question.
 *
 * @param {boolean} held
 */
function hold(held) {
  const chips = /** @type {NodeListOf<HTMLButtonElement>} */ (log.querySelectorAll("button.chip"));
  for (const control of [field, send, ...chips]) control.disabled = held;
}

/**
 * Moves the focus back to the question field, unless the shopper has moved it elsewhere. On a touch screen it
 * focuses the log instead, because the field would open the keyboard over the answer.
 */
function focusField() {
  const active = document.activeElement;
  const isInUse = active && active !== document.body && active !== restart && !active.matches(":disabled");
  if (isInUse) return;
  (touch.matches ? log : field).focus({ preventScroll: true });
}

/** @param {import("./concierge.js").Quota} [known] */
function showQuota(known) {
  if (known) quota.textContent = `${known.remaining} of ${known.limit} questions left this ${known.window}`;
}

/**
 * @param {string} who
 * @param {Child[]} parts
 */
function turn(who, ...parts) {
  return make("article", { className: "turn", ariaLabel: who }, ...parts);
}

function dots() {
  const text = make("span", { className: "unseen", textContent: "The concierge is thinking" });
  return make("p", { className: "bubble dots", testId: "waiting" }, text, make("i"), make("i"), make("i"));
}

/** @param {number} seconds */
function inWords(seconds) {
  const spell = (/** @type {number} */ count, /** @type {string} */ unit) =>
    count.toLocaleString(LANGUAGE, { style: "unit", unitDisplay: "long", unit });
  if (seconds < 90) return spell(seconds, "second");
  if (seconds < 5400) return spell(Math.ceil(seconds / 60), "minute");
  return spell(Math.ceil(seconds / 3600), "hour");
}

/** @param {number} seconds */
function onTheClock(seconds) {
  const pair = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${pair(minutes)}:${pair(seconds % 60)}` : `${minutes}:${pair(seconds % 60)}`;
}

/**
 * @template T
 * @param {T[]} [value]
 */
const list = (value) => (Array.isArray(value) ? value : []);

/** @typedef {Node | string | false | 0 | "" | undefined} Child */

/**
 * Creates an element with these properties and children. It skips empty children.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<Omit<HTMLElementTagNameMap[Name], "children">> & { testId?: string }} [properties]
 * @param {Child[]} children
 */
function make(name, { testId, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  if (testId) element.dataset.testid = testId;
  element.append(...children.flatMap((child) => child || []));
  return element;
}

/**
 * Returns the element of the page that a selector finds.
 *
 * @template {Element} Kind
 * @param {new () => Kind} kind
 * @param {string} selector
 */
function find(kind, selector) {
  const element = document.querySelector(selector);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${selector}`);
}

async function introduce() {
  const name = await whoAnswers(url);
  if (name) assistant.textContent = `The assistant is ${name}.`;
}

void introduce();
greet();
if (!touch.matches) field.focus({ preventScroll: true });
