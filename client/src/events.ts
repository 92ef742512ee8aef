// Server-sent events, read as they arrive (HTML standard, 9.2).

/**
 * Yields the name and the data of each event. Each line of the data has its line's end.
 *
 * A body that is cut ends like any other, without its last half event.
 */
export async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<[name: string, data: string]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let name = "";
  let data = "";
  for (;;) {
    const { value }: { value?: Uint8Array } = await reader.read().catch(() => ({}));
    if (!value) return;
    // A character may be torn between two chunks.
    text += decoder.decode(value, { stream: true });
    // A last CR may be half of a line's end, so it waits for the next chunk.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    text = lines.pop() as string;
    for (const line of lines) {
      // A comment is a field without a name.
      const [, field, rest] = /^([^:]*):? ?(.*)/s.exec(line) as RegExpExecArray;
      if (field === "event") name = rest;
      if (field === "data") data += `${rest}\n`;
      if (line === "") {
        if (data) yield [name, data];
        name = data = "";
      }
    }
  }
}
