// The entries of ALLOWED_ORIGINS that let in everybody.

/**
 * Below each of these, whoever signs up has a name of their own choice. Shops and their previews are hosted there, so
 * a merchant may write such a pattern. The Public Suffix List has thousands more, and changes too often to be copied.
 */
const SHARED_SUFFIXES = [
  "myshopify.com",
  "shopifypreview.com",
  "myshopify.dev",
  "o2.myshopify.dev",
  "vercel.app",
  "netlify.app",
  "pages.dev",
  "workers.dev",
  "github.io",
  "onrender.com",
  "herokuapp.com",
  "fly.dev",
  "web.app",
  "firebaseapp.com",
];
/** Where a country's domains are sold below a second level, such as co.uk. */
const SECOND_LEVEL = /^(co|com|ne|net|or|org)\.[a-z]{2}$/;

/** A `*` that is a whole label. One beside something else, such as a shop's id, may match the merchant's names alone. */
const WHOLE_LABEL = /^https:\/\/\*\.([^:]+)(?::\d+)?$/;

/**
 * Returns whether anybody can register a name that this entry lets in.
 *
 * @param {string} entry
 */
export function isOpenToAll(entry) {
  const [, suffix = ""] = entry.toLowerCase().match(WHOLE_LABEL) ?? [];
  return SHARED_SUFFIXES.includes(suffix) || SECOND_LEVEL.test(suffix);
}
