// What is said when the worker gives no figures.

import type { Trouble } from "./api.ts";
import { duration } from "./format.ts";

export function explain(trouble: Trouble) {
  switch (trouble.kind) {
    case "wrong_token":
      return "This token is wrong.";
    case "no_token_set":
      return "This worker has no ADMIN_TOKEN. Set it with `npx wrangler secret put ADMIN_TOKEN`.";
    case "wait":
      return `Too many requests from your network. Wait ${duration(trouble.seconds)}.`;
    case "unreachable":
      return navigator.onLine ? "The worker cannot be reached." : "You are offline.";
    case "not_found":
      return "No limit of yours refused a request with this id, or it is too long ago.";
    case "refused":
      if (trouble.code === "usage_unavailable") return "The worker cannot read its counts now.";
      return trouble.message || "The worker has no answer to this.";
  }
}
