// The pages that show products beside each other: the first page, and a department's.

import { DEPARTMENTS, PRODUCTS, productsIn } from "./catalogue.mjs";
import { html } from "./html.mjs";
import { departmentName, layout } from "./layout.mjs";
import { picture } from "./paths.mjs";
import { stillLife } from "./still-life.mjs";
import { money } from "./texts.mjs";

/** @import { Product } from "./catalogue.mjs" */
/** @import { Shop } from "./shop.mjs" */

/** On the first page. */
const FIRST_SHELF = [
  "tidewater-vase",
  "lantern-table-lamp",
  "northlight-cashmere-scarf",
  "olive-grove-bowl",
  "ferryman-weekend-bag",
  "orbit-pendant-necklace",
  "petrichor-eau-de-parfum",
  "islands-at-first-light",
];

/** @param {Shop} shop */
export function homePage(shop) {
  const { texts, root } = shop;
  const first = PRODUCTS.filter(({ handle }) => FIRST_SHELF.includes(handle));
  return layout(shop, {
    title: "",
    main: html`
      <section class="hero" aria-labelledby="headline">
        <div>
          <h1 id="headline">${texts.headline}</h1>
          <p>${texts.lead}</p>
          <p class="ways">
            <a class="button" href="${root}pages/gift-advice">${texts.advice}</a>
            <a class="quiet" href="${root}pages/assistant">${texts.assistant}</a>
          </p>
        </div>
        ${stillLife()}
      </section>
      ${shelf(shop, texts.shelf, first)}
      <section aria-labelledby="departments">
        <h2 id="departments">${texts.departments}</h2>
        <ul class="departments">${[...DEPARTMENTS.keys()].map((name) => department(shop, name))}</ul>
      </section>`,
  });
}

/**
 * @param {Shop} shop
 * @param {string} name
 */
export function departmentPage(shop, name) {
  const products = productsIn(name);
  const title = departmentName(shop, name);
  return layout(shop, {
    title,
    main: html`
      <div class="heading">
        <h1>${title}</h1>
        <p class="minor">${products.length} ${shop.texts.things}</p>
      </div>
      <ul class="shelf">${products.map((product) => card(shop, product, "h2"))}</ul>`,
  });
}

/**
 * A shelf with a heading.
 *
 * @param {Shop} shop
 * @param {string} title
 * @param {Product[]} products
 */
export function shelf(shop, title, products) {
  return html`<section aria-labelledby="shelf">
        <h2 id="shelf">${title}</h2>
        <ul class="shelf">${products.map((product) => card(shop, product, "h3"))}</ul>
      </section>`;
}

/**
 * What a product costs, or why it cannot be bought.
 *
 * @param {Shop} shop
 * @param {Product} product
 */
export function priceOf({ texts, lang }, { price }) {
  return price === null ? texts.onRequest : money(price, lang);
}

/**
 * @param {Shop} shop
 * @param {Product} product
 * @param {"h2" | "h3"} heading
 */
function card(shop, product, heading) {
  const { handle, title, vendor, price, available } = product;
  const name = html`<a href="${shop.root}products/${handle}" lang="en">${title}</a>`;
  return html`<li class="card">
          <img src="${picture(product)}" alt="" width="600" height="600" loading="lazy">
          ${price !== null && !available && html`<p class="badge">${shop.texts.soldOut}</p>`}
          ${heading === "h2" ? html`<h2>${name}</h2>` : html`<h3>${name}</h3>`}
          ${vendor && html`<p class="minor" lang="en">${vendor}</p>`}
          <p class="price">${priceOf(shop, product)}</p>
        </li>`;
}

/**
 * @param {Shop} shop
 * @param {string} name
 */
function department(shop, name) {
  const [first] = productsIn(name);
  return html`<li class="card">
          <img src="${picture(first)}" alt="" width="600" height="600" loading="lazy">
          <h3><a href="${shop.root}collections/${name}">${departmentName(shop, name)}</a></h3>
        </li>`;
}
