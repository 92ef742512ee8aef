// The floor: adds the key and forwards. No check, no limit, no CORS: nobody should deploy it.

const URL_OF_CHATS = "/concierge/chat";

export default {
  fetch(request, env) {
    const { body, headers } = request;
    const init = {
      method: "POST",
      headers: { "content-type": headers.get("content-type"), "x-api-key": env.CONCIERGE_API_KEY },
      body,
    };
    return fetch(env.CONCIERGE_BASE_URL + URL_OF_CHATS, init);
  },
};
