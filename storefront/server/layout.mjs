// What every page of the shop has around its content.

import { DEPARTMENTS } from "./catalogue.mjs";
import { html } from "./html.mjs";
import { ROOTS } from "./paths.mjs";

/** @import { Value } from "./html.mjs" */
/** @import { Shop } from "./shop.mjs" */

/**
 * What a page consists of.
 *
 * @typedef {object} Page
 * @property {string} title
 * @property {Value} main
 * @property {"bubble" | "inline" | "page"} [mode] the widget's; a page other than `bubble` has it in `main`
 */

/**
 * Returns a whole page.
 *
 * @param {Shop} shop
 * @param {Page} page
 */
export function layout(shop, { title, main, mode = "bubble" }) {
  const { texts, lang, root, path, worker, count, hasPanel } = shop;
  const other = lang === "de" ? "en" : "de";
  return html`<!doctype html>
<html lang="${lang}" data-root="${root}" data-mode="${mode}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
    <meta name="color-scheme" content="light dark">
    <meta name="description" content="${texts.demo}">
    <title>${title === "" ? "" : `${title} – `}Halden &amp; Daughters</title>
    <link rel="icon" href="/icon.svg">
    <link rel="stylesheet" href="/base.css">
    <link rel="stylesheet" href="/shop.css">
    <link rel="stylesheet" href="/buying.css">
    <script type="module" src="/shop.js"></script>
    ${hasPanel && panelHead(worker)}
    <script type="module" src="${worker}/concierge.js"></script>
  </head>
  <body>
    <a class="skip" href="#content">${texts.skip}</a>
    <header class="top">
      <a class="name" href="${root}">Halden <span>&amp;</span> Daughters</a>
      <nav aria-label="${texts.departments}">
        <ul>
          ${[...DEPARTMENTS.keys()].map((name) => item(shop, `collections/${name}`, departmentName(shop, name)))}
          ${item(shop, "pages/gift-advice", texts.advice)}
        </ul>
      </nav>
      <div class="tools">
        <a class="cart-link" href="${root}cart"${current(path === "/cart")}>${texts.cart} <span id="cart-count">${count}</span></a>
        ${hasPanel && html`<button class="panel-button" id="panel-button" type="button" hidden aria-label="${texts.panel}" title="${texts.panel} (F2)">${"</>"}</button>`}
      </div>
    </header>
    <main id="content" tabindex="-1">${main}</main>
    <footer>
      <p>${texts.demo} ${hasPanel && html`${texts.panelHint} <code>${"</>"}</code>`}</p>
      <noscript><p>${texts.needsScript}</p></noscript>
      <p><a href="${ROOTS.get(other)}" hreflang="${other}" lang="${other}">${texts.language}</a></p>
    </footer>
    ${mode === "bubble" && chat(shop)}
  </body>
</html>
`;
}

/**
 * The widget, as a merchant pastes it.
 *
 * @param {Shop} shop
 * @param {"bubble" | "inline" | "page"} [mode]
 */
export function chat({ worker }, mode = "bubble") {
  if (mode === "bubble") return html`<concierge-chat url="${worker}"></concierge-chat>`;
  return html`<concierge-chat url="${worker}" mode="${mode}"></concierge-chat>`;
}

/**
 * What a department is called.
 *
 * @param {Shop} shop
 * @param {string} name
 */
export function departmentName({ texts }, name) {
  return /** @type {Record<string, string>} */ (texts)[name];
}

/**
 * The panel's script comes before the widget's, so that it sees all of its requests.
 *
 * @param {string} worker
 */
function panelHead(worker) {
  return html`<meta name="worker" content="${worker}">
    <link rel="stylesheet" href="/developer/panel.css">
    <script type="module" src="/developer/panel.js"></script>`;
}

/**
 * @param {Shop} shop
 * @param {string} to
 * @param {string} name
 */
function item({ root, path }, to, name) {
  return html`<li><a href="${root}${to}"${current(path === `/${to}`)}>${name}</a></li>`;
}

/** @param {boolean} isHere */
function current(isHere) {
  return isHere && html` aria-current="page"`;
}
