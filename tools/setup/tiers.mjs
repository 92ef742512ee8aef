// The limits that fit a plan of the assistant's (docs/settings.md).

/** @type {Record<string, { label: string, vars: Record<string, string> }>} */
export const TIERS = {
  trial: {
    label: "a trial key: 30 chats a minute, 500 an hour, 2,000 a day",
    vars: {
      SHOPPER_LIMITS: "6/minute, 40/hour, 100/day",
      NEWCOMER_LIMITS: "10/minute, 60/hour, 200/day",
      NETWORK_LIMITS: "20/minute, 200/hour, 600/day",
    },
  },
  production: {
    label: "a production key: 120 chats a minute, 5,000 an hour, 50,000 a day",
    vars: {
      SHOPPER_LIMITS: "10/minute, 80/hour, 250/day",
      NEWCOMER_LIMITS: "20/minute, 200/hour, 1000/day",
      NETWORK_LIMITS: "60/minute, 1000/hour, 5000/day",
    },
  },
};

/**
 * Returns which tier the settings have, or undefined if they have limits of their own.
 *
 * @param {Record<string, string>} vars
 */
export function tierOf(vars) {
  return Object.keys(TIERS).find((tier) =>
    Object.entries(TIERS[tier].vars).every(([name, value]) => vars[name] === value),
  );
}
