// What a panel needs of the client library. Its other parts import it from here.

export { Chat } from "../../client/src/chat.ts";
export { ConciergeError } from "../../client/src/error.ts";
