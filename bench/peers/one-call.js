// The floor of whoever limits exactly: pass-through, and one call into the object of the network. The
// object counts nothing, refuses nobody and writes nothing: nobody should deploy it.

import { DurableObject } from "cloudflare:workers";

const URL_OF_CHATS = "/concierge/chat";

export default {
  async fetch(request, env) {
    const { body, headers } = request;
    await env.LIMITER.getByName(headers.get("cf-connecting-ip")).hit();
    const init = {
      method: "POST",
      headers: { "content-type": headers.get("content-type"), "x-api-key": env.CONCIERGE_API_KEY },
      body,
    };
    return fetch(env.CONCIERGE_BASE_URL + URL_OF_CHATS, init);
  },
};

export class Limiter extends DurableObject {
  hit() {
    return true;
  }
}
