// 200 questions at once, and how many of them were answered.

import { ask } from "./demo.js";
import { button, make, section } from "./dom.js";

/** @import { Result } from "../../types.js" */

/** Who asks, as the server names them. */
const ASKERS = [
  ["shopper", "One shopper asks 200 at once"],
  ["newcomer", "200 new shoppers ask at once"],
  ["network", "10 shoppers of one network ask 200"],
];

export function questionsSection() {
  const rows = make("tbody");
  const table = make(
    "table",
    { hidden: true, className: "tally" },
    make("thead", {}, make("tr", {}, ...["Outcome", "Budget", "Questions"].map(head))),
    rows,
  );
  const verdict = make("p", { className: "verdict", role: "status" });
  const buttons = ASKERS.map(([from, name]) => button(name, () => run(from)));

  /** @param {string} from */
  const run = async (from) => {
    for (const element of buttons) element.disabled = true;
    verdict.textContent = "Asking …";
    try {
      const result = /** @type {Result} */ (await ask("questions", { from }));
      rows.replaceChildren(...outcomes(result));
      table.hidden = false;
      verdict.textContent = judge(result);
    } catch (error) {
      verdict.textContent = /** @type {Error} */ (error).message;
    } finally {
      for (const element of buttons) element.disabled = false;
    }
  };

  const hint =
    "They come from the shop's server, by a network that nobody has used: your own budgets stay as they are.";
  return section(
    "200 questions at once",
    make("p", { className: "minor", textContent: hint }),
    make("div", { className: "buttons" }, ...buttons),
    table,
    verdict,
  );
}

/** @param {Result} result */
function outcomes({ answered, refused, failed }) {
  return [
    row("answered", "", answered),
    ...refused.map(({ tier, window, limit, count }) => row("refused", `${tier}, ${limit ?? "?"} a ${window}`, count)),
    ...Object.entries(failed).map(([code, count]) => row(code, "", count)),
  ];
}

/** @param {Result} result */
function judge({ answered, refused, cap, isExact }) {
  const isStore = refused.some(({ tier }) => tier === "store");
  if (isStore)
    return `${answered} were answered. Then the assistant's own limit came first: wait a minute and ask again.`;
  if (!cap) return `${answered} were answered. The budget was not used up.`;
  const words = `${answered} were answered, and the ${cap.tier}'s budget is ${cap.limit} a ${cap.window}.`;
  return isExact ? `${words} The cap was exact.` : `${words} The other rows say why it was not reached.`;
}

/**
 * @param {string} outcome
 * @param {string} budget
 * @param {number} count
 */
function row(outcome, budget, count) {
  return make(
    "tr",
    {},
    make("th", { scope: "row", textContent: outcome }),
    make("td", { textContent: budget }),
    make("td", { textContent: String(count) }),
  );
}

/** @param {string} text */
function head(text) {
  return make("th", { scope: "col", textContent: text });
}
