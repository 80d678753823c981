/**
 * Lines of text for Prometheus, written as the bytes that are sent.
 *
 * Of ten thousand queues there are fifty thousand lines. As strings they would be garbage that outlives several
 * collections, each of which stops the server for milliseconds, and would be copied once more to be sent. Here a line is a few
 * copies into a block, and what is there in the end are some dozen blocks outside of the engine's heap.
 */
import { labelOf } from "./bytes-text.ts";

/** Blocks begin small, for nodes with few queues, and double. */
const BLOCK_BYTES_MIN = 1024;
/** What one write sends: tens of microseconds. */
const BLOCK_BYTES_MAX = 64 * 1024;
/** Of a line beside its name and label: a number in JavaScript has up to 25 characters. */
const AROUND_BYTES_MAX = 32;

const ZERO = 48;
const LF = 10;
const QUOTE = 34;
const BACKSLASH = 92;
const BRACE = 125;
const BLANK = 32;

/** The lines of one metric, each with one label. */
export class SampleLines {
  readonly #head: Buffer;
  readonly #full: Buffer[] = [];
  #block: Buffer;
  #length = 0;

  /** @param name of the metric and @param label of the label; @param head lines before the first sample */
  constructor(name: string, label: string, head: string) {
    this.#head = Buffer.from(`${name}{${label}="`, "latin1");
    this.#block = Buffer.from(head, "utf8");
    this.#length = this.#block.length;
  }

  /** Everything, in the order in which it was added; nothing is added any more. */
  get blocks(): readonly Buffer[] {
    return [...this.#full, this.#block.subarray(0, this.#length)];
  }

  /** One sample; `labelBytes` as `labelBytesOf` has made them. */
  add(labelBytes: Uint8Array, value: number): void {
    const head = this.#head;
    this.#ensure(head.length + labelBytes.length + AROUND_BYTES_MAX);
    const block = this.#block;
    let at = this.#length;
    block.set(head, at);
    at += head.length;
    block.set(labelBytes, at);
    at += labelBytes.length;
    block[at++] = QUOTE;
    block[at++] = BRACE;
    block[at++] = BLANK;
    at = writeNumber(block, at, value);
    block[at++] = LF;
    this.#length = at;
  }

  #ensure(bytes: number): void {
    if (this.#length + bytes <= this.#block.length) return;
    this.#full.push(this.#block.subarray(0, this.#length));
    const doubled = Math.max(BLOCK_BYTES_MIN, 2 * this.#block.length);
    this.#block = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(BLOCK_BYTES_MAX, doubled)));
    this.#length = 0;
  }
}

/** A name as it stands between the quotes of a label; mostly the name itself. */
export function labelBytesOf(name: Buffer): Buffer {
  let isPlain = true;
  for (let i = 0; i < name.length; i++) {
    const byte = name[i] as number;
    if (byte === LF || byte === QUOTE || byte === BACKSLASH || byte > 127) isPlain = false;
  }
  if (isPlain) return name;
  const label = labelOf(name);
  const text = label.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
  return Buffer.from(text, "utf8");
}

/** Decimal digits at `at`; returns where they end. */
function writeNumber(block: Buffer, at: number, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= 1e9) {
    return at + block.write(String(value), at, "latin1");
  }
  let end = at + 1;
  for (let rest = value; rest >= 10; rest = Math.trunc(rest / 10)) end++;
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    const tenth = Math.trunc(rest / 10);
    block[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}
