// What the panel stands in: a dialog beside the page, which covers it on a small screen, or a section of the page.

import { make } from "./dom.ts";

const SMALL = matchMedia("(max-width: 40rem), (max-height: 30rem)");

export class Frame {
  #launcher: HTMLButtonElement;
  #root: ShadowRoot;
  #parts: HTMLElement[];
  #element: HTMLElement = make("div");

  constructor(launcher: HTMLButtonElement, parts: HTMLElement[]) {
    this.#launcher = launcher;
    this.#root = launcher.getRootNode() as ShadowRoot;
    this.#parts = parts;
    this.#root.addEventListener("keydown", (event) => {
      // The page's own shortcuts are not for what is written here.
      event.stopPropagation();
      const { key, isComposing } = event as KeyboardEvent;
      if (key === "Escape" && !isComposing) this.close();
    });
  }

  /** Becomes a dialog or a section, called this in this language. */
  become(kind: "dialog" | "section", ariaLabel: string, lang: string) {
    if (this.#element.localName !== kind) {
      this.#element.remove();
      this.#element = make(kind, { className: "panel" }, ...this.#parts);
      this.#element.addEventListener("close", () => this.#closed());
      this.#root.append(this.#element);
      this.#launcher.ariaExpanded = "false";
    }
    Object.assign(this.#element, { ariaLabel, lang });
  }

  /** Returns whether it opens now. Quietly, it takes no focus, and covers no page. */
  open(isQuiet?: boolean): boolean {
    const dialog = this.#dialog;
    if (!dialog || dialog.open || (isQuiet && SMALL.matches)) return false;
    if (isQuiet) dialog.open = true;
    else show(dialog);
    this.#launcher.ariaExpanded = "true";
    return true;
  }

  close() {
    const dialog = this.#dialog;
    if (!dialog?.open) return;
    dialog.close();
    // The event comes later, and the button may be used before that.
    this.#closed();
  }

  /** Follows the window's size until the signal. */
  watch(signal: AbortSignal) {
    SMALL.addEventListener("change", () => this.#refit(), { signal });
    // A dialog that was moved in the page stays open, and is not modal any more.
    if (SMALL.matches) this.#refit(true);
  }

  get #dialog(): HTMLDialogElement | undefined {
    return this.#element instanceof HTMLDialogElement ? this.#element : undefined;
  }

  /** The browser has put the focus back where it was, if that is still there. Else it may not have left the dialog yet. */
  #closed() {
    if (this.#dialog?.open) return;
    this.#launcher.ariaExpanded = "false";
    const isLost = document.activeElement === document.body || this.#element.contains(this.#root.activeElement);
    if (isLost) this.#launcher.focus();
  }

  #refit(isMoved?: boolean) {
    const focused = this.#root.activeElement as HTMLElement | null;
    const dialog = this.#dialog;
    // Opening takes the focus, which may not be taken from the page.
    if (!dialog?.open || !(isMoved || dialog.contains(focused))) return;
    dialog.close();
    // It gives the focus back to what has it before it is shown.
    if (isMoved) this.#launcher.focus();
    show(dialog);
    focused?.focus();
  }
}

function show(dialog: HTMLDialogElement) {
  if (SMALL.matches) dialog.showModal();
  else dialog.show();
}
