// The products of an answer, some at a time, and the button that shows more of them.

import { card } from "./card.ts";
import { button, make } from "./dom.ts";
import type { Scene } from "./scene.ts";
import { type Json, objects, text } from "./values.ts";

const AT_ONCE = 12;

/** Returns the list and its button. `page` is where the products after these are. */
export function productList(products: Json[], page: unknown, scene: Scene): HTMLElement[] {
  let rest = products;
  let next = text(page);
  let isFetching = false;
  // The transcript would read out every card. The status line says how many there are.
  const list = make("ul", { className: "products", ariaLive: "off", ariaLabel: scene.texts.products });
  const more = button("more", scene.texts.more);

  const show = () => {
    const cards = rest.slice(0, AT_ONCE).map((product) => card(product, scene));
    rest = rest.slice(AT_ONCE);
    list.append(...cards);
    more.hidden = rest.length === 0 && !next;
    return cards[0];
  };

  const fetchNext = async () => {
    try {
      const answer = (await scene.nextPage(next)) as Json;
      rest = objects(answer.products);
      next = text(answer.next_page);
      scene.emit("products", { products: rest });
    } catch (error) {
      scene.fail(error);
    }
  };

  more.addEventListener("click", async () => {
    // A second click must not hide the button, which would drop the focus.
    if (isFetching) return;
    isFetching = true;
    if (rest.length === 0) await fetchNext();
    isFetching = false;
    const isWaitedFor = more.matches(":focus");
    const first = show();
    if (isWaitedFor) first?.focus();
  });
  show();
  return [list, more];
}
