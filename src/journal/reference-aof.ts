/**
 * A walk over the append-only file of the reference, record by record.
 *
 *   *2 CRLF $7 CRLF LOADJOB CRLF $<n> CRLF <n bytes: reference-job.ts> CRLF
 *   *2 CRLF $6 CRLF DELJOB CRLF $40 CRLF <id> CRLF
 *
 * Nothing else is ever in it: no checksum, no header, no version. So damage shows only where a record
 * should begin and does not, or its lengths do not add up. What ends inside a record at the end of the
 * file is torn, and normal after a crash; so is a tail of zeros. Anything else is damage, and the walk
 * goes on at the next place that reads as a whole record. Whether that is good enough to go by is for
 * the caller to say: a body may contain what looks like a record.
 */
import { JOB_ID_CHARS, JOB_ID_WORDS, type JobIdKind, parseJobId } from "../core/job-id.ts";
import type { ByteWindow } from "./byte-window.ts";
import { REFERENCE_JOB_BYTES_MIN, ReferenceJob } from "./reference-job.ts";

/** A serialized job may be that long: twice what the protocol lets a client send. */
const JOB_BYTES_MAX = 1 << 30;
/** Digits of its length. */
const LENGTH_DIGITS_MAX = 10;

const RECORD_START = Buffer.from("*2\r\n$");
const LOAD_HEAD = Buffer.from("*2\r\n$7\r\nLOADJOB\r\n$");
const DELETE_HEAD = Buffer.from("*2\r\n$6\r\nDELJOB\r\n$40\r\n");
const HEAD_BYTES_MAX = LOAD_HEAD.length + LENGTH_DIGITS_MAX + 2;
const CRLF = 0x0d0a;
const ZERO = 0x30;
const NINE = 0x39;

/** What the walk is at. */
export type AofStep = "load" | "delete" | "damaged" | "torn" | "end";

/** Walks from record to record. */
export class ReferenceAof {
  readonly #bytes: ByteWindow;
  /** Where the present record begins, and where the next one does. */
  offset = 0;
  end = 0;
  /** At "load": the job, valid until the next step. */
  readonly job = new ReferenceJob();
  /** At "delete": the id; its words are set when it is canonical. */
  readonly deletedId = new Int32Array(JOB_ID_WORDS);
  deletedKind: JobIdKind = "malformed";
  /** At "damaged" and "torn": what is wrong there. */
  reason = "";

  constructor(bytes: ByteWindow) {
    this.#bytes = bytes;
  }

  /** Goes to the next record; past a torn one only "end" follows. */
  next(): AofStep {
    this.offset = this.end;
    if (this.offset >= this.#bytes.size) return "end";
    const step = this.#readAt(this.offset);
    if (step === "load" || step === "delete") return step;
    const { reason } = this;
    const next = this.#nextWhole(this.offset + 1);
    this.end = next < 0 ? this.#bytes.size : next;
    this.reason = reason;
    if (step === "damaged") return "damaged";
    if (next < 0) return "torn";
    this.reason = "a length that points behind the end of the file";
    return "damaged";
  }

  /** Reads the record at `at` and says what it is; sets `end` or `reason`. */
  #readAt(at: number): "load" | "delete" | "damaged" | "torn" {
    const head = this.#bytes.view(at, HEAD_BYTES_MAX);
    if (startsWith(head, LOAD_HEAD)) {
      return head.length < LOAD_HEAD.length ? this.#torn() : this.#readLoad(at, head);
    }
    if (startsWith(head, DELETE_HEAD)) return this.#readDelete(at);
    if (head[0] === 0 && this.#bytes.isZeroFrom(at)) {
      this.reason = "nothing but zeros follows";
      return "torn";
    }
    return this.#damaged(
      head.subarray(0, RECORD_START.length).equals(RECORD_START)
        ? "neither LOADJOB nor DELJOB"
        : "no record begins here",
    );
  }

  #readLoad(at: number, head: Buffer): "load" | "damaged" | "torn" {
    let digits = LOAD_HEAD.length;
    let length = 0;
    for (; digits < head.length && digits < LOAD_HEAD.length + LENGTH_DIGITS_MAX; digits++) {
      const digit = head[digits] as number;
      if (digit < ZERO || digit > NINE) break;
      length = length * 10 + digit - ZERO;
    }
    if (digits + 2 > head.length) return this.#torn();
    if (digits === LOAD_HEAD.length || head.readUInt16BE(digits) !== CRLF) {
      return this.#damaged("a LOADJOB without a length");
    }
    if (length < REFERENCE_JOB_BYTES_MIN || length > JOB_BYTES_MAX) {
      return this.#damaged(`a LOADJOB of ${length} bytes`);
    }
    const start = at + digits + 2;
    const end = start + length + 2;
    if (end > this.#bytes.size) return this.#torn();
    // First the cheap looks: while the next whole record is searched, most places are none.
    if (this.#bytes.peek(start, 4).readUInt32LE(0) !== length - 4) {
      return this.#damaged("a job whose length is not that of its record");
    }
    if (this.#bytes.peek(end - 2, 2).readUInt16BE(0) !== CRLF) {
      return this.#damaged("a LOADJOB that does not end where it says");
    }
    const problem = this.job.read(this.#bytes.view(start, length));
    if (problem !== undefined) return this.#damaged(problem);
    this.end = end;
    return "load";
  }

  #readDelete(at: number): "delete" | "damaged" | "torn" {
    const length = DELETE_HEAD.length + JOB_ID_CHARS + 2;
    const record = this.#bytes.view(at, length);
    if (record.length < length) return this.#torn();
    if (record.readUInt16BE(length - 2) !== CRLF) {
      return this.#damaged("a DELJOB that does not end where it says");
    }
    this.deletedKind = parseJobId(record, DELETE_HEAD.length, length - 2, this.deletedId);
    if (this.deletedKind === "malformed") return this.#damaged("a DELJOB without an id");
    this.end = at + length;
    return "delete";
  }

  /** Where the next whole record begins, at or behind `from`; -1: nowhere. */
  #nextWhole(from: number): number {
    for (let at = this.#bytes.find(RECORD_START, from); at >= 0; ) {
      const step = this.#readAt(at);
      if (step === "load" || step === "delete") return at;
      at = this.#bytes.find(RECORD_START, at + 1);
    }
    return -1;
  }

  #torn(): "torn" {
    this.reason = "the file ends within a record";
    return "torn";
  }

  #damaged(reason: string): "damaged" {
    this.reason = reason;
    return "damaged";
  }
}

/** Whether both begin alike, as far as the shorter goes. */
function startsWith(bytes: Buffer, head: Buffer): boolean {
  const length = Math.min(bytes.length, head.length);
  return bytes.compare(head, 0, length, 0, length) === 0;
}
