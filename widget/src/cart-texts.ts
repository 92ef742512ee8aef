// The words of the button that adds a product to the cart.

const ENGLISH = {
  add: "Add to cart",
  added: "Added to the cart: {name}",
  noneLeft: "Sold out: {name}",
  notAdded: "This could not be added to the cart.",
};

export type CartTexts = typeof ENGLISH;

const LANGUAGES = new Map<string, CartTexts>([
  [
    "de",
    {
      add: "In den Warenkorb",
      added: "Im Warenkorb: {name}",
      noneLeft: "Ausverkauft: {name}",
      notAdded: "Das konnte nicht in den Warenkorb gelegt werden.",
    },
  ],
  [
    "fr",
    {
      add: "Ajouter au panier",
      added: "Ajouté au panier : {name}",
      noneLeft: "Épuisé : {name}",
      notAdded: "Cet article n’a pas pu être ajouté au panier.",
    },
  ],
  [
    "es",
    {
      add: "Añadir al carrito",
      added: "Añadido al carrito: {name}",
      noneLeft: "Agotado: {name}",
      notAdded: "No se ha podido añadir al carrito.",
    },
  ],
  [
    "ja",
    {
      add: "カートに入れる",
      added: "カートに入れました：{name}",
      noneLeft: "売り切れ：{name}",
      notAdded: "カートに入れられませんでした。",
    },
  ],
]);

/** Returns the texts for a language tag. They are English if there are no others. */
export function cartTextsFor(tag: string): CartTexts {
  return LANGUAGES.get(tag.split("-")[0]) ?? ENGLISH;
}
