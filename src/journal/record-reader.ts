/**
 * Walks over the records of a block, whoever wants to know: the replay, or somebody who looks at a log.
 *
 * The fields show one record and are overwritten by the next. Bytes may be anything: whatever is no
 * record is a LogError, and nothing behind the end of the block is read.
 */
import { PackedReader } from "../cluster/jobs/packing/packed-reader.ts";
import { WireError } from "../cluster/wire/wire-error.ts";
import { NODE_INDEX_LIMIT } from "../core/holder-sets.ts";
import { JobState } from "../core/job.ts";
import { JOB_ID_WORDS } from "../core/job-id.ts";
import { COUNTER_MAX, EPOCH_MAX } from "../core/job-record.ts";
import { LogError } from "./log-error.ts";
import {
  ADDED_TYPE,
  CHANGED_TYPE,
  LOG_FLAGS_LIMIT,
  LogFlag,
  type RecordKind,
  RecordType,
} from "./record-types.ts";

/** Times are below 2^32 seconds. */
const SECONDS_MAX = 4_294_967_295;
const REPLICATE_MAX = 65_535;
/** Jobs of one millisecond. */
const CREATED_COUNTER_MAX = 999_999;
const NODE_ID_BYTES = 20;
/** A list may name every node once. */
const LIST_MAX = NODE_INDEX_LIMIT;
/** Numbers of nodes are below this: one for every index, and again each time an index gets another node. */
const NODE_NUMBER_LIMIT = 1 << 30;

/** The kinds of RecordType by their types. */
const KINDS: readonly (RecordKind | undefined)[] = kindsByType();

/** A walk over records. */
export class RecordReader {
  /** What is walked over: the payload of a block. */
  buffer: Buffer = Buffer.alloc(0);
  /** Where the record that is shown begins and ends: buffer[start, end). */
  start = 0;
  end = 0;
  kind: RecordKind = "closed";
  /** Of added, changed, gone. */
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** Of added and changed, as all that follows down to the list. */
  state: JobState = 0;
  /** Some of LogFlag. */
  flags = 0;
  epoch = 0;
  nacks = 0;
  additionalDeliveries = 0;
  /** Wall clock ms; counts only with LogFlag.hasMoment. */
  momentWallMs = 0;
  /** The list: list[0, listLength), each number of a node << 1 | has only borrowed it. */
  readonly list: number[] = [];
  listLength = 0;
  /** Of added, as all that follows down to the body. Wall clock ms. */
  createdMs = 0;
  createdCounter = 0;
  /** Copies wanted, 1..65535. */
  replicate = 1;
  delaySeconds = 0;
  retrySeconds = 0;
  ttlSeconds = 0;
  /** Wall clock ms. */
  expiresWallMs = 0;
  /** Name of the queue: buffer[queueStart, queueEnd). */
  queueStart = 0;
  queueEnd = 0;
  /** Body: buffer[bodyStart, bodyEnd). */
  bodyStart = 0;
  bodyEnd = 0;
  /** Of node and voided. */
  nodeNumber = 0;
  /** Of node: 40 lower-case hex digits. */
  nodeId = "";

  readonly #reader = new PackedReader();

  /** Begins with the first record of a payload; `next` must be called before anything is shown. */
  begin(payload: Buffer): void {
    this.buffer = payload;
    this.start = 0;
    this.end = 0;
    this.#reader.use(payload);
  }

  /** Goes on to the next record; false: that was all. Throws a LogError. */
  next(): boolean {
    if (this.#reader.remaining === 0) return false;
    this.start = this.#reader.position;
    try {
      this.#read();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new LogError(`no record at byte ${this.start} of the block: ${error.message}`);
    }
    this.end = this.#reader.position;
    return true;
  }

  #read(): void {
    const reader = this.#reader;
    const type = reader.byte();
    if (type >= ADDED_TYPE && type <= ADDED_TYPE + JobState.acked) {
      this.kind = "added";
      this.state = (type - ADDED_TYPE) as JobState;
      this.#readAdded(reader);
    } else if (type >= CHANGED_TYPE && type <= CHANGED_TYPE + JobState.acked) {
      this.kind = "changed";
      this.state = (type - CHANGED_TYPE) as JobState;
      reader.jobId(this.id);
      this.#readChanging(reader);
    } else {
      const kind = KINDS[type];
      if (kind === undefined) throw new WireError(`type ${type}`);
      this.kind = kind;
      this.#readOther(reader, type);
    }
  }

  #readOther(reader: PackedReader, type: number): void {
    if (type === RecordType.gone) reader.jobId(this.id);
    if (type === RecordType.node || type === RecordType.voided) {
      this.nodeNumber = reader.within(1, NODE_NUMBER_LIMIT);
    }
    if (type === RecordType.node) this.nodeId = reader.hex(NODE_ID_BYTES);
  }

  #readAdded(reader: PackedReader): void {
    reader.jobId(this.id);
    this.createdMs = readWallMs(reader);
    this.createdCounter = reader.within(0, CREATED_COUNTER_MAX);
    this.replicate = reader.within(1, REPLICATE_MAX);
    this.delaySeconds = reader.within(0, SECONDS_MAX);
    this.retrySeconds = reader.within(0, SECONDS_MAX);
    this.ttlSeconds = reader.within(1, SECONDS_MAX);
    this.expiresWallMs = readWallMs(reader);
    const queueBytes = reader.varint();
    this.queueStart = reader.take(queueBytes);
    this.queueEnd = reader.position;
    this.#readChanging(reader);
    const bodyBytes = reader.varint();
    this.bodyStart = reader.take(bodyBytes);
    this.bodyEnd = reader.position;
  }

  #readChanging(reader: PackedReader): void {
    this.flags = reader.byte() * 256 + reader.byte();
    if (this.flags >= LOG_FLAGS_LIMIT) throw new WireError(`flags ${this.flags}`);
    const hasCounts = (this.flags & LogFlag.hasCounts) !== 0;
    this.epoch = hasCounts ? reader.within(0, EPOCH_MAX) : 0;
    this.nacks = hasCounts ? reader.within(0, COUNTER_MAX) : 0;
    this.additionalDeliveries = hasCounts ? reader.within(0, COUNTER_MAX) : 0;
    this.momentWallMs = (this.flags & LogFlag.hasMoment) !== 0 ? readWallMs(reader) : 0;
    this.listLength = reader.within(0, LIST_MAX);
    for (let i = 0; i < this.listLength; i++) {
      this.list[i] = reader.within(0, NODE_NUMBER_LIMIT * 2 + 1);
    }
  }
}

function readWallMs(reader: PackedReader): number {
  const ms = reader.float();
  if (!(ms >= 0 && ms <= Number.MAX_SAFE_INTEGER)) throw new WireError(`a moment of ${ms} ms`);
  return ms;
}

function kindsByType(): (RecordKind | undefined)[] {
  const kinds: (RecordKind | undefined)[] = [];
  for (const [kind, type] of Object.entries(RecordType)) kinds[type] = kind as RecordKind;
  return kinds;
}
