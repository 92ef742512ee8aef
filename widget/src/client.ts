// What a panel needs of the client library. Its other parts import it from here.

export { attempt } from "../../client/src/attempt.ts";
export { Chat } from "../../client/src/chat.ts";
export { ConciergeError } from "../../client/src/error.ts";
export { SESSION } from "../../client/src/shelf.ts";
