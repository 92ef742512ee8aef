// What a million chats cost on the paid plan, by the prices published in November 2026, in dollars.

const MILLION_REQUESTS = 0.3;
const MILLION_CPU_MS = 0.02;
const MILLION_OBJECT_REQUESTS = 0.15;
const MILLION_GB_SECONDS = 12.5;
const OBJECT_GB = 0.128;
const MILLION_ROWS = 1;

/**
 * cpu: µs of a chat, all of workerd, so that it is an upper bound; counted: what `chats` chats made
 * of object requests, alarms (each is a request), rows and milliseconds with a timer pending.
 */
export function priceOfAMillion(cpu, counted, chats) {
  const { requests, alarms, rows, awakeMs } = counted;
  return (
    MILLION_REQUESTS +
    (cpu / 1_000) * MILLION_CPU_MS +
    ((requests + alarms) / chats) * MILLION_OBJECT_REQUESTS +
    (awakeMs / 1_000 / chats) * OBJECT_GB * MILLION_GB_SECONDS +
    (rows / chats) * MILLION_ROWS
  );
}
