// The shop's own words, in its two languages. What the catalogue says is English in both.

const ENGLISH = {
  skip: "Skip to the content",
  departments: "Departments",
  home: "Home",
  table: "The table",
  scent: "Scent",
  wear: "To wear",
  jewellery: "Jewellery & watches",
  paper: "Books & paper",
  headline: "Few things, well chosen.",
  lead: "For your home, to wear, to give. Tell our assistant who it is for and how much you would like to spend.",
  advice: "Gift advice",
  adviceLead:
    "Who is it for, what is the occasion, and how much would you like to spend? One sentence is enough to begin.",
  assistant: "Ask the assistant",
  shelf: "On the first shelf",
  things: "things",
  cart: "Cart",
  cartEmpty: "Nothing is in your cart yet.",
  browse: "Look around the shop",
  add: "Add to cart",
  soldOut: "Sold out",
  onRequest: "Price on request",
  ask: "Made to order. Ask the assistant about it.",
  quantity: "Quantity",
  product: "Product",
  price: "Price",
  sum: "Sum",
  total: "Total",
  update: "Update the cart",
  remove: "Remove",
  checkout: "The checkout would be here. This is a demo shop, and nothing is for sale.",
  alsoHere: "From the same shelf",
  notFound: "There is nothing here",
  notFoundLead: "The page may have moved, or the address has a mistake in it.",
  needsScript: "The shopping assistant needs JavaScript. The rest of the shop does not.",
  demo: "A demo shop. Nothing here is for sale.",
  panelHint: "F2 opens the developer panel, and so does this sign in the header:",
  panel: "Developer panel",
  language: "Deutsch",
  cannotAdd: "This cannot be added to the cart",
};

/** @typedef {typeof ENGLISH} Texts */

/** @type {Texts} */
const GERMAN = {
  skip: "Zum Inhalt",
  departments: "Abteilungen",
  home: "Zuhause",
  table: "Der Tisch",
  scent: "Duft",
  wear: "Zum Tragen",
  jewellery: "Schmuck & Uhren",
  paper: "Bücher & Papier",
  headline: "Weniges, gut gewählt.",
  lead: "Für zu Hause, zum Tragen, zum Schenken. Sagen Sie unserer Beratung, für wen es ist und was es kosten darf.",
  advice: "Geschenkberatung",
  adviceLead: "Für wen ist es, was ist der Anlass, und was darf es kosten? Ein Satz genügt für den Anfang.",
  assistant: "Zur Beratung",
  shelf: "Im ersten Regal",
  things: "Dinge",
  cart: "Warenkorb",
  cartEmpty: "In Ihrem Warenkorb ist noch nichts.",
  browse: "Im Laden umsehen",
  add: "In den Warenkorb",
  soldOut: "Ausverkauft",
  onRequest: "Preis auf Anfrage",
  ask: "Auf Bestellung gemacht. Fragen Sie die Beratung danach.",
  quantity: "Anzahl",
  product: "Produkt",
  price: "Preis",
  sum: "Summe",
  total: "Gesamt",
  update: "Warenkorb aktualisieren",
  remove: "Entfernen",
  checkout: "Hier wäre die Kasse. Dies ist ein Vorführladen, und nichts steht zum Verkauf.",
  alsoHere: "Aus demselben Regal",
  notFound: "Hier ist nichts",
  notFoundLead: "Die Seite ist vielleicht umgezogen, oder in der Adresse ist ein Fehler.",
  needsScript: "Die Einkaufsberatung braucht JavaScript. Der übrige Laden nicht.",
  demo: "Ein Vorführladen. Nichts hier steht zum Verkauf.",
  panelHint: "F2 öffnet die Entwicklertafel, ebenso dieses Zeichen oben auf der Seite:",
  panel: "Entwicklertafel",
  language: "English",
  cannotAdd: "Das lässt sich nicht in den Warenkorb legen",
};

/**
 * @param {string} lang
 * @returns {Texts}
 */
export function textsIn(lang) {
  return lang === "de" ? GERMAN : ENGLISH;
}

/**
 * Returns a price in words.
 *
 * @param {number} cents
 * @param {string} lang
 */
export function money(cents, lang) {
  /** @type {Intl.NumberFormatOptions} */
  const style = { style: "currency", currency: "USD", trailingZeroDisplay: "stripIfInteger" };
  return new Intl.NumberFormat(lang, style).format(cents / 100);
}
