// Elements from texts. Nothing is ever parsed as markup.

/** @typedef {Node | string | false | null | undefined} Child */

/**
 * Creates an element with these properties and children. It skips empty children.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<Omit<HTMLElementTagNameMap[Name], "children">>} [properties]
 * @param {Child[]} children
 */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.flatMap((child) => child || []));
  return element;
}

/**
 * @param {string} name
 * @param {() => unknown} act
 * @param {Partial<HTMLButtonElement>} [properties]
 */
export function button(name, act, properties = {}) {
  const element = make("button", { type: "button", textContent: name, ...properties });
  element.addEventListener("click", () => void act());
  return element;
}

/**
 * Returns an act that tells why it failed.
 *
 * @param {(words: string) => void} tell
 * @param {() => Promise<unknown>} act
 */
export function telling(tell, act) {
  return async () => {
    try {
      await act();
    } catch (error) {
      tell(`There was no answer (${/** @type {Error} */ (error).message}).`);
    }
  };
}

/**
 * A part of the panel with a heading.
 *
 * @param {string} title
 * @param {Child[]} children
 */
export function section(title, ...children) {
  return make("section", { ariaLabel: title }, make("h3", { textContent: title }), ...children);
}
