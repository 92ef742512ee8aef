// A shopper who leaves: the connection is reset, since workerd does not notice one that is merely
// closed. `fetch` cannot do that.

import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Posts a chat and leaves after so many milliseconds, whatever has come by then. */
export async function postAndLeave(url, headers, body, ms) {
  const posted = request(url, { method: "POST", headers, agent: false });
  posted.on("error", () => {});
  posted.on("response", (response) => response.on("error", () => {}).resume());
  posted.end(body);
  await sleep(ms);
  posted.socket?.resetAndDestroy();
}
