// The words of the button that adds a product to the cart. The other languages have them beside the panel's.

export const CART_ENGLISH = {
  add: "Add to cart",
  added: "Added to the cart: {name}",
  noneLeft: "Sold out: {name}",
  notAdded: "This could not be added to the cart.",
  mayBeAdded: "We cannot tell whether this was added. Please look into the cart.",
};

export type CartTexts = typeof CART_ENGLISH;
