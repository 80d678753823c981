/**
 * Packed jobs: full copies, straight from one job table towards another.
 *
 *   job     id 24 | place 1 | if it begins there: shape | counter | body: length and bytes
 *   shape   all else that is told of a job (job-shape.ts)
 *
 * Jobs that are added one after the other differ in little but id and body. What they share is said once
 * in a message and stands at one of 64 places from then on, until another shape takes that place. So a
 * small job takes half the bytes, and is packed and unpacked in half the time.
 *
 * Numbers without a size are varints. A borrower is not told: who has lent a job out is its keeper's
 * business only. This runs for every copy of every job. Nothing in it makes an object; a field is read once.
 */
import { type Job, JobFlag, JobState } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { Nodes } from "../../nodes.ts";
import { WireError } from "../../wire/wire-error.ts";
import {
  HAS_DUE,
  JobShape,
  NEVER_DUE,
  readShape,
  SHAPE_BYTES_MAX,
  ShapeToTell,
  WAS_DELIVERED,
  WAS_QUEUED,
  writeShape,
} from "./job-shape.ts";
import { ItemPacker, type PackingWorld } from "./packed-items.ts";
import { holdersOf, nodesBytesMax, UnpackerWithNodes } from "./packed-nodes.ts";
import type { PackedReader } from "./packed-reader.ts";
import { VARINT_BYTES_MAX } from "./packed-writer.ts";

/** Shapes that are remembered, a power of two. */
const PLACES = 64;
/** Added to a place where a shape begins. */
const BEGINS = PLACES;
/** Jobs of one millisecond. */
const CREATED_COUNTER_MAX = 999_999;
/** Place, and the lengths. */
const FIXED_BYTES_MAX = 1 + 3 * VARINT_BYTES_MAX + SHAPE_BYTES_MAX;

/** Collects jobs. */
export class JobPacker extends ItemPacker {
  /** What stands at each place, if it was written in this message. */
  readonly #shapes = Array.from({ length: PLACES }, () => new ShapeToTell());
  readonly #shape = new ShapeToTell();
  #message = 1;

  /** Adds a job that is not acknowledged, with its own list of holders or the one given. */
  add(job: Job, holders?: readonly number[]): void {
    const { broker, nodes } = this.world;
    const { jobs } = broker;
    const list = holders ?? holdersOf(broker, job);
    const shape = this.#shapeOf(job, list);
    const place = (jobs.queueNumber(job) * 7 + jobs.holderSet(job)) & (PLACES - 1);
    const known = this.#shapes[place] as ShapeToTell;
    const isKnown = known.message === this.#message && known.isSame(shape);
    const bodyBytes = jobs.bodyBytes(job);
    const variableBytes = shape.queueName.length + nodesBytesMax(list) + bodyBytes;
    const writer = this.beginWithId(job, FIXED_BYTES_MAX + variableBytes);
    if (isKnown) writer.byte(place);
    else {
      writer.byte(place + BEGINS);
      writeShape(writer, nodes, shape);
      known.become(shape, this.#message);
    }
    writer.varint(jobs.createdCounter(job));
    writer.varint(bodyBytes);
    jobs.copyBody(job, writer.buffer, writer.length);
    writer.length += bodyBytes;
  }

  override clear(): void {
    super.clear();
    this.#message++;
  }

  override take(): Buffer {
    this.#message++;
    return super.take();
  }

  #shapeOf(job: Job, list: readonly number[]): ShapeToTell {
    const { broker, host } = this.world;
    const { jobs } = broker;
    const shape = this.#shape;
    shape.queueName = broker.queues.of(jobs.queueNumber(job)).name;
    shape.holders = list;
    shape.createdMs = jobs.createdMs(job);
    shape.epoch = jobs.epoch(job);
    shape.replicate = jobs.replicate(job);
    shape.delaySeconds = jobs.delaySeconds(job);
    shape.retrySeconds = jobs.retrySeconds(job);
    shape.ttlSeconds = jobs.ttlSeconds(job);
    // Whatever way it goes, its life gets no longer by it.
    shape.leftMs = Math.max(1, Math.floor(jobs.expiresAtMs(job) - host.nowMs));
    shape.nacks = jobs.nacks(job);
    shape.additionalDeliveries = jobs.additionalDeliveries(job);
    shape.dueInMs = dueInMs(this.world, job);
    shape.flags =
      (jobs.hasFlag(job, JobFlag.wasQueued) ? WAS_QUEUED : 0) |
      (jobs.hasFlag(job, JobFlag.delivered) ? WAS_DELIVERED : 0) |
      (shape.dueInMs === NEVER_DUE ? 0 : HAS_DUE);
    return shape;
  }
}

/** When it goes to its queue, seen from now; NEVER_DUE: only if a client asks for it. */
function dueInMs({ broker, host }: PackingWorld, job: Job): number {
  const { jobs } = broker;
  const state = jobs.state(job);
  if (state === JobState.queued || jobs.hasFlag(job, JobFlag.isHeld)) return 0;
  // Its delay begins when it has its copies; it has no due time until then.
  if (state === JobState.replicating) return jobs.delaySeconds(job) * 1000;
  const dueAtMs = jobs.dueAtMs(job);
  if (dueAtMs === Number.POSITIVE_INFINITY) return NEVER_DUE;
  return Math.max(0, Math.ceil(dueAtMs - host.nowMs));
}

/** Walks over jobs. The fields show one and are overwritten by the next. */
export class JobUnpacker extends UnpackerWithNodes {
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** Order among jobs created in the same ms, below 10^6. */
  createdCounter = 0;
  /** Body: buffer[bodyStart, bodyEnd). */
  bodyStart = 0;
  bodyEnd = 0;
  /** What the job has in common with others. */
  shape = new JobShape();
  /** A shape counts if it was read in this walk. */
  readonly #shapes: JobShape[];
  #walk = 0;

  constructor(nodes: Nodes) {
    super(nodes);
    this.#shapes = Array.from({ length: PLACES }, () => new JobShape());
  }

  /** What is walked over; empty when the walk is over. */
  get buffer(): Buffer {
    return this.reader.buffer;
  }

  override start(buffer: Buffer): void {
    super.start(buffer);
    this.#walk++;
  }

  protected override read(reader: PackedReader): void {
    reader.jobId(this.id);
    const place = reader.byte();
    if (place >= BEGINS) this.#begin(reader, place - BEGINS);
    const shape = this.#shapes[place & (PLACES - 1)] as JobShape;
    if (shape.walk !== this.#walk) throw new WireError(`no shape at ${place}`);
    this.createdCounter = reader.within(0, CREATED_COUNTER_MAX);
    const bodyBytes = reader.varint();
    this.bodyStart = reader.take(bodyBytes);
    this.bodyEnd = reader.position;
    this.shape = shape;
    this.holders = shape.holders;
    this.isPartial = shape.isPartial;
  }

  #begin(reader: PackedReader, place: number): void {
    const shape = this.#shapes[place];
    if (shape === undefined) throw new WireError(`place ${place} of ${PLACES}`);
    // Not whole until all of it is read.
    shape.walk = 0;
    readShape(reader, shape);
    this.readNodes(reader);
    shape.holders = this.holders;
    shape.isPartial = this.isPartial;
    shape.walk = this.#walk;
  }
}
