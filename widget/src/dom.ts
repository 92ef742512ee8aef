// Makes elements from texts and properties. Nothing in the widget parses markup.

export type Child = Node | string | false | null | undefined;

type Properties<Kind> = Partial<Omit<Kind, "part" | "children" | "innerHTML" | "outerHTML">> & { part?: string };

/** Creates an element with these properties and children. It skips empty children. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties<HTMLElementTagNameMap[Name]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...(children.filter(Boolean) as (Node | string)[]));
  return element;
}

/** Creates a button with a class, which is its part as well. */
export function button(name: string, text = ""): HTMLButtonElement {
  return make("button", { type: "button", className: name, part: name, textContent: text });
}
