// A product as a card: a picture, what it is, what it costs, and one link.

import { make } from "./dom.ts";
import type { Scene } from "./scene.ts";
import { type Json, address, money, text } from "./values.ts";

/** Longer names would fill the panel. */
const LONGEST_NAME = 200;

export function card(product: Json, { texts, locale, hosts, emit, sell }: Scene): HTMLElement {
  const title = text(product.title, LONGEST_NAME) || texts.product;
  const vendor = text(product.vendor, LONGEST_NAME);
  const price = money(product.price, product.currency, locale);
  const url = address(product.url);
  const name =
    url && hosts.has(url.host)
      ? link(url, title, texts.newTab, () => emit("product-click", { product, url: url.href }, true))
      : title;
  const card = make(
    "li",
    { className: "product", tabIndex: -1 },
    picture(address(product.image), title),
    product.available === false && make("p", { className: "sold-out" }, texts.soldOut),
    make("h3", { className: "name", dir: "auto" }, name),
    vendor && make("p", { className: "vendor minor", dir: "auto" }, vendor),
    price && make("p", { className: "price" }, price),
  );
  void sell({ card, product, title, url });
  return card;
}

/** A link to another host opens beside the shop. `follow` returns whether the page lets the click happen. */
function link({ href, host }: URL, title: string, hint: string, follow: () => boolean): HTMLElement {
  const leaves = host !== location.host;
  const element = make("a", { href }, title, leaves && make("span", { className: "unseen" }, ` ${hint}`));
  if (leaves) Object.assign(element, { target: "_blank", rel: "noopener" });
  element.addEventListener("click", (event) => follow() || event.preventDefault());
  return element;
}

/** The name beside it says what it shows, so it has no other words. An initial stands in for a picture that fails. */
function picture(source: URL | undefined, title: string): HTMLElement {
  const [initial] = title;
  const frame = make("div", { className: "picture", ariaHidden: "true" }, initial);
  if (!source) return frame;
  const image = make("img", { alt: "", loading: "lazy", referrerPolicy: "no-referrer" });
  image.addEventListener("error", () => image.remove());
  image.src = source.href;
  frame.append(image);
  return frame;
}
