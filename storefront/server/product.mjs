// A product's page.

import { productsIn } from "./catalogue.mjs";
import { html } from "./html.mjs";
import { departmentName, layout } from "./layout.mjs";
import { picture } from "./paths.mjs";
import { priceOf, shelf } from "./shelves.mjs";
import { money } from "./texts.mjs";

/** @import { Product, Variant } from "./catalogue.mjs" */
/** @import { Shop } from "./shop.mjs" */

/** How many others are shown below it. */
const OTHERS = 4;

/**
 * @param {Shop} shop
 * @param {Product} product
 */
export function productPage(shop, product) {
  const { texts, root } = shop;
  const { title, vendor, description, department } = product;
  const others = productsIn(department).filter((other) => other !== product);
  return layout(shop, {
    title,
    main: html`
      <article class="product">
        <img src="${picture(product)}" alt="${title}" width="600" height="600" lang="en">
        <div>
          <p class="minor"><a href="${root}collections/${department}">${departmentName(shop, department)}</a></p>
          <h1 lang="en">${title}</h1>
          ${vendor && html`<p class="minor" lang="en">${vendor}</p>`}
          <p class="price">${priceOf(shop, product)}</p>
          ${description && html`<p lang="en">${description}</p>`}
          ${offer(shop, product)}
        </div>
      </article>
      ${shelf(shop, texts.alsoHere, nearest(others, product).slice(0, OTHERS))}`,
  });
}

/**
 * How it is put into the cart, or why it cannot be.
 *
 * @param {Shop} shop
 * @param {Product} product
 */
function offer(shop, product) {
  const { texts, root } = shop;
  if (product.price === null) return html`<p class="state">${texts.ask}</p>`;
  if (!product.available) return html`<p class="state">${texts.soldOut}</p>`;
  return html`<form class="offer" method="post" action="${root}cart/add">
            ${variants(shop, product)}
            <label>${texts.quantity} <input name="quantity" type="number" min="1" max="99" value="1" required></label>
            <button class="button" type="submit">${texts.add}</button>
          </form>`;
}

/**
 * @param {Shop} shop
 * @param {Product} product
 */
function variants(shop, { option, variants: all }) {
  const [only] = all;
  if (option === null) return html`<input name="id" type="hidden" value="${only.id}">`;
  const first = all.find(({ available }) => available);
  return html`<fieldset>
              <legend lang="en">${option}</legend>
              ${all.map((variant) => choice(shop, variant, variant === first, only.price))}
            </fieldset>`;
}

/**
 * @param {Shop} shop
 * @param {Variant} variant
 * @param {boolean} isChosen
 * @param {number | null} usual the first variant's price
 */
function choice({ texts, lang }, { id, title, price, available }, isChosen, usual) {
  const more = available ? price !== usual && price !== null && money(price, lang) : texts.soldOut;
  return html`<label><input name="id" type="radio" value="${id}"${isChosen && html` checked`}${!available && html` disabled`}> <span><span lang="en">${title}</span>${more && html` <small>${more}</small>`}</span></label>`;
}

/**
 * Sorts products so that those of its category come first.
 *
 * @param {Product[]} others
 * @param {Product} product
 */
function nearest(others, { category }) {
  return others.toSorted((a, b) => Number(b.category === category) - Number(a.category === category));
}
