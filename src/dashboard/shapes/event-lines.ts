/**
 * Server-sent events from the bytes of a stream.
 *
 * EventSource cannot send a password, so the stream is fetched and read here. Only what the server sends
 * is understood: `event:` and `data:` lines, an empty line between events.
 */

/** An event. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** Joins chunks to events. */
export class EventLines {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** The events that end in this chunk. */
  push(chunk: Uint8Array): StreamEvent[] {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    const blocks = this.#rest.split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => eventOf(block) ?? []);
  }
}

function eventOf(block: string): StreamEvent | undefined {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length === 0 ? undefined : { name, data: data.join("\n") };
}
