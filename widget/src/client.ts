// The client library. Whichever it is, the rest of the widget imports it from here.

export { Concierge, ConciergeError } from "../../client/src/concierge-client.ts";
