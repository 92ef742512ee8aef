// Finds, makes and changes elements. Nothing parses markup, and what has not changed is not touched.

const SVG = "http://www.w3.org/2000/svg";

export function find<Kind extends Element = HTMLElement>(id: string): Kind {
  const element = document.getElementById(id);
  if (!element) throw new Error(`There is no #${id}`);
  return element as unknown as Kind;
}

export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<Omit<HTMLElementTagNameMap[Name], "children" | "innerHTML" | "outerHTML">> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

export function draw(name: string, attributes: Record<string, string | number>, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}

export function put(target: string | Element, text: string) {
  const element = typeof target === "string" ? find(target) : target;
  if (element.textContent !== text) element.textContent = text;
}

export function show(id: string, isShown: boolean) {
  find(id).hidden = !isShown;
}

/** What a row of a list is made and kept up to date with. */
export interface Rows<Item> {
  key: (item: Item) => string;
  make: (item: Item) => HTMLElement;
  update?: (row: HTMLElement, item: Item) => void;
}

/** Leaves a row for each item. Rows that are there already stay, and so does the focus in them. */
export function fill<Item>(parent: HTMLElement, items: Item[], rows: Rows<Item>) {
  const wanted = new Map(items.map((item) => [rows.key(item), item]));
  const there = new Map<string, HTMLElement>();
  for (const row of [...parent.children] as HTMLElement[]) {
    const key = row.dataset.key ?? "";
    if (wanted.has(key)) there.set(key, row);
    else remove(row, parent);
  }
  let next = parent.firstElementChild;
  for (const [key, item] of wanted) {
    const row = there.get(key) ?? rows.make(item);
    row.dataset.key = key;
    rows.update?.(row, item);
    if (row === next) next = next.nextElementSibling;
    else parent.insertBefore(row, next);
  }
}

/** A focus inside goes to the section's heading, and not to the top of the page. */
function remove(row: HTMLElement, parent: HTMLElement) {
  if (row.contains(document.activeElement))
    parent.closest("section")?.querySelector("h2")?.focus({ preventScroll: true });
  row.remove();
}

/** Puts texts into the cells of a row, of which the first is its header. */
export function cells(row: HTMLElement, texts: string[]) {
  for (const [index, text] of texts.entries()) {
    const cell = row.children[index] ?? row.appendChild(index ? make("td") : make("th", { scope: "row" }));
    put(cell, text);
  }
}
