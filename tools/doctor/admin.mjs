// Whether /admin is on, where the merchant sees what the worker does.

import { WRANGLER } from "../folder.mjs";
import { right, skipped, wrong } from "./finding.mjs";

/**
 * @import { Finding } from "./finding.mjs"
 * @import { Answer, Visitor } from "./visitor.mjs"
 */

const CHECK = "admin";

/**
 * Asks for the figures without a token. That costs nothing.
 *
 * @param {Visitor} visitor
 * @param {Answer} health
 * @returns {Promise<Finding>}
 */
export async function lookAtAdmin(visitor, health) {
  if (health.status !== 200) return skipped(CHECK, "Correct the settings first.");
  const { status } = await visitor.ask("/admin/usage");
  if (status === 401) return right(CHECK, "/admin is on, and asks for its token.");
  if (status === 404) {
    const todo = `To see there what the worker does, set a token of 32 characters or more: ${WRANGLER} secret put ADMIN_TOKEN`;
    return { ...right(CHECK, "/admin is off."), todo };
  }
  const todo =
    status === 200
      ? "Take the token out of what stands before the worker: it lets everybody see the figures, and lift blocks."
      : `Read the worker's log: ${WRANGLER} tail`;
  return wrong(CHECK, `Without a token, /admin is answered by ${status}.`, todo);
}
