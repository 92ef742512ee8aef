// An answer as elements, in the order that the published contract recommends.

import { button, make } from "./dom.ts";
import { productList } from "./products.ts";
import type { Scene } from "./scene.ts";
import { type Json, objects, paragraphs, text } from "./values.ts";

const MOST_CHIPS = 20;

export function bubble(words: string, name = "bubble"): HTMLElement {
  // The direction is the text's own, whatever the page's is.
  return make("p", { className: name, dir: "auto" }, words);
}

export function render(answer: Json, scene: Scene): HTMLElement[] {
  const products = objects(answer.products);
  const followUp = text(answer.follow_up);
  const parts = [
    ...paragraphs(answer.message).map((words) => bubble(words)),
    ...(products.length > 0 ? productList(products, answer.next_page, scene) : []),
    ...(followUp ? [bubble(followUp)] : []),
  ];
  const chips = chipRow(answer.refinement_options, scene);
  return [...(parts.length > 0 ? parts : [bubble(scene.texts.empty)]), ...chips];
}

function chipRow(options: unknown, scene: Scene): HTMLElement[] {
  const chips = objects(options)
    .slice(0, MOST_CHIPS)
    .flatMap((option) => {
      const words = text(option.text);
      if (!words) return [];
      const chip = button("chip", words);
      chip.dir = "auto";
      const refinement = { text: words, type: text(option.type) };
      chip.addEventListener("click", () => {
        // The chip goes when the answer comes, and the focus would go with it.
        scene.focus();
        void scene.ask(words, refinement);
      });
      return [chip];
    });
  return chips.length > 0 ? [make("div", { className: "chips" }, ...chips)] : [];
}
