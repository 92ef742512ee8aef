// What the worker's words for limits and outcomes mean, and what the merchant can do.

export interface Words {
  name: string;
  text: string;
}

const FROM_PAGES = "A page sent what the contract does not allow. Your storefront’s developer finds it in the log.";
const FROM_ASSISTANT = "The fault is the assistant’s. If it goes on, give its operator a request id.";
const UNKNOWN = "The documentation says what this is.";

const BUDGETS = new Map([
  [
    "shopper",
    [
      "One shopper’s limit",
      "A shopper asked more than SHOPPER_LIMITS allows, or VERIFIED_LIMITS if you know them. Raise it if real shoppers get here.",
    ],
  ],
  [
    "newcomer",
    [
      "New shoppers on one network",
      "More new shoppers came from one network than NEWCOMER_LIMITS allows: an office or a café, or a bot that pretends to be new each time. Raise it for an office.",
    ],
  ],
  [
    "network",
    [
      "All shoppers of one network",
      "Everybody on one network together asked more than NETWORK_LIMITS allows. See below who asks the most. Raise it if your shoppers share an address.",
    ],
  ],
  [
    "store",
    [
      "The assistant’s own cap",
      "Your quota at the assistant was used up, so everybody had to wait. Ask its operator for a larger one, or lower NETWORK_LIMITS.",
    ],
  ],
]);

const OUTCOMES = new Map([
  ["rate_limited", ["A limit was reached", "The list of limits says which one."]],
  [
    "origin_not_allowed",
    [
      "Origin not allowed",
      "A page called whose origin is not in ALLOWED_ORIGINS. Add it if it is yours. Otherwise somebody else tried.",
    ],
  ],
  [
    "limiter_unavailable",
    [
      "The limiter did not answer",
      "Nothing is let through without it. It heals by itself. If it goes on, look at Cloudflare’s status.",
    ],
  ],
  ["misconfigured_proxy", ["The settings are wrong", "Nobody is served until they are right. /healthz names them."]],
  [
    "misconfigured_api_key",
    ["The assistant refuses the key", "Nobody is served until CONCIERGE_API_KEY works. Ask the assistant’s operator."],
  ],
  ["upstream_invoke_error", ["The assistant was not reached", FROM_ASSISTANT]],
  ["upstream_function_error", ["The assistant failed", FROM_ASSISTANT]],
  ["upstream_error", ["The assistant answered with an error", FROM_ASSISTANT]],
  ["upstream_empty_response", ["The assistant’s answer was empty", FROM_ASSISTANT]],
  ["upstream_timeout", ["The assistant took too long", FROM_ASSISTANT]],
  [
    "internal_error",
    ["The worker failed", "This should not happen. Report it with a request id and its line of the log."],
  ],
  ["shopper_left", ["The shopper left", "They closed the page before the answer came, as slow answers make likely."]],
  [
    "invalid_shopper_token",
    ["Token not valid", "Your server’s token has expired, or is signed with another key than SHOPPER_TOKEN_KEY."],
  ],
  ["invalid_field", ["A field has the wrong type", FROM_PAGES]],
  ["missing_prompt", ["The question was empty", FROM_PAGES]],
  ["prompt_too_long", ["The question was too long", FROM_PAGES]],
]);

export function ofBudget(name: string): Words {
  const [title = name, text = UNKNOWN] = BUDGETS.get(name) ?? [];
  return { name: title, text };
}

export function ofOutcome(code: string): Words {
  const [title = code.replaceAll("_", " "), text = UNKNOWN] = OUTCOMES.get(code) ?? [];
  return { name: title, text };
}
