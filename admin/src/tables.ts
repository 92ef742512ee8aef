// Who asks the most, and the last errors.

import { copyable } from "./copy.ts";
import { cells, fill, find, make, show } from "./dom.ts";
import { moment, number } from "./format.ts";
import { ofOutcome } from "./texts.ts";
import { time } from "./times.ts";
import type { Busy, Usage } from "./usage.ts";

export function showTables({ networks, shoppers, errors }: Usage) {
  busiest("networks", networks, ({ limiter }) => [limiter]);
  busiest("shoppers", shoppers, ({ shopper, limiter }) => [shopper, limiter]);
  fill(find("errors"), errors, {
    key: ({ requestId }) => requestId,
    make: ({ at, outcome, status, requestId }) =>
      make(
        "tr",
        {},
        make("td", {}, time(at), make("span", { className: "minor small line" }, moment(at))),
        make("th", { scope: "row", title: outcome }, ofOutcome(outcome).name),
        make("td", {}, status === null ? "–" : String(status)),
        make("td", {}, copyable(requestId)),
      ),
  });
  show("no-errors", errors.length === 0);
  show("errors-table", errors.length > 0);
}

function busiest(id: string, all: Busy[], names: (busy: Busy) => string[]) {
  fill(find(id), all, {
    key: (busy) => names(busy).join(" "),
    make: () => make("tr", { className: "busy" }),
    update: (row, busy) => {
      const doubt = busy.tooMany > 0 ? `at most ${number(busy.tooMany)} too many` : "";
      cells(row, [...names(busy), number(busy.chats), doubt]);
    },
  });
}
