/**
 * Bytes received and not yet read: append at one end, take from the other.
 *
 * One growing buffer, so that a reply of many chunks costs linear time. Not for production: it
 * never shrinks.
 */
export class ByteQueue {
  #store = Buffer.alloc(65_536);
  #start = 0;
  #end = 0;

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies the chunk to the end. */
  append(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#store.length) this.#makeRoom(chunk.length);
    chunk.copy(this.#store, this.#end);
    this.#end += chunk.length;
  }

  /** Takes exactly that many bytes, as a copy; undefined when there are fewer. */
  take(bytes: number): Buffer | undefined {
    if (this.length < bytes) return undefined;
    const taken = Buffer.from(this.#store.subarray(this.#start, this.#start + bytes));
    this.#start += bytes;
    return taken;
  }

  /** Takes a line that ends with CRLF and returns it without; undefined when there is none yet. */
  takeLine(): Buffer | undefined {
    const lineEnd = this.#store.subarray(this.#start, this.#end).indexOf("\r\n");
    return lineEnd < 0 ? undefined : this.take(lineEnd + 2)?.subarray(0, lineEnd);
  }

  /** Everything that waits, without taking it. */
  peek(): Buffer {
    return Buffer.from(this.#store.subarray(this.#start, this.#end));
  }

  #makeRoom(bytes: number): void {
    const waiting = this.#store.subarray(this.#start, this.#end);
    const grown = Buffer.alloc(Math.max(this.#store.length, 2 * (waiting.length + bytes)));
    waiting.copy(grown);
    this.#store = grown;
    this.#end = waiting.length;
    this.#start = 0;
  }
}
