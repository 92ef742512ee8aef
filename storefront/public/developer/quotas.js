// What is left of the budgets, as the last answers said.

import { make, section } from "./dom.js";

/** @import { Entry, Headers, Journal } from "./journal.js" */

/** @param {Journal} journal */
export function quotasSection(journal) {
  const words = make("p");
  const meter = make("meter", { ariaLabel: "Questions left", min: 0 });
  const refusal = make("p", { className: "minor" });
  const show = () => {
    const answers = journal.entries.map(headersOf);
    const told = answers.find((headers) => headers.has("x-ratelimit-limit"));
    const [limit, left, period, tier] = ["limit", "remaining", "window", "tier"].map(
      (name) => told?.get(`x-ratelimit-${name}`) ?? "",
    );
    meter.hidden = !told;
    Object.assign(meter, { max: Number(limit), low: Number(limit) / 4, value: Number(left) });
    words.textContent = told
      ? `${left} of ${limit} questions left this ${period} (${tier})`
      : "No answer has named a budget yet.";
    const wait = answers[0]?.get("retry-after");
    const standing = answers[0]?.get("ratelimit");
    refusal.textContent = wait && standing ? `Refused for ${wait} s. RateLimit: ${standing}` : "";
  };
  journal.addEventListener("change", show);
  show();
  return section("Budgets", words, meter, refusal);
}

/** @param {Entry} entry */
function headersOf({ answer }) {
  return new Map(answer && "headers" in answer ? answer.headers : []);
}
