// The part that every page loads: the element, its attributes and the button that opens it. The rest is loaded when
// it is opened for the first time, or at once where the element is a part of the page.

import type { Panel } from "./panel.ts";
import type { Mode, Words } from "./host.ts";
import css from "./loader.css";

/** What the button is called before the rest is there. */
const LAUNCHER = new Map([
  ["de", "Einkaufsberatung"],
  ["fr", "Assistant d’achat"],
  ["es", "Asistente de compras"],
  ["ja", "お買い物アシスタント"],
]);

/** The attributes that are properties as well. */
const MIRRORED = ["url", "link-hosts", "locale", "mode", "storage"];

class ConciergeChat extends HTMLElement {
  static observedAttributes = MIRRORED;

  declare url: string;
  declare linkHosts: string;
  declare locale: string;
  declare mode: Mode;
  declare storage: string;
  declare token?: () => Promise<string | undefined>;
  declare addToCart?: (product: object) => Promise<unknown>;

  #launcher = document.createElement("button");
  #words: Words = {};
  #loading?: Promise<Panel>;
  #panel?: Panel;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    const button = this.#launcher;
    button.className = "launcher";
    button.part = "launcher";
    button.ariaExpanded = "false";
    button.onclick = () => {
      // A failure has been reported by an event.
      if (button.ariaExpanded === "false") this.open().catch(() => {});
      else this.close();
    };
    // What a page puts there replaces the speech bubble.
    const slot = document.createElement("slot");
    slot.name = "launcher";
    slot.append(document.createElement("span"));
    button.append(slot);
    root.append(button);
  }

  connectedCallback() {
    // A page may have set properties before the element was defined. They would hide the accessors.
    const early = this as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(this)) {
      if (name in ConciergeChat.prototype) {
        delete early[name];
        early[name] = value;
      }
    }
    this.#changed();
    this.#panel?.resume();
  }

  disconnectedCallback() {
    this.#panel?.pause();
  }

  attributeChangedCallback() {
    this.#changed();
  }

  /** Texts that replace the element's own. */
  get texts(): Words {
    return this.#words;
  }

  set texts(words: Words) {
    this.#words = words ?? {};
    this.#changed();
  }

  /** The language that the element speaks. */
  get language(): string {
    const near = this.closest<HTMLElement>("[lang]")?.lang;
    return this.locale || near || document.documentElement.lang || navigator.language;
  }

  async open() {
    (await this.#load()).open();
  }

  close() {
    this.#panel?.close();
  }

  /** Opens the element and asks this. */
  async send(text: string) {
    await this.open();
    await this.#panel?.send(text);
  }

  /** Begins a new conversation. */
  async reset() {
    await (await this.#load()).reset();
  }

  #changed() {
    if (!this.isConnected) return;
    const button = this.#launcher;
    const [language] = this.language.toLowerCase().split("-");
    button.ariaLabel = this.#words.launcher ?? LAUNCHER.get(language) ?? "Shopping assistant";
    button.hidden = /^(inline|page)$/.test(this.mode);
    // A visitor who never opens the chat may change their mind about what an earlier visit has left.
    if (this.storage === "local" && "Shopify" in window) import("./privacy.ts").catch(() => {});
    if (this.#panel) void this.#panel.update();
    else this.#wake().catch(() => {});
  }

  /** Loads the rest where it is seen at once: as a part of the page, or because the page before had the chat open. */
  async #wake() {
    // A browser that forbids storage throws.
    if (this.#launcher.hidden || sessionStorage.getItem("concierge-chat")) await this.#load();
  }

  #load(): Promise<Panel> {
    this.#loading ??= this.#fetch();
    return this.#loading;
  }

  async #fetch() {
    try {
      // What was deployed while the page was open has another panel. The second address leads to the newest one.
      // biome-ignore lint/correctness/useImportExtensions: the build leaves it as it is.
      const { Panel } = await import("./panel.ts").catch(() => import("./panel.js"));
      const panel = new Panel(this, this.#launcher);
      this.#panel = panel;
      await panel.update();
      return panel;
    } catch (error) {
      // The next opening tries again.
      this.#loading = undefined;
      this.dispatchEvent(
        new CustomEvent("concierge:error", { detail: { code: "not_loaded" }, bubbles: true, composed: true }),
      );
      throw error;
    }
  }
}

for (const attribute of MIRRORED) {
  // `linkHosts` is the only one with another name.
  Object.defineProperty(ConciergeChat.prototype, attribute.replace("-h", "H"), {
    get(this: HTMLElement) {
      return this.getAttribute(attribute) ?? "";
    },
    set(this: HTMLElement, value: string) {
      this.setAttribute(attribute, value);
    },
  });
}

declare global {
  interface HTMLElementTagNameMap {
    "concierge-chat": ConciergeChat;
  }
}

// A page may load the script twice.
if (!customElements.get("concierge-chat")) customElements.define("concierge-chat", ConciergeChat);
