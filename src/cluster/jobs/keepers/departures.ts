/**
 * Jobs on their way to another node for good: what is sent in this turn, and what is not answered yet.
 *
 * What is sent to a node in a turn is one batch, and so is its answer; to a node that is congested nothing
 * is sent until it is relieved. Each departure remembers how the
 * job was before, because it may come back. What is done about an answer stands in handover.ts.
 */
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobTable } from "../../../core/job-table.ts";
import { CONGESTION_LOOK_MS, type JobsMachines, type JobsWorld } from "../jobs-world.ts";
import { JobPacker } from "../packing/packed-jobs.ts";

/** A batch with so much in it takes no more; a body of that size has one of its own. */
const BATCH_BYTES_MAX = 1024 * 1024;
const BATCH_JOBS_MAX = 4096;

const NEVER = Number.POSITIVE_INFINITY;

/** It was in its queue: it goes back there as if nothing had happened. */
export const WAS_QUEUED = Number.NEGATIVE_INFINITY;

/** One job on its way. */
export class Departure {
  readonly job: Job;
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** When it was due, monotonic ms; WAS_QUEUED; Infinity: never. */
  readonly dueAtMs: number;
  readonly done: ((isKept: boolean) => void) | undefined;
  /** Nodes that have refused it. */
  readonly refusedBy: number[] = [];
  target = -1;

  constructor(
    jobs: JobTable,
    job: Job,
    dueAtMs: number,
    done: ((isKept: boolean) => void) | undefined,
  ) {
    this.job = job;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.id[word] = jobs.idWord(job, word);
    this.dueAtMs = dueAtMs;
    this.done = done;
  }
}

/** What one message holds. */
export interface Batch {
  readonly target: number;
  number: number;
  readonly departures: Departure[];
  readonly packer: JobPacker;
}

/** All batches. */
export class Departures {
  readonly #world: JobsWorld;
  readonly #machines: Pick<JobsMachines, "strangers">;
  #open: Batch[] = [];
  #sent: Batch[] = [];
  #lastNumber = 0;
  #count = 0;
  /** The last one of each handle. */
  readonly #byJob = new Map<Job, Departure>();
  #sendAtMs = NEVER;

  constructor(world: JobsWorld, machines: Pick<JobsMachines, "strangers">) {
    this.#world = world;
    this.#machines = machines;
  }

  /** Jobs on their way. */
  get count(): number {
    return this.#count;
  }

  /** When something is to be sent, or tried, monotonic ms. */
  get sendAtMs(): number {
    return this.#sendAtMs;
  }

  /** To whom a job is on its way, called back or not; -1: to nobody. */
  targetOf(job: Job): number {
    const departure = this.#byJob.get(job);
    if (departure === undefined || !this.#world.broker.jobs.hasId(job, departure.id)) return -1;
    return departure.target;
  }

  /** Packs a job as it is now, with the list of holders that its new keeper is to have. */
  add(departure: Departure, list: readonly number[]): void {
    const { target, job } = departure;
    const { broker, host } = this.#world;
    const isLarge = broker.jobs.bodyBytes(job) >= BATCH_BYTES_MAX;
    let batch = this.#open.findLast((open) => open.target === target);
    if (batch === undefined || isLarge || isFull(batch)) {
      batch = { target, number: 0, departures: [], packer: new JobPacker(this.#world) };
      this.#open.push(batch);
    }
    batch.packer.add(job, list);
    batch.departures.push(departure);
    this.#byJob.set(job, departure);
    this.#count++;
    this.#sendAtMs = host.nowMs;
  }

  /** Sends what was packed, in order, as far as the nodes get rid of it. */
  send(): void {
    this.#sendAtMs = NEVER;
    const open = this.#open;
    this.#open = [];
    for (const batch of open) {
      if (!this.#world.isCongested(batch.target)) {
        this.#send(batch);
        continue;
      }
      this.#open.push(batch);
      this.#sendAtMs = this.#world.host.nowMs + CONGESTION_LOOK_MS;
    }
  }

  /** Takes the batch that a node answers, if there is one with that number. */
  take(target: number, number: number): Batch | undefined {
    const batch = this.#sent.find((sent) => sent.target === target && sent.number === number);
    if (batch === undefined) return undefined;
    this.#sent = this.#sent.filter((sent) => sent !== batch);
    this.#forget(batch.departures);
    return batch;
  }

  /** Takes all that is on its way to a node, sent or not. */
  takeAll(target: number): { unsent: Departure[]; sent: Departure[] } {
    const unsent = this.#open.filter((batch) => batch.target === target);
    const sent = this.#sent.filter((batch) => batch.target === target);
    this.#open = this.#open.filter((batch) => batch.target !== target);
    this.#sent = this.#sent.filter((batch) => batch.target !== target);
    const taken = {
      unsent: unsent.flatMap(({ departures }) => departures),
      sent: sent.flatMap(({ departures }) => departures),
    };
    this.#forget(taken.unsent);
    this.#forget(taken.sent);
    return taken;
  }

  /** Takes everything. */
  clear(): Departure[] {
    const all = [...this.#open, ...this.#sent].flatMap(({ departures }) => departures);
    this.#open = [];
    this.#sent = [];
    this.#forget(all);
    return all;
  }

  #forget(departures: readonly Departure[]): void {
    this.#count -= departures.length;
    for (const departure of departures) {
      if (this.#byJob.get(departure.job) === departure) this.#byJob.delete(departure.job);
    }
  }

  #send(batch: Batch): void {
    batch.number = ++this.#lastNumber;
    this.#sent.push(batch);
    const jobs = batch.packer.take();
    const { strangers } = this.#machines;
    this.#world.tell(batch.target, { type: "keep", batch: batch.number, jobs, strangers });
  }
}

function isFull({ packer }: Batch): boolean {
  return packer.bytes >= BATCH_BYTES_MAX || packer.count >= BATCH_JOBS_MAX;
}
