/**
 * Packed news about the deliveries of jobs: leases that run elsewhere, and how often it went wrong.
 *
 *   lease     id 24 | ms until the job is due again, varint
 *   counters  id 24 | nacks varint | additional deliveries varint
 */
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { COUNTER_MAX } from "../../../core/job-record.ts";
import { assert } from "../../../util/assert.ts";
import { ItemPacker, ItemUnpacker } from "./packed-items.ts";
import type { PackedReader } from "./packed-reader.ts";
import { VARINT_BYTES_MAX } from "./packed-writer.ts";

/** The longest RETRY there is, ms. */
export const LEASE_MS_MAX = 4_294_967_295_000;

/** Collects leases. */
export class LeasePacker extends ItemPacker {
  /** Adds a job of this node that is due again in so many ms, a whole number. */
  add(job: Job, leftMs: number): void {
    assert(leftMs >= 0 && Number.isSafeInteger(leftMs), "a lease has a whole number of ms left");
    this.beginWithId(job, VARINT_BYTES_MAX).varint(leftMs);
  }
}

/** Walks over leases. */
export class LeaseUnpacker extends ItemUnpacker {
  /** The job that is shown. */
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** It is due again in so many ms. */
  leftMs = 0;

  protected override read(reader: PackedReader): void {
    reader.jobId(this.id);
    this.leftMs = reader.within(0, LEASE_MS_MAX);
  }
}

/** Collects counters. */
export class CounterPacker extends ItemPacker {
  /** Adds what a job of this node has counted. */
  add(job: Job): void {
    const { jobs } = this.world.broker;
    const writer = this.beginWithId(job, 2 * VARINT_BYTES_MAX);
    writer.varint(jobs.nacks(job));
    writer.varint(jobs.additionalDeliveries(job));
  }
}

/** Walks over counters. */
export class CounterUnpacker extends ItemUnpacker {
  /** The job that is shown. */
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** 0..65535, as the next. */
  nacks = 0;
  additionalDeliveries = 0;

  protected override read(reader: PackedReader): void {
    reader.jobId(this.id);
    this.nacks = reader.within(0, COUNTER_MAX);
    this.additionalDeliveries = reader.within(0, COUNTER_MAX);
  }
}
