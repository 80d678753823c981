/**
 * Jobs told by other nodes, on their way into the job table.
 *
 * One record serves for all of them, and the body is copied straight from the message.
 */
import type { Job } from "../../../core/job.ts";
import { emptyToldRecord } from "../../../core/job-record.ts";
import type { Queue } from "../../../core/queue.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { JobUnpacker } from "../packing/packed-jobs.ts";

/** A wall clock may be that much ahead of ours before it is no longer believed. */
const CLOCK_AHEAD_MS_MAX = 60_000;

/** Makes records of packed jobs. */
export class ToldJobs {
  readonly #world: JobsWorld;
  readonly #record = emptyToldRecord();

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /**
   * Adds the job that the reader shows, whose id is not in the table; the caller gives it a role. `known`:
   * its queue, if that has been looked up.
   */
  add(reader: JobUnpacker, known?: Queue): Job {
    const { broker, host } = this.#world;
    const { buffer, shape } = reader;
    const record = this.#record;
    const queue = known ?? broker.queues.entry(buffer, shape.queueStart, shape.queueEnd);
    record.id = reader.id;
    record.queueNumber = queue.number;
    record.replicate = shape.replicate;
    record.delaySeconds = shape.delaySeconds;
    record.retrySeconds = shape.retrySeconds;
    record.ttlSeconds = shape.ttlSeconds;
    // Queues are in the order of creation: a clock that is ahead would keep its jobs waiting for ever.
    const isAhead = shape.createdMs > host.wallMs + CLOCK_AHEAD_MS_MAX;
    record.createdMs = isAhead ? host.wallMs : shape.createdMs;
    record.createdCounter = reader.createdCounter;
    record.expiresAtMs = host.nowMs + shape.leftMs;
    record.epoch = shape.epoch;
    record.nacks = shape.nacks;
    record.additionalDeliveries = shape.additionalDeliveries;
    record.wasQueued = shape.wasQueued;
    record.wasDelivered = shape.wasDelivered;
    return broker.addTold(record, buffer, reader.bodyStart, reader.bodyEnd);
  }
}
