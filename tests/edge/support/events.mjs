// Server-sent events, as a page reads them.

const decoder = new TextDecoder();

/** The events of a body, as the HTML standard has a page see them. */
export function eventsOf(text) {
  const events = [];
  /** @type {{ name?: string, data?: string }} */
  let event = {};
  for (const line of text.split(/\r\n|\n|\r/)) {
    const [, field, value] = line.match(/^([^:]*):? ?(.*)$/) ?? [];
    if (line === "" && event.data !== undefined) events.push({ name: event.name ?? "message", data: event.data });
    if (line === "") event = {};
    if (field === "event") event.name = value;
    if (field === "data") event.data = event.data === undefined ? value : `${event.data}\n${value}`;
  }
  return events;
}

/** Reads a body to its end: its text, and when each piece came. */
export async function readAll(response) {
  const pieces = [];
  for await (const piece of response.body) {
    pieces.push({ text: decoder.decode(piece, { stream: true }), at: Date.now() });
  }
  return { text: pieces.map(({ text }) => text).join(""), pieces };
}
