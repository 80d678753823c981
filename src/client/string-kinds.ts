/**
 * Which strings of a stream of replies are statuses (`+OK`) and which are bulk strings (`$2`).
 *
 * redis-parser gives both as the same, and people are shown them differently: `OK` and `"OK"`. This
 * walks over the same bytes beside it and only notes the kind of each string, in order. The content is
 * skipped; whether the stream is well formed is the parser's business.
 */

const LF = 10;
const DASH = 45;
const PLUS = 43;
const DOLLAR = 36;

/** Feed it every chunk before the parser gets it; take one kind for every string of a reply. */
export class StringKinds {
  #kinds: boolean[] = [];
  #next = 0;
  /** First byte of the line that is being read; 0 between lines. */
  #type = 0;
  #length = 0;
  #isNull = false;
  /** Bytes of a bulk string and of its line end that are still to come. */
  #skip = 0;

  /** Walks over a chunk. */
  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else if (this.#type === 0) {
        this.#begin(chunk[at++] as number);
      } else {
        at = this.#readLine(chunk, at);
      }
    }
  }

  /** Whether the next string is a status. */
  takeIsStatus(): boolean {
    const isStatus = this.#kinds[this.#next++] === true;
    if (this.#next === this.#kinds.length) {
      this.#kinds = [];
      this.#next = 0;
    }
    return isStatus;
  }

  #begin(type: number): void {
    this.#type = type;
    this.#length = 0;
    this.#isNull = false;
  }

  /** Reads on in the present line; returns where to go on. */
  #readLine(chunk: Buffer, from: number): number {
    const found = chunk.indexOf(LF, from);
    const end = found < 0 ? chunk.length : found;
    if (this.#type === DOLLAR) this.#readLength(chunk, from, end);
    if (found >= 0) this.#endLine();
    return end + 1;
  }

  #readLength(chunk: Buffer, from: number, end: number): void {
    for (let at = from; at < end; at++) {
      const byte = chunk[at] as number;
      if (byte === DASH) this.#isNull = true;
      else if (byte >= 48 && byte <= 57) this.#length = this.#length * 10 + byte - 48;
    }
  }

  #endLine(): void {
    if (this.#type === PLUS) this.#kinds.push(true);
    if (this.#type === DOLLAR && !this.#isNull) {
      this.#kinds.push(false);
      this.#skip = this.#length + 2;
    }
    this.#type = 0;
  }
}
