/**
 * Counting replies without reading them.
 *
 * A load generator written for the same runtime as the server it measures must cost far less than
 * that server. It only has to know how many replies have arrived and whether one of them is an error,
 * so nothing is parsed into values: `ReplyScanner` follows the structure of any RESP2 or RESP3 stream,
 * and `FixedReplyCounter` strides over replies which all have the size of the first one.
 * Neither is safe against a hostile peer; the peer is the server under test.
 */

const LF = 10;
const DASH = 45;

/** Takes bytes as they arrive and says how many replies they completed. */
export interface ReplyCounter {
  /** Replies completed by the first `length` bytes; throws on an error reply. */
  feed(bytes: Buffer, length: number): number;
}

/** What the scanner is in the middle of when a chunk ends. */
type Expectation = "type" | "line" | "length" | "body";

/** Counts complete replies of any shape, whatever the chunking. */
export class ReplyScanner implements ReplyCounter {
  #expects: Expectation = "type";
  #type = 0;
  #number = 0;
  #isNegative = false;
  #bodyBytesLeft = 0;
  /** Values still missing until the reply is complete; an array header adds its elements. */
  #valuesLeft = 1;
  #isWithinReply = false;
  #errorText = "";

  /** Replies completed by the first `length` bytes; throws on a top-level error reply. */
  feed(bytes: Buffer, length: number): number {
    let completed = 0;
    let at = 0;
    while (at < length) {
      if (this.#expects === "body") {
        const skipped = Math.min(this.#bodyBytesLeft, length - at);
        this.#bodyBytesLeft -= skipped;
        at += skipped;
        if (this.#bodyBytesLeft === 0) completed += this.#endValue(0);
      } else if (this.#expects === "type") {
        this.#beginValue(bytes[at++] ?? 0);
      } else {
        const byte = bytes[at++] ?? 0;
        if (byte === LF) completed += this.#endLine();
        else this.#readLineByte(byte);
      }
    }
    return completed;
  }

  #beginValue(type: number): void {
    this.#type = type;
    this.#number = 0;
    this.#isNegative = false;
    this.#errorText = "";
    this.#expects = "$*%~>=".includes(String.fromCharCode(type)) ? "length" : "line";
  }

  #readLineByte(byte: number): void {
    if (this.#expects === "length") {
      if (byte === DASH) this.#isNegative = true;
      else if (byte >= 48 && byte <= 57) this.#number = this.#number * 10 + byte - 48;
    } else if (this.#type === DASH) {
      this.#errorText += String.fromCharCode(byte);
    }
  }

  /** A line has ended: it was the whole value, or the header of a body or of elements. */
  #endLine(): number {
    if (this.#expects === "line") {
      if (this.#type === DASH && !this.#isWithinReply) {
        throw new Error(`the server answered -${this.#errorText.trim()}`);
      }
      return this.#endValue(0);
    }
    if (this.#isNegative) return this.#endValue(0);
    const type = String.fromCharCode(this.#type);
    if (type === "$" || type === "=") {
      this.#bodyBytesLeft = this.#number + 2;
      this.#expects = "body";
      return 0;
    }
    return this.#endValue(type === "%" ? this.#number * 2 : this.#number);
  }

  #endValue(elements: number): number {
    this.#expects = "type";
    this.#valuesLeft += elements - 1;
    this.#isWithinReply = this.#valuesLeft > 0;
    if (this.#isWithinReply) return 0;
    this.#valuesLeft = 1;
    return 1;
  }
}

/** Counts single-line replies that are all as long as the first, checking both ends of each. */
export class FixedReplyCounter implements ReplyCounter {
  #replyBytes = 0;
  #type = 0;
  #seenBytes = 0;

  /** Replies completed by the first `length` bytes; throws when one differs from the first. */
  feed(bytes: Buffer, length: number): number {
    let completed = 0;
    let at = 0;
    if (this.#replyBytes === 0) {
      at = this.#learn(bytes, length);
      if (this.#replyBytes === 0) return 0;
      completed = 1;
    }
    while (at < length) {
      if (this.#seenBytes === 0 && bytes[at] !== this.#type) this.#refuse(bytes, at, length);
      const end = at + this.#replyBytes - this.#seenBytes;
      if (end > length) {
        this.#seenBytes += length - at;
        return completed;
      }
      if (bytes[end - 1] !== LF) this.#refuse(bytes, at, length);
      this.#seenBytes = 0;
      at = end;
      completed++;
    }
    return completed;
  }

  /** Takes type and size from the first reply; returns the offset behind it. */
  #learn(bytes: Buffer, length: number): number {
    if (this.#seenBytes === 0) this.#type = bytes[0] ?? 0;
    if (this.#type === DASH) this.#refuse(bytes, 0, length);
    const end = bytes.subarray(0, length).indexOf(LF);
    if (end < 0) {
      this.#seenBytes += length;
      return length;
    }
    this.#replyBytes = this.#seenBytes + end + 1;
    this.#seenBytes = 0;
    return end + 1;
  }

  #refuse(bytes: Buffer, from: number, to: number): never {
    const text = bytes.toString("latin1", from, Math.min(to, from + 80));
    throw new Error(`expected replies of ${this.#replyBytes} bytes, got ${JSON.stringify(text)}`);
  }
}
