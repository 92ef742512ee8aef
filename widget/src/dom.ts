// Makes elements from texts and properties. Nothing in the widget parses markup.

export type Child = Node | string | false | null | undefined;

type Properties<Kind> = Partial<Omit<Kind, "part" | "children" | "innerHTML" | "outerHTML">>;

/** Creates an element with these properties and children. Its classes are its parts, too. It skips empty children. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties<HTMLElementTagNameMap[Name]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties);
  if (element.className) element.part = element.className;
  element.append(...(children.filter(Boolean) as (Node | string)[]));
  return element;
}

/** Creates a button. It must not be in a form, which it would send. */
export function button(className: string, text = ""): HTMLButtonElement {
  return make("button", { className }, text);
}

/** Creates a place for what the page puts there, or else for this. */
export function slot(name: string, ...children: Child[]): HTMLSlotElement {
  return make("slot", { name }, ...children);
}
