/**
 * Lines of one metric with one label, written as bytes into large pieces.
 *
 *   ringq_queue_jobs{queue="mail"} 12
 *
 * Per queue there are many of them. As strings each line is made, joined, and encoded; copying bytes is
 * three times as fast and leaves nothing behind to collect.
 */

/** A piece is about as long. */
const PIECE_BYTES = 64 * 1024;
/** Digits, sign, point and exponent of any number. */
const NUMBER_BYTES_MAX = 25;
const BEHIND_LABEL = Buffer.from('"} ');
const LINE_END = 0x0a;

/** Collects lines. */
export class LabelLines {
  readonly #start: Buffer;
  readonly #pieces: Buffer[] = [];
  #piece: Buffer;
  #at: number;

  /** @param head stands before all lines */
  constructor(head: string, metric: string, label: string) {
    this.#start = Buffer.from(`${metric}{${label}="`);
    this.#piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    this.#at = this.#piece.write(head);
  }

  /** Adds a line. `label`: escaped as Prometheus wants it. */
  add(label: Buffer, value: number): void {
    const most = this.#start.length + label.length + BEHIND_LABEL.length + NUMBER_BYTES_MAX + 1;
    if (this.#piece.length - this.#at < most) this.#nextPiece(most);
    this.#copy(this.#start);
    this.#copy(label);
    this.#copy(BEHIND_LABEL);
    const digits = String(value);
    for (let i = 0; i < digits.length; i++) this.#piece[this.#at++] = digits.charCodeAt(i);
    this.#piece[this.#at++] = LINE_END;
  }

  /** All that was written; nothing is added any more. */
  pieces(): Buffer[] {
    return [...this.#pieces, this.#piece.subarray(0, this.#at)];
  }

  /** By hand: for so few bytes a call out of the engine would take longer. */
  #copy(bytes: Buffer): void {
    const piece = this.#piece;
    let at = this.#at;
    for (let i = 0; i < bytes.length; i++) piece[at++] = bytes[i] as number;
    this.#at = at;
  }

  #nextPiece(bytesMin: number): void {
    this.#pieces.push(this.#piece.subarray(0, this.#at));
    this.#piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, bytesMin));
    this.#at = 0;
  }
}

const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether bytes may stand in a label as they are. */
export function isPlainLabel(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte < FIRST_PLAIN || byte > LAST_PLAIN || byte === QUOTE || byte === BACKSLASH) {
      return false;
    }
  }
  return true;
}
