// The remaining pages: the cart, the two pages with the widget in them, and the one for any other address.

import { html } from "./html.mjs";
import { chat, layout } from "./layout.mjs";
import { picture } from "./paths.mjs";
import { money } from "./texts.mjs";

/** @import { Cart, Line } from "./carts.mjs" */
/** @import { Shop } from "./shop.mjs" */

/**
 * @param {Shop} shop
 * @param {Cart} cart
 * @param {string} [mistake] why the last change was refused
 */
export function cartPage(shop, cart, mistake) {
  const { texts, root, lang } = shop;
  const lines = cart.lines;
  const empty = html`<p>${texts.cartEmpty} <a href="${root}">${texts.browse}</a></p>`;
  const full = html`<form method="post" action="${root}cart">
        <table class="cart">
          <thead>
            <tr>
              <th scope="col">${texts.product}</th>
              <th scope="col">${texts.price}</th>
              <th scope="col">${texts.quantity}</th>
              <th scope="col">${texts.sum}</th>
            </tr>
          </thead>
          <tbody>${lines.map((line) => row(shop, line))}</tbody>
          <tfoot>
            <tr><th scope="row" colspan="3">${texts.total}</th><td id="total">${money(cart.total, lang)}</td></tr>
          </tfoot>
        </table>
        <p class="ways"><button class="button" type="submit">${texts.update}</button></p>
      </form>
      <p class="state">${texts.checkout}</p>`;
  return layout(shop, {
    title: texts.cart,
    main: html`
      <h1>${texts.cart}</h1>
      ${mistake && html`<p class="state" role="alert">${texts.cannotAdd}: <span lang="en">${mistake}</span></p>`}
      ${lines.length > 0 ? full : empty}`,
  });
}

/**
 * @param {Shop} shop
 * @param {Line} line
 */
function row({ texts, root, lang }, { product, variant, price, quantity }) {
  const { handle, title } = product;
  const label = `${texts.quantity}: ${title}`;
  const remove = `${texts.remove}: ${title}`;
  return html`<tr>
              <th scope="row"><div>
                <img src="${picture(product)}" alt="" width="600" height="600">
                <span><a href="${root}products/${handle}" lang="en">${title}</a>${variant.option && html` <small lang="en">${variant.option}</small>`}</span></div>
              </th>
              <td data-label="${texts.price}">${money(price, lang)}</td>
              <td>
                <input name="updates[${variant.id}]" type="number" min="0" max="99" value="${quantity}" required aria-label="${label}">
                <button class="quiet" name="remove" value="${variant.id}" type="submit" formnovalidate aria-label="${remove}">${texts.remove}</button>
              </td>
              <td data-label="${texts.sum}">${money(price * quantity, lang)}</td>
            </tr>`;
}

/** @param {Shop} shop */
export function advicePage(shop) {
  const { texts } = shop;
  return layout(shop, {
    title: texts.advice,
    mode: "inline",
    main: html`
      <div class="heading">
        <h1>${texts.advice}</h1>
        <p>${texts.adviceLead}</p>
      </div>
      ${chat(shop, "inline")}`,
  });
}

/** @param {Shop} shop */
export function assistantPage(shop) {
  const { texts } = shop;
  return layout(shop, {
    title: texts.assistant,
    mode: "page",
    main: html`<h1 class="unseen">${texts.assistant}</h1>${chat(shop, "page")}`,
  });
}

/** @param {Shop} shop */
export function missingPage(shop) {
  const { texts, root } = shop;
  return layout(shop, {
    title: texts.notFound,
    main: html`
      <div class="heading">
        <h1>${texts.notFound}</h1>
        <p>${texts.notFoundLead}</p>
      </div>
      <p><a class="button" href="${root}">${texts.browse}</a></p>`,
  });
}
