// The list of requests, the newest first. What is open stays open while the list changes.

import { button, make, section } from "./dom.js";

/** @import { Entry, Headers, Journal } from "./journal.js" */

/** @param {Journal} journal */
export function requestsSection(journal) {
  const list = make("ol", { className: "requests", reversed: true });
  const none = make("p", { className: "minor", textContent: "The page has asked the worker nothing yet." });
  /** @type {Map<number, { item: HTMLElement, of: string }>} */
  const items = new Map();

  const show = () => {
    const { entries } = journal;
    const ids = new Set(entries.map(({ id }) => id));
    for (const [id, { item }] of items) {
      if (ids.has(id)) continue;
      item.remove();
      items.delete(id);
    }
    for (const entry of entries.toReversed()) {
      const of = JSON.stringify(entry);
      const known = items.get(entry.id);
      if (known?.of === of) continue;
      const item = make("li", {}, details(entry, isOpen(known?.item)));
      if (known) known.item.replaceWith(item);
      else list.prepend(item);
      items.set(entry.id, { item, of });
    }
    none.hidden = entries.length > 0;
  };
  journal.addEventListener("change", show);
  show();
  return section(
    "Requests",
    button("Clear", () => journal.clear()),
    none,
    list,
  );
}

/** @param {HTMLElement} [item] */
function isOpen(item) {
  return item?.querySelector("details")?.open ?? false;
}

/**
 * @param {Entry} entry
 * @param {boolean} open
 */
function details({ method, path, at, request, answer }, open) {
  const outcome = outcomeOf(answer);
  return make(
    "details",
    { open },
    make(
      "summary",
      {},
      make("span", { className: `status ${outcome.kind}`, textContent: outcome.text }),
      make("span", { className: "path", textContent: ` ${method} ${path} ` }),
      make("span", { className: "minor", textContent: answer ? `${answer.ms} ms, ${at}` : at }),
    ),
    part("Sent", request.headers, request.body),
    answer && "status" in answer && part("Answered", answer.headers, answer.body),
    answer && "failure" in answer && make("p", { textContent: `No answer: ${answer.failure}` }),
  );
}

/** @param {Entry["answer"]} answer */
function outcomeOf(answer) {
  if (!answer) return { kind: "waiting", text: "…" };
  if ("failure" in answer) return { kind: "bad", text: "–" };
  return { kind: answer.status < 400 ? "good" : "bad", text: String(answer.status) };
}

/**
 * @param {string} title
 * @param {Headers} headers
 * @param {string} body
 */
function part(title, headers, body) {
  const rows = headers.map(([name, value]) =>
    make("tr", {}, make("th", { scope: "row", textContent: name }), make("td", { textContent: value })),
  );
  return make(
    "div",
    {},
    make("h4", { textContent: title }),
    rows.length > 0 && make("table", {}, make("tbody", {}, ...rows)),
    body !== "" &&
      make("pre", { tabIndex: 0, ariaLabel: `${title}: the body`, role: "group", textContent: pretty(body) }),
  );
}

/** @param {string} body */
function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
