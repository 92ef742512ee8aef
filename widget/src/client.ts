// The client library, without what a panel does not need. The rest of the widget imports it from here.

export { Chat } from "../../client/src/chat.ts";
export { ConciergeError } from "../../client/src/error.ts";
