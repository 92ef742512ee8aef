// Reads fields of an answer. The assistant may send anything, so each field is checked where it is read.

export type Json = Record<string, unknown>;

/** No text of an answer is longer than this. */
const LONGEST = 20_000;

/** Returns a text without the space around it, or an empty one. */
export function text(value: unknown, longest = LONGEST): string {
  return typeof value === "string" ? value.slice(0, longest).trim() : "";
}

/** Returns the objects of a list. */
export function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
}

/** Returns the paragraphs of a text. */
export function paragraphs(value: unknown): string[] {
  return text(value)
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter(Boolean);
}

const HERE = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Returns an absolute https address. A page on this machine may also have http addresses on it. Elsewhere an answer could
 * have the browser call what listens on the shopper's machine.
 */
export function address(value: unknown): URL | undefined {
  if (typeof value !== "string" || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const isLocal = url.protocol === "http:" && HERE.test(url.hostname) && HERE.test(location.hostname);
  return url.protocol === "https:" || isLocal ? url : undefined;
}

/** Returns a price in words, or an empty text if there is none. */
export function money(price: unknown, currency: unknown, locale: string): string {
  if (typeof price !== "number" || !(price >= 0 && price < 1e12)) return "";
  try {
    return price.toLocaleString(locale, {
      style: "currency",
      currency: text(currency),
      trailingZeroDisplay: "stripIfInteger",
    } as Intl.NumberFormatOptions);
  } catch {
    // The currency is empty, or none.
    return price.toLocaleString(locale);
  }
}
