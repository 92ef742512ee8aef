// The shop's products and carts as JSON, in the form of Shopify's Ajax API.

import { picture } from "./paths.mjs";

/** @import { Cart, Line } from "./carts.mjs" */
/** @import { Product } from "./catalogue.mjs" */
/** @import { Shop } from "./shop.mjs" */

/**
 * `GET /products/HANDLE.js`. What has no price cannot be bought here, so its price is 0.
 *
 * @param {Shop} shop
 * @param {Product} product
 */
export function productJson({ root }, product) {
  const prices = product.variants.map(({ price }) => price ?? 0);
  const image = picture(product);
  return {
    id: product.id,
    title: product.title,
    handle: product.handle,
    description: product.description,
    vendor: product.vendor,
    type: product.category,
    tags: [],
    price: prices[0],
    price_min: Math.min(...prices),
    price_max: Math.max(...prices),
    price_varies: new Set(prices).size > 1,
    available: product.variants.some(({ available }) => available),
    variants: product.variants.map(({ id, title, option, price, available }) => ({
      id,
      title,
      public_title: option,
      name: option ? `${product.title} - ${title}` : product.title,
      option1: title,
      option2: null,
      option3: null,
      options: [title],
      price: price ?? 0,
      available,
    })),
    options: [{ name: product.option ?? "Title", position: 1, values: product.variants.map(({ title }) => title) }],
    images: [image],
    featured_image: image,
    url: `${root}products/${product.handle}`,
  };
}

/**
 * `GET /cart.js`.
 *
 * @param {Shop} shop
 * @param {Cart} cart
 */
export function cartJson(shop, cart) {
  return {
    token: cart.token,
    note: "",
    attributes: {},
    currency: "USD",
    item_count: cart.count,
    total_price: cart.total,
    items: cart.lines.map((line) => lineJson(shop, line)),
  };
}

/**
 * @param {Shop} shop
 * @param {Line} line
 */
export function lineJson({ root }, { product, variant, price, quantity }) {
  return {
    id: variant.id,
    variant_id: variant.id,
    product_id: product.id,
    handle: product.handle,
    title: variant.option ? `${product.title} - ${variant.title}` : product.title,
    product_title: product.title,
    variant_title: variant.option,
    vendor: product.vendor,
    quantity,
    price,
    line_price: price * quantity,
    image: picture(product),
    url: `${root}products/${product.handle}?variant=${variant.id}`,
  };
}
