// Markup as values: a template escapes every text that is put into it.

/** Markup that is finished. */
class Markup {
  #text;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  toString() {
    return this.#text;
  }
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * What a template takes. Lists are joined, and what is false, null or undefined is left out.
 *
 * @typedef {Markup | string | number | false | null | undefined | Value[]} Value
 */

/**
 * Returns the template as markup. Texts in it are escaped, so they are safe in an element and in a quoted attribute.
 *
 * @param {TemplateStringsArray} strings
 * @param {Value[]} values
 */
export function html(strings, ...values) {
  return new Markup(String.raw({ raw: strings }, ...values.map(written)));
}

/**
 * @param {Value} value
 * @returns {string}
 */
function written(value) {
  if (Array.isArray(value)) return value.map(written).join("");
  if (value instanceof Markup) return String(value);
  if (value === false || value === null || value === undefined) return "";
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
