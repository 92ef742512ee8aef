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
    const told = usedUp(journal.entries[0]) ?? answers.map(budgetIn).find((budget) => budget);
    const { limit = "", left = "", period, tier } = told ?? {};
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

/** @param {Map<string, string>} headers */
function budgetIn(headers) {
  const [limit, left, period, tier] = ["limit", "remaining", "window", "tier"].map(
    (name) => headers.get(`x-ratelimit-${name}`) ?? "",
  );
  return limit ? { limit, left, period, tier } : undefined;
}

/**
 * Returns the budget that an answer says is used up. Its headers are of the longest one, which may have something left.
 *
 * @param {Entry | undefined} entry
 */
function usedUp(entry) {
  const { answer } = entry ?? {};
  if (!answer || !("status" in answer) || answer.status !== 429) return undefined;
  try {
    const { limit, limit_window: period, tier } = JSON.parse(answer.body);
    return limit ? { limit: String(limit), left: "0", period, tier } : undefined;
  } catch {
    // It is cut, or no JSON.
    return undefined;
  }
}

/** @param {Entry} entry */
function headersOf({ answer }) {
  return new Map(answer && "headers" in answer ? answer.headers : []);
}
