/**
 * A copy that another node asks this one to hold: taken in, known already, or refused.
 *
 * Whoever asks is the keeper of the job as far as it knows. What is here already is a copy, whatever else
 * it is, and is confirmed; who is right about keepers is settled in takeovers.ts.
 */
import { type Job, NO_JOB } from "../../core/job.ts";
import type { ToldRecord } from "../../core/job-record.ts";
import type { Refusal } from "../job-messages.ts";
import { OWN_INDEX } from "../nodes.ts";
import type { JobsWorld } from "./jobs-world.ts";
import type { JobUnpacker } from "./packed-jobs.ts";

/** The level at which the memory limit is reached. */
const FULL = 3;
/** A wall clock may be that much ahead of ours before it is no longer believed. */
const CLOCK_AHEAD_MS_MAX = 60_000;

/** Takes copies in. */
export class ToldCopies {
  readonly #world: JobsWorld;
  /** Filled anew for every copy. */
  readonly #record: ToldRecord;

  constructor(world: JobsWorld) {
    this.#world = world;
    this.#record = {
      id: new Int32Array(0),
      queueNumber: 0,
      replicate: 1,
      delaySeconds: 0,
      retrySeconds: 0,
      ttlSeconds: 0,
      createdMs: 0,
      createdCounter: 0,
      expiresAtMs: 0,
      epoch: 0,
      nacks: 0,
      additionalDeliveries: 0,
      wasQueued: false,
      wasDelivered: false,
    };
  }

  /** What a node tells; undefined: there is a copy here now. The job told is not changed. */
  take(node: number, told: JobUnpacker): Refusal["reason"] | undefined {
    const { broker } = this.#world;
    const job = broker.index.find(told.id);
    if (job !== NO_JOB) {
      if (broker.roles.isAcked(job)) return "acked";
      this.#hearAgain(job, node, told);
      return undefined;
    }
    if (broker.isLeaving) return "leaving";
    if (broker.memory.level === FULL) return "memory";
    const { buffer, queueStart, queueEnd } = told;
    const known = broker.queues.known(buffer, queueStart, queueEnd);
    if (known?.isPausedIn) return "paused";
    const queue = known ?? broker.queues.entry(buffer, queueStart, queueEnd);
    const record = this.#fill(told, queue.number);
    const copy = broker.addTold(record, buffer, told.bodyStart, told.bodyEnd);
    broker.roles.setList(copy, listFrom(node, told.holders));
    broker.roles.beginCopy(copy);
    return undefined;
  }

  /** The job is here: a newer list of its keeper replaces what was known. */
  #hearAgain(job: Job, node: number, told: JobUnpacker): void {
    const { roles, jobs } = this.#world.broker;
    if (roles.isBorrowed(job)) {
      // What is lent may vanish with its lease; what is stored may not. The keeper has it in its queue
      // again when the loan would be over.
      roles.giveUp(job);
    } else {
      const epoch = jobs.epoch(job);
      const isNews = told.epoch > epoch || (told.epoch === epoch && roles.list(job)[0] === node);
      if (!roles.isCopy(job) || !isNews) return;
    }
    jobs.setEpoch(job, told.epoch);
    jobs.setCounters(job, told.nacks, told.additionalDeliveries);
    roles.setList(job, listFrom(node, told.holders));
  }

  #fill(told: JobUnpacker, queueNumber: number): ToldRecord {
    const record = this.#record;
    const { nowMs, wallMs } = this.#world.host;
    const isAhead = told.createdMs > wallMs + CLOCK_AHEAD_MS_MAX;
    record.id = told.id;
    record.queueNumber = queueNumber;
    record.replicate = told.replicate;
    record.delaySeconds = told.delaySeconds;
    record.retrySeconds = told.retrySeconds;
    record.ttlSeconds = told.ttlSeconds;
    // Queues are in the order of creation: a clock that is ahead would keep its jobs waiting for ever.
    record.createdMs = isAhead ? wallMs : told.createdMs;
    record.createdCounter = told.createdCounter;
    record.expiresAtMs = nowMs + told.leftMs;
    record.epoch = told.epoch;
    record.nacks = told.nacks;
    record.additionalDeliveries = told.additionalDeliveries;
    record.wasQueued = told.wasQueued;
    record.wasDelivered = told.wasDelivered;
    return record;
  }
}

/** The list as it must be here: led by who told it, and with this node. */
function listFrom(keeper: number, holders: readonly number[]): readonly number[] {
  if (holders[0] === keeper && holders.includes(OWN_INDEX)) return holders;
  const others = holders.filter((node) => node !== keeper && node !== OWN_INDEX);
  return [keeper, ...others, OWN_INDEX];
}
