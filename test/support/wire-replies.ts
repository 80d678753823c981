/**
 * Replies as short text, for tests that compare them in one line.
 *
 * What the server wrote, with the type in front: `+OK`, `-ERR syntax error`, `:1`, `$body`. Nulls are
 * `nil$`, `nil*` and `nil_`; arrays are arrays of these, maps are Maps. Bytes are latin1 characters.
 */

/** One reply. */
export type WireReply = string | WireReply[] | Map<string, WireReply>;

/** Takes replies one after the other from bytes that arrive in any pieces. */
export class WireReplies {
  #bytes = Buffer.alloc(0);
  #at = 0;

  /** Adds bytes from the server. */
  append(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), bytes]);
    this.#at = 0;
  }

  /** Bytes that no reply has been made of. */
  get waitingBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next reply; undefined when none is complete. */
  next(): WireReply | undefined {
    const start = this.#at;
    const reply = this.waitingBytes === 0 ? undefined : this.#reply();
    if (reply === undefined) this.#at = start;
    return reply;
  }

  #reply(): WireReply | undefined {
    const end = this.#bytes.indexOf("\r\n", this.#at, "latin1");
    if (end < 0) return undefined;
    const line = this.#bytes.toString("latin1", this.#at, end);
    this.#at = end + 2;
    const value = line.slice(1);
    switch (line[0]) {
      case "+":
      case "-":
      case ":":
        return line;
      case "_":
        return "nil_";
      case "$":
        return value === "-1" ? "nil$" : this.#bulk(Number(value));
      case "*":
        return value === "-1" ? "nil*" : this.#list(Number(value));
      case "%":
        return this.#map(Number(value));
      default:
        throw new Error(`not a reply: ${JSON.stringify(line)}`);
    }
  }

  #bulk(size: number): string | undefined {
    const end = this.#at + size;
    if (end + 2 > this.#bytes.length) return undefined;
    const body = this.#bytes.toString("latin1", this.#at, end);
    this.#at = end + 2;
    return `$${body}`;
  }

  #list(count: number): WireReply[] | undefined {
    const items: WireReply[] = [];
    while (items.length < count) {
      const item = this.#reply();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }

  #map(pairs: number): Map<string, WireReply> | undefined {
    const items = this.#list(2 * pairs);
    if (items === undefined) return undefined;
    const map = new Map<string, WireReply>();
    for (let i = 0; i < items.length; i += 2) map.set(String(items[i]), items[i + 1] ?? "");
    return map;
  }
}

/** The bytes of a request as clients send it: an array of bulk strings. Strings are latin1. */
export function encodeRequest(args: readonly (string | number | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = arg instanceof Uint8Array ? arg : Buffer.from(String(arg), "latin1");
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}
