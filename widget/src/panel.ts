// The panel: a conversation in its frame.

import { Chat, type ConciergeError, SESSION, attempt } from "./client.ts";
import { Composer } from "./composer.ts";
import type { Wait } from "./countdown.ts";
import { button, make, slot } from "./dom.ts";
import type { Extras } from "./extras.ts";
import { Frame } from "./frame.ts";
import type { Host } from "./host.ts";
import { Notice } from "./notice.ts";
import type { Refinement, Scene } from "./scene.ts";
import css from "./style.css";
import { ENGLISH, fill, inWords, textsFor } from "./texts.ts";
import { Transcript } from "./transcript.ts";
import { type Json, objects } from "./values.ts";

const TOUCH = matchMedia("(pointer: coarse)");

export class Panel {
  host: Host;
  /** It is hidden where the element is a part of the page. */
  #launcher: HTMLButtonElement;
  scene: Scene = {
    texts: ENGLISH,
    locale: "en",
    hosts: new Set(),
    emit: (name, detail, cancelable = false) =>
      this.host.dispatchEvent(
        new CustomEvent(`concierge:${name}`, { detail, cancelable, bubbles: true, composed: true }),
      ),
    ask: (prompt, refinement) => this.send(prompt, refinement),
    nextPage: async (page) => (await this.client()).nextPage(page),
    fail: (error) => this.#fail(error),
    mention: (words, kind) => this.#notice.mention(words, kind),
    sell: (offer) => this.#equip().then((extras) => extras?.sell(offer)),
    // On a touch screen, the field would open the keyboard over the answer.
    focus: () => (TOUCH.matches ? this.transcript.element : this.#composer.field).focus({ preventScroll: true }),
  };
  #title = make("h2", { className: "title" });
  #reset = button("reset");
  #close = button("close", "×");
  transcript = new Transcript(this.scene);
  #notice = new Notice(this.scene);
  #composer = new Composer(this.scene);
  #frame: Frame;
  #made?: { client: Chat; of: string };
  #asking?: AbortController;
  #watching?: AbortController;
  #isRestored?: boolean;
  #extras?: Promise<Extras | undefined>;
  /** Who the shopper is, once that was asked. */
  token?: string;
  /** How often a conversation was begun anew. */
  begun = 0;
  /** How often this tab had all of them begin anew. */
  resets = 0;
  /** Whether omi.me is told something. Its limits are not the chat's. */
  telling?: boolean;

  constructor(host: Host, launcher: HTMLButtonElement) {
    this.host = host;
    this.#launcher = launcher;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    host.shadowRoot?.adoptedStyleSheets.push(sheet);
    const header = make("div", { className: "header" }, slot("header"), this.#title, this.#reset, this.#close);
    const parts = [header, this.transcript.element, this.#notice.element, this.#composer.element, slot("footer")];
    this.#frame = new Frame(launcher, parts);
    this.#close.addEventListener("click", () => this.close());
    this.#reset.addEventListener("click", () => {
      void this.reset();
      this.scene.focus();
    });
    // A page may have removed the element meanwhile.
    if (host.isConnected) this.resume();
  }

  /** Follows the element's attributes and texts. */
  async update() {
    const { language, linkHosts, texts: own } = this.host;
    const [known, spoken] = await textsFor(language);
    // The page may have chosen another language meanwhile.
    if (language !== this.host.language) return;
    const texts = { ...known, ...own };
    const named = linkHosts.toLowerCase().split(/[\s,]+/);
    // A page's language may be no tag that numbers can be written by.
    const locale = attempt(() => Intl.getCanonicalLocales(language)[0]) ?? "en";
    Object.assign(this.scene, { texts, spoken, locale, hosts: new Set([location.host, ...named]) });
    this.#title.textContent = texts.title;
    this.#reset.textContent = texts.reset;
    this.#close.ariaLabel = texts.close;
    const isPart = this.#launcher.hidden;
    this.#close.hidden = isPart;
    this.transcript.relabel();
    this.#composer.relabel();
    this.#frame.become(isPart ? "section" : "dialog", texts.title, spoken);
    void this.#restore();
  }

  /** `isQuiet`: nobody has asked for it, so it takes no focus. */
  open(isQuiet?: boolean) {
    if (this.#frame.open(isQuiet)) this.scene.emit("open");
    if (!isQuiet) this.scene.focus();
  }

  close() {
    this.#frame.close();
  }

  async send(text: string, refinement?: Refinement) {
    // A page may send anything.
    const prompt = `${text ?? ""}`.trim();
    if (!prompt || !this.#isFree) return;
    const asking = new AbortController();
    this.#asking = asking;
    this.#composer.take(prompt);
    const { texts, locale, emit } = this.scene;
    const turn = this.transcript.ask(prompt);
    this.#notice.say(texts.typing, "quiet");
    this.#hold(true);
    void this.#equip();
    emit("message", { role: "user", text: prompt });
    try {
      const client = await this.client();
      const answer: object = await client.ask(prompt, {
        context: { page_url: location.origin + location.pathname, locale },
        refinement,
        signal: asking.signal,
        onDelta: (delta) => turn.grow(delta),
      });
      if (asking !== this.#asking) return;
      turn.answer(answer as Json);
      this.#tell(prompt, answer as Json);
    } catch (error) {
      if (asking !== this.#asking) return;
      turn.withdraw(!this.#composer.giveBack(prompt));
      if (!asking.signal.aborted) this.#fail(error);
    } finally {
      if (asking === this.#asking) {
        this.#asking = undefined;
        this.#hold(!this.#isFree);
      }
    }
  }

  /** Begins a new conversation, in all tabs. */
  async reset() {
    this.begin();
    const client = await this.client();
    client.reset();
    // Its own word comes back later.
    this.resets += 1;
  }

  /** Shows a conversation that begins, here or in another tab. Then a question that is under way is given back. */
  begin(isElsewhere = false) {
    this.#cancel();
    if (!isElsewhere) this.#asking = undefined;
    this.#isRestored = true;
    this.begun += 1;
    this.transcript.greet();
    attempt(() => sessionStorage.removeItem("concierge-said"));
    if (this.#isFree) {
      this.#notice.say("");
      this.#hold(false);
    }
  }

  /** Listens to what happens to the page. */
  resume() {
    this.#watching?.abort();
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const say = (words: string) => this.#isFree && this.#notice.say(words, "error");
    addEventListener("offline", () => say(this.scene.texts.offline), { signal });
    addEventListener("online", () => say(""), { signal });
    this.#frame.watch(signal);
  }

  /** Lets go of everything outside. */
  pause() {
    this.#watching?.abort();
    this.#cancel();
  }

  /** Ends a question that is under way, and the wait for it. */
  #cancel() {
    if (!this.#asking) return;
    this.#asking.abort();
    this.#notice.stop();
  }

  get #isFree(): boolean {
    return !this.#asking && !this.#notice.isCounting;
  }

  /** Loads what a conversation has use for once it has begun. It does without, if the file is missing. */
  #equip() {
    this.#extras ??= import("./extras.ts").then(
      ({ equip }) => equip(this, make),
      () => {
        // The next question tries again.
        this.#extras = undefined;
        return undefined;
      },
    );
    return this.#extras;
  }

  async client(): Promise<Chat> {
    const { url } = this.host;
    let { storage } = this.host;
    if (storage === "local" && "Shopify" in globalThis) {
      // Without the file, nothing is kept beyond the visit.
      storage = await import("./privacy.ts").then(
        ({ storageFor }) => storageFor(),
        () => "",
      );
    }
    const of = `${storage} ${url}`;
    if (this.#made?.of !== of) {
      const token = async () => {
        this.token = await this.host.token?.();
        return this.token;
      };
      const client = new Chat({ url, token, ...(storage && { storage: storage as "session" }) });
      // The client sends a question again after a short wait, and tells each second of it.
      client.addEventListener("limited", (event) => {
        const { seconds } = (event as CustomEvent<{ seconds: number }>).detail;
        if (seconds > 0 && !this.telling && !this.#notice.isCounting)
          this.#limit({ seconds }, this.#asking && "sending");
      });
      this.#made = { client, of };
    }
    return this.#made.client;
  }

  /** Shows what was said before, if a conversation goes on. */
  async #restore() {
    if (this.#isRestored) return;
    this.#isRestored = true;
    try {
      const { shelf } = await this.client();
      await shelf.ready;
      if (shelf.get(SESSION)) await (await this.#equip())?.restore();
    } catch (error) {
      // A shopper is told with the first question.
      console.error("concierge-chat: url?", error);
    }
  }

  #tell(prompt: string, answer: Json) {
    const { texts, emit } = this.scene;
    const products = objects(answer.products);
    this.#notice.say(products.length > 0 ? fill(texts.shown, products.length) : "", "quiet");
    emit("message", { role: "assistant", text: answer.message, answer });
    void this.#equip().then((extras) => extras?.answered(prompt, answer));
    if (products.length > 0) emit("products", { products });
  }

  #fail(error: unknown) {
    // Only the client's errors have a code.
    const { code = "internal", status, requestId, retryAfter: seconds, tier } = error as Partial<ConciergeError>;
    if (status === 429 && seconds) return this.#limit({ seconds, tier, requestId });
    this.scene.emit("error", { code, status, requestId });
    this.#notice.say(inWords(code, this.scene.texts), "error", requestId);
  }

  #limit(
    { seconds, tier, requestId }: { seconds: number; tier?: string; requestId?: string },
    name: Wait["name"] = "wait",
  ) {
    this.scene.emit("limited", { seconds, tier });
    const { typing, ready } = this.scene.texts;
    this.#notice.count(seconds, name, requestId, () => {
      if (this.#asking) return this.#notice.say(typing, "quiet");
      this.#notice.say(ready);
      this.#hold(false);
    });
    this.#hold(true);
  }

  #hold(isHeld: boolean) {
    this.#composer.hold(isHeld);
    this.transcript.hold(isHeld);
  }
}
