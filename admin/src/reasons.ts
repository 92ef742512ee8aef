// Why chats were not answered: each limit and each other reason, with what it means and what to do.

import { fill, find, make, put, show } from "./dom.ts";
import { number } from "./format.ts";
import { ofBudget, ofOutcome, type Words } from "./texts.ts";
import type { Count, Usage } from "./usage.ts";

export function showReasons({ byBudget, byOutcome, isDryRun, wouldBeRefused }: Usage) {
  const budgets = isDryRun ? wouldBeRefused.concat(byBudget.filter(([name]) => name === "store")) : byBudget;
  // The budgets say more of these, unless there are none.
  const skipped = budgets.length > 0 ? ["ok", "rate_limited"] : ["ok"];
  const reasons = byOutcome.filter(([code]) => !skipped.includes(code));
  list("budgets", budgets, ofBudget);
  list("reasons", reasons, ofOutcome);
  show("no-reasons", budgets.length + reasons.length === 0);
}

function list(id: string, counts: Count[], words: (name: string) => Words) {
  show(id, counts.length > 0);
  fill(find(id), counts, {
    key: ([name]) => name,
    make: ([name]) => {
      const { name: title, text } = words(name);
      const code = make("code", { className: "small minor" }, name);
      return make(
        "li",
        {},
        make("span", { className: "amount" }),
        make("div", {}, make("h3", {}, title, " ", code), make("p", { className: "minor" }, text)),
      );
    },
    update: (row, [, count]) => put(row.firstElementChild as Element, number(count)),
  });
}
