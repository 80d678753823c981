/**
 * A job as the reference writes it into its AOF (reference cluster, section 7.6).
 *
 *   offset 0  u32 bytes that follow     44  u8 state, low 4 bits    60  u32 delay, s
 *          4  40 characters of the id   45  u8 flags                64  u32 retry, s
 *                                       46  u16 replication         68  u16 nacks
 *                                       48  u32 end of life, s      70  u16 additional deliveries
 *                                       52  u64 creation            72  u32 bytes of queue name, name
 *   then u32 bytes of body, body; u32 nodes, 40 characters each. All integers are little-endian.
 *
 * The reference believes the lengths inside; here they must add up exactly. What a job read this way
 * means for us is decided in reference-due.ts.
 */
import {
  isWellFormedJobId,
  JOB_ID_CHARS,
  JOB_ID_WORDS,
  type JobIdKind,
  parseJobId,
} from "../core/job-id.ts";

/** A job with an empty name, an empty body and no nodes, length field included. */
export const REFERENCE_JOB_BYTES_MIN = 84;

/** Its states. */
export const ReferenceState = { replicating: 0, active: 1, queued: 2, acked: 3 } as const;

const ID = 4;
const STATE = 44;
const FLAGS = 45;
const REPLICATE = 46;
const EXPIRE = 48;
const CREATED = 52;
const DELAY = 60;
const RETRY = 64;
const NACKS = 68;
const ADDITIONAL = 70;
const QUEUE_LENGTH = 72;

const STATE_BITS = 0xf;
const FLAG_DELIVERED = 4;
/** Creation times are ms x 10^6 + a counter. */
const CREATED_UNITS_PER_MS = 1_000_000n;

/** One serialized job. One object serves for all: `read` fills it again. */
export class ReferenceJob {
  /** What was read; the positions below are in it. */
  bytes: Buffer = Buffer.alloc(0);
  /** Set when `idKind` is canonical; other ids are none of ours. */
  readonly id = new Int32Array(JOB_ID_WORDS);
  idKind: JobIdKind = "malformed";
  /** One of ReferenceState, or a number without meaning. */
  state = 0;
  wasDelivered = false;
  /** Copies wanted; 0 is possible. */
  replicate = 0;
  /** Unix time. */
  expiresAtSeconds = 0;
  /** Wall clock ms, and the order among jobs of the same ms. */
  createdMs = 0;
  createdCounter = 0;
  delaySeconds = 0;
  retrySeconds = 0;
  nacks = 0;
  additionalDeliveries = 0;
  queueStart = 0;
  queueEnd = 0;
  bodyStart = 0;
  bodyEnd = 0;

  /** Reads a job that fills `bytes`, which are kept; what is wrong with it, or undefined. */
  read(bytes: Buffer): string | undefined {
    const problem = this.#readTexts(bytes);
    if (problem !== undefined) return problem;
    if (!isWellFormedJobId(bytes, ID, ID + JOB_ID_CHARS)) return "a job without an id";
    this.bytes = bytes;
    this.idKind = parseJobId(bytes, ID, ID + JOB_ID_CHARS, this.id);
    this.state = (bytes[STATE] as number) & STATE_BITS;
    this.wasDelivered = ((bytes[FLAGS] as number) & FLAG_DELIVERED) !== 0;
    this.replicate = bytes.readUInt16LE(REPLICATE);
    this.expiresAtSeconds = bytes.readUInt32LE(EXPIRE);
    const created = bytes.readBigUInt64LE(CREATED);
    this.createdMs = Number(created / CREATED_UNITS_PER_MS);
    this.createdCounter = Number(created % CREATED_UNITS_PER_MS);
    this.delaySeconds = bytes.readUInt32LE(DELAY);
    this.retrySeconds = bytes.readUInt32LE(RETRY);
    this.nacks = bytes.readUInt16LE(NACKS);
    this.additionalDeliveries = bytes.readUInt16LE(ADDITIONAL);
    return undefined;
  }

  /** Finds the parts of variable length and compares their sum with the whole. */
  #readTexts(bytes: Buffer): string | undefined {
    const { length } = bytes;
    if (length < REFERENCE_JOB_BYTES_MIN) return `a job of ${length} bytes`;
    if (bytes.readUInt32LE(0) !== length - 4) return "a job whose length is not that of its record";
    this.queueStart = QUEUE_LENGTH + 4;
    this.queueEnd = this.queueStart + bytes.readUInt32LE(QUEUE_LENGTH);
    this.bodyStart = this.queueEnd + 4;
    if (this.bodyStart + 4 > length) return "a queue name longer than its job";
    this.bodyEnd = this.bodyStart + bytes.readUInt32LE(this.queueEnd);
    if (this.bodyEnd + 4 > length) return "a body longer than its job";
    const nodes = bytes.readUInt32LE(this.bodyEnd);
    const end = this.bodyEnd + 4 + nodes * JOB_ID_CHARS;
    return end === length ? undefined : "a list of nodes that does not fill its job";
  }
}
