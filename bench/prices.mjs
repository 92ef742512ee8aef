// What a million chats cost on the paid plan beyond what it includes, in dollars.

import { METERS, OBJECT_GB } from "../scripts/cost/prices.mjs";

/**
 * cpu: µs of a chat, all of workerd, so that it is an upper bound; counted: what `chats` chats made
 * of object requests, alarms (each is a request), rows, deletions (each is a row written) and
 * milliseconds with a timer pending.
 */
export function priceOfAMillion(cpu, counted, chats) {
  const { requests, alarms, rows, deletions, awakeMs } = counted;
  return (
    METERS.requests.price +
    (cpu / 1_000) * METERS.cpuMs.price +
    ((requests + alarms) / chats) * METERS.objectRequests.price +
    (awakeMs / 1_000 / chats) * OBJECT_GB * METERS.objectGbSeconds.price +
    ((rows + deletions) / chats) * METERS.rowsWritten.price
  );
}
