/**
 * A wire reader for packed items: numbers of several bytes are read through a view.
 *
 * The view costs something for every buffer and saves more for every item, of which a buffer has
 * thousands. All that is said of a wire reader holds: nothing behind the end is read, and what does
 * not fit is a WireError.
 */
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { WireError } from "../../wire/wire-error.ts";
import { WireReader } from "../../wire/wire-reader.ts";
import { viewOf } from "./packed-writer.ts";

/** Bytes of a job id. */
export const JOB_ID_BYTES = 4 * JOB_ID_WORDS;

const NOTHING = Buffer.alloc(0);

/** A position in a buffer that is exchanged for the next one. */
export class PackedReader extends WireReader {
  view = viewOf(NOTHING);
  /** Of a walk over items: which one was read last, -1 before the first; whether one was not right. */
  item = -1;
  isDamaged = false;

  constructor() {
    super(NOTHING);
  }

  /** Goes on at the beginning of another buffer. */
  use(buffer: Buffer): void {
    this.buffer = buffer;
    this.view = viewOf(buffer);
    this.position = 0;
    this.end = buffer.length;
  }

  /** Lets go of the buffer, which may be large. */
  drop(): void {
    this.use(NOTHING);
  }

  /** 32 bits, unsigned. */
  word(): number {
    return this.view.getUint32(this.take(4));
  }

  override float(): number {
    return this.view.getFloat64(this.take(8));
  }

  /** A natural number that must lie between these, both included. */
  within(min: number, max: number): number {
    const value = this.varint();
    if (value < min || value > max) throw new WireError(`${value} is not of ${min} to ${max}`);
    return value;
  }

  /** Reads a job id into six words. */
  jobId(id: Int32Array): void {
    const at = this.take(JOB_ID_BYTES);
    const { view } = this;
    for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = view.getInt32(at + 4 * word);
  }
}
