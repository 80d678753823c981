/**
 * Shapes: all that is told of a job but its id, its body, and its place among jobs of one millisecond.
 *
 *   created: ms as a double, 8 | epoch | copies wanted | delay, retry, TTL: s | left of its life: ms
 *   | nacks | additional deliveries | flags: 1 | if so: due in ms | queue name: length and bytes
 *   | list of holders (packed-nodes.ts)
 *
 * The jobs of a message share few of them. The clocks of two nodes have nothing in common, so that moments
 * are told as what is left until then. Where a shape stands in a message is said in packed-jobs.ts.
 */
import { COUNTER_MAX, EPOCH_MAX } from "../../../core/job-record.ts";
import type { Nodes } from "../../nodes.ts";
import { WireError } from "../../wire/wire-error.ts";
import { writeHolders } from "./packed-nodes.ts";
import type { PackedReader } from "./packed-reader.ts";
import { type PackedWriter, VARINT_BYTES_MAX } from "./packed-writer.ts";

/** A bit of the flags: it was in its queue. */
export const WAS_QUEUED = 1;
/** A bit of the flags: it was handed to a client. */
export const WAS_DELIVERED = 2;
/** A bit of the flags: its due time follows. */
export const HAS_DUE = 4;
const FLAGS_MAX = 7;
/** What `dueInMs` is when the job does not come back by itself. */
export const NEVER_DUE = -1;

/** Times are below 2^32 seconds. */
const SECONDS_MAX = 4_294_967_295;
/** Nothing is due later than after its delay or RETRY. */
const DUE_MS_MAX = SECONDS_MAX * 1000;
const REPLICATE_MAX = 65_535;
const NO_BYTES = Buffer.alloc(0);
const NO_NODES: readonly number[] = [];

/** Creation, flags and up to ten varints: all but the queue and the list. */
export const SHAPE_BYTES_MAX = 8 + 1 + 10 * VARINT_BYTES_MAX;

/** What both ends know of it. */
class ShapeFacts {
  /** Creation: wall clock ms. */
  createdMs = 0;
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
  flags = 0;
  /** Ms until it is due in its queue, 0: now; NEVER_DUE: not by itself. */
  dueInMs = NEVER_DUE;
  /** Indexes of nodes, the keeper first; never changed, so it may be kept. */
  holders = NO_NODES;
}

/** The shape of a job of this node. */
export class ShapeToTell extends ShapeFacts {
  /** That of the queue itself: numbers of queues are used again. */
  queueName: Buffer = NO_BYTES;
  /** The message in which it was written; 0: none. */
  message = 0;

  isSame(other: ShapeToTell): boolean {
    return (
      this.createdMs === other.createdMs &&
      this.queueName === other.queueName &&
      this.holders === other.holders &&
      this.leftMs === other.leftMs &&
      this.dueInMs === other.dueInMs &&
      this.flags === other.flags &&
      this.retrySeconds === other.retrySeconds &&
      this.ttlSeconds === other.ttlSeconds &&
      this.delaySeconds === other.delaySeconds &&
      this.replicate === other.replicate &&
      this.epoch === other.epoch &&
      this.nacks === other.nacks &&
      this.additionalDeliveries === other.additionalDeliveries
    );
  }

  /** Takes over what another one says; it has been written in a message. */
  become(other: ShapeToTell, message: number): void {
    this.message = message;
    this.createdMs = other.createdMs;
    this.queueName = other.queueName;
    this.holders = other.holders;
    this.leftMs = other.leftMs;
    this.dueInMs = other.dueInMs;
    this.flags = other.flags;
    this.retrySeconds = other.retrySeconds;
    this.ttlSeconds = other.ttlSeconds;
    this.delaySeconds = other.delaySeconds;
    this.replicate = other.replicate;
    this.epoch = other.epoch;
    this.nacks = other.nacks;
    this.additionalDeliveries = other.additionalDeliveries;
  }
}

/** A shape that was told. */
export class JobShape extends ShapeFacts {
  /** Name of the queue: [queueStart, queueEnd) of the message. */
  queueStart = 0;
  queueEnd = 0;
  /** The list names nodes that are no members here: they are left out. */
  isPartial = false;
  /** The walk in which it was read; 0: none. */
  walk = 0;

  get wasQueued(): boolean {
    return (this.flags & WAS_QUEUED) !== 0;
  }

  get wasDelivered(): boolean {
    return (this.flags & WAS_DELIVERED) !== 0;
  }
}

/** Appends a shape; there must be room for all of it. */
export function writeShape(writer: PackedWriter, nodes: Nodes, shape: ShapeToTell): void {
  writer.float(shape.createdMs);
  writer.varint(shape.epoch);
  writer.varint(shape.replicate);
  writer.varint(shape.delaySeconds);
  writer.varint(shape.retrySeconds);
  writer.varint(shape.ttlSeconds);
  writer.varint(shape.leftMs);
  writer.varint(shape.nacks);
  writer.varint(shape.additionalDeliveries);
  writer.byte(shape.flags);
  if (shape.dueInMs !== NEVER_DUE) writer.varint(shape.dueInMs);
  writer.varint(shape.queueName.length);
  writer.bytes(shape.queueName);
  writeHolders(writer, nodes, shape.holders);
}

/** Reads a shape without its list, which follows; throws a WireError if it is not right. */
export function readShape(reader: PackedReader, shape: JobShape): void {
  shape.createdMs = readMoment(reader);
  shape.epoch = reader.within(0, EPOCH_MAX);
  shape.replicate = reader.within(1, REPLICATE_MAX);
  shape.delaySeconds = reader.within(0, SECONDS_MAX);
  shape.retrySeconds = reader.within(0, SECONDS_MAX);
  shape.ttlSeconds = reader.within(1, SECONDS_MAX);
  shape.leftMs = reader.within(1, SECONDS_MAX * 1000);
  shape.nacks = reader.within(0, COUNTER_MAX);
  shape.additionalDeliveries = reader.within(0, COUNTER_MAX);
  shape.flags = reader.byte();
  if (shape.flags > FLAGS_MAX) throw new WireError(`flags ${shape.flags}`);
  shape.dueInMs = (shape.flags & HAS_DUE) !== 0 ? reader.within(0, DUE_MS_MAX) : NEVER_DUE;
  const queueBytes = reader.varint();
  shape.queueStart = reader.take(queueBytes);
  shape.queueEnd = reader.position;
}

function readMoment(reader: PackedReader): number {
  const ms = reader.float();
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw new WireError(`created at ${ms}`);
  return ms;
}
