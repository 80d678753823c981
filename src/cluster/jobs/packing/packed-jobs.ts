/**
 * Packed jobs: full copies, straight from one job table towards another.
 *
 *   id 24 | created: ms as a double, 8 | counter | epoch | copies wanted | delay, retry, TTL: s
 *   | left of its life: ms | nacks | additional deliveries | flags: 1 | if so: due in ms
 *   | queue name: length and bytes | list of holders (packed-nodes.ts) | body: length and bytes
 *
 * Numbers without a size are varints. The clocks of two nodes have nothing in common, so that
 * moments are told as what is left until then. A borrower is not told: who has lent a job out is its
 * keeper's business only.
 *
 * This runs for every copy of every job. Nothing in it makes an object; a field is read once.
 */
import { type Job, JobFlag, JobState } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { COUNTER_MAX, EPOCH_MAX } from "../../../core/job-record.ts";
import { WireError } from "../../wire/wire-error.ts";
import { ItemPacker } from "./packed-items.ts";
import { holdersOf, nodesBytesMax, UnpackerWithNodes, writeHolders } from "./packed-nodes.ts";
import type { PackedReader } from "./packed-reader.ts";
import { VARINT_BYTES_MAX } from "./packed-writer.ts";

/** Times are below 2^32 seconds. */
const SECONDS_MAX = 4_294_967_295;
/** Nothing is due later than after its delay or RETRY. */
const DUE_MS_MAX = SECONDS_MAX * 1000;
const REPLICATE_MAX = 65_535;
/** Jobs of one millisecond. */
const CREATED_COUNTER_MAX = 999_999;

/** Creation, flags and up to twelve varints. */
const FIXED_BYTES_MAX = 8 + 1 + 12 * VARINT_BYTES_MAX;

const WAS_QUEUED = 1;
const WAS_DELIVERED = 2;
const HAS_DUE = 4;
const FLAGS_MAX = 7;
/** What `dueInMs` is when the job does not come back by itself. */
export const NEVER_DUE = -1;

/** Collects jobs. */
export class JobPacker extends ItemPacker {
  /** Adds a job that is not acknowledged, with its own list of holders or the one given. */
  add(job: Job, holders?: readonly number[]): void {
    const { broker, nodes, host } = this.world;
    const { jobs } = broker;
    const { name } = broker.queues.of(jobs.queueNumber(job));
    const list = holders ?? holdersOf(broker, job);
    const bodyBytes = jobs.bodyBytes(job);
    const variableBytes = name.length + nodesBytesMax(list) + bodyBytes;
    const writer = this.beginWithId(job, FIXED_BYTES_MAX + variableBytes);
    writer.float(jobs.createdMs(job));
    writer.varint(jobs.createdCounter(job));
    writer.varint(jobs.epoch(job));
    writer.varint(jobs.replicate(job));
    writer.varint(jobs.delaySeconds(job));
    writer.varint(jobs.retrySeconds(job));
    writer.varint(jobs.ttlSeconds(job));
    // Whatever way it goes, its life gets no longer by it.
    writer.varint(Math.max(1, Math.floor(jobs.expiresAtMs(job) - host.nowMs)));
    writer.varint(jobs.nacks(job));
    writer.varint(jobs.additionalDeliveries(job));
    const dueInMs = this.#dueInMs(job);
    writer.byte(
      (jobs.hasFlag(job, JobFlag.wasQueued) ? WAS_QUEUED : 0) |
        (jobs.hasFlag(job, JobFlag.delivered) ? WAS_DELIVERED : 0) |
        (dueInMs === NEVER_DUE ? 0 : HAS_DUE),
    );
    if (dueInMs !== NEVER_DUE) writer.varint(dueInMs);
    writer.varint(name.length);
    writer.bytes(name);
    writeHolders(writer, nodes, list);
    writer.varint(bodyBytes);
    jobs.copyBody(job, writer.buffer, writer.length);
    writer.length += bodyBytes;
  }

  /** When it goes to its queue, seen from now; NEVER_DUE: only if a client asks for it. */
  #dueInMs(job: Job): number {
    const { jobs } = this.world.broker;
    const state = jobs.state(job);
    if (state === JobState.queued || jobs.hasFlag(job, JobFlag.isHeld)) return 0;
    // Its delay begins when it has its copies; it has no due time until then.
    if (state === JobState.replicating) return jobs.delaySeconds(job) * 1000;
    const dueAtMs = jobs.dueAtMs(job);
    if (dueAtMs === Number.POSITIVE_INFINITY) return NEVER_DUE;
    return Math.max(0, Math.ceil(dueAtMs - this.world.host.nowMs));
  }
}

/** Walks over jobs. The fields show one and are overwritten by the next. */
export class JobUnpacker extends UnpackerWithNodes {
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** Creation: wall clock ms, and the order among jobs of the same ms, below 10^6. */
  createdMs = 0;
  createdCounter = 0;
  /** 0..4095. */
  epoch = 0;
  /** Copies wanted, 1..65535. */
  replicate = 1;
  delaySeconds = 0;
  retrySeconds = 0;
  ttlSeconds = 0;
  /** What is left of its life, ms, at least 1. */
  leftMs = 1;
  /** 0..65535, as the next. */
  nacks = 0;
  additionalDeliveries = 0;
  wasQueued = false;
  wasDelivered = false;
  /** Ms until it is due in its queue, 0: now; NEVER_DUE: not by itself. */
  dueInMs = NEVER_DUE;
  /** Name of the queue: buffer[queueStart, queueEnd). */
  queueStart = 0;
  queueEnd = 0;
  /** Body: buffer[bodyStart, bodyEnd). */
  bodyStart = 0;
  bodyEnd = 0;

  /** What is walked over; empty when the walk is over. */
  get buffer(): Buffer {
    return this.reader.buffer;
  }

  protected override read(reader: PackedReader): void {
    reader.jobId(this.id);
    this.createdMs = readMoment(reader);
    this.createdCounter = reader.within(0, CREATED_COUNTER_MAX);
    this.epoch = reader.within(0, EPOCH_MAX);
    this.replicate = reader.within(1, REPLICATE_MAX);
    this.delaySeconds = reader.within(0, SECONDS_MAX);
    this.retrySeconds = reader.within(0, SECONDS_MAX);
    this.ttlSeconds = reader.within(1, SECONDS_MAX);
    this.leftMs = reader.within(1, SECONDS_MAX * 1000);
    this.nacks = reader.within(0, COUNTER_MAX);
    this.additionalDeliveries = reader.within(0, COUNTER_MAX);
    const flags = reader.byte();
    if (flags > FLAGS_MAX) throw new WireError(`flags ${flags}`);
    this.wasQueued = (flags & WAS_QUEUED) !== 0;
    this.wasDelivered = (flags & WAS_DELIVERED) !== 0;
    this.dueInMs = (flags & HAS_DUE) !== 0 ? reader.within(0, DUE_MS_MAX) : NEVER_DUE;
    const queueBytes = reader.varint();
    this.queueStart = reader.take(queueBytes);
    this.queueEnd = reader.position;
    this.readNodes(reader);
    const bodyBytes = reader.varint();
    this.bodyStart = reader.take(bodyBytes);
    this.bodyEnd = reader.position;
  }
}

function readMoment(reader: PackedReader): number {
  const ms = reader.float();
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw new WireError(`created at ${ms}`);
  return ms;
}
