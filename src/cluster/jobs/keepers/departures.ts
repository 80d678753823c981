/**
 * Jobs on their way to another node for good: what is sent in this turn, and what is not answered yet.
 *
 * What is sent to a node in a turn is one batch, and so is its answer; to a node that is congested nothing
 * is sent until it is relieved. Each departure remembers how the
 * job was before, because it may come back. What is not known of a job's list goes with it: its next keeper would count on
 * copies that were only asked for. What is done about an answer stands in handover.ts.
 */
import { type Job, JobState } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobTable } from "../../../core/job-table.ts";
import { ITEMS_MAX, type MessageOf } from "../../job-messages.ts";
import { CONGESTION_LOOK_MS, type JobsMachines, type JobsWorld } from "../jobs-world.ts";
import { JobPacker } from "../packing/packed-jobs.ts";

/** A batch with so much in it takes no more; a body of that size has one of its own. */
const BATCH_BYTES_MAX = 1024 * 1024;
const BATCH_JOBS_MAX = 4096;

const NEVER = Number.POSITIVE_INFINITY;

/** It was in its queue: it goes back there as if nothing had happened. */
export const WAS_QUEUED = Number.NEGATIVE_INFINITY;

/** Is told whether another node keeps the job now, or this one for good. */
export type Done = (isKept: boolean) => void;

/** One job on its way. */
export class Departure {
  readonly job: Job;
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** When it was due, monotonic ms; WAS_QUEUED; Infinity: never. */
  readonly dueAtMs: number;
  /** Somebody has been told that it is here: no ADDJOB waits for its arrival. */
  readonly isPromised: boolean;
  /** Nodes that have refused it. */
  readonly refusedBy: number[] = [];
  target = -1;
  /** The target had a copy before. */
  wasHolder = false;
  /** The job was back before its arrival was heard of, and was lent then, maybe to the target: it is not on this way. */
  isLentSince = false;
  #done: Done | undefined;

  constructor(jobs: JobTable, job: Job, dueAtMs: number, done: Done | undefined) {
    this.job = job;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.id[word] = jobs.idWord(job, word);
    this.dueAtMs = dueAtMs;
    this.isPromised = jobs.state(job) !== JobState.replicating;
    this.#done = done;
  }

  /** Tells whoever sent it, once. */
  ended(isKept: boolean): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(isKept);
  }
}

/** What one message holds. */
export interface Batch {
  readonly target: number;
  number: number;
  readonly departures: Departure[];
  readonly packer: JobPacker;
  /** What is not known of lists in it. */
  readonly unsure: Unsure[];
}

type Unsure = NonNullable<MessageOf<"keep">["unsure"]>[number];

/** All batches. */
export class Departures {
  readonly #world: JobsWorld;
  readonly #machines: Pick<JobsMachines, "strangers" | "unconfirmed">;
  #open: Batch[] = [];
  #sent: Batch[] = [];
  #lastNumber = 0;
  #count = 0;
  /** The last one of each handle. */
  readonly #byJob = new Map<Job, Departure>();
  #sendAtMs = NEVER;

  constructor(world: JobsWorld, machines: Pick<JobsMachines, "strangers" | "unconfirmed">) {
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

  /** The way of a job that has not come to its end, whether the job was called back or not. */
  of(job: Job): Departure | undefined {
    if (this.#count === 0) return undefined;
    const departure = this.#byJob.get(job);
    const isIt = departure !== undefined && this.#world.broker.jobs.hasId(job, departure.id);
    return isIt ? departure : undefined;
  }

  /** Packs a job as it is now, with the list of holders that its new keeper is to have. */
  add(departure: Departure, list: readonly number[]): void {
    const { target, job } = departure;
    const { broker, host } = this.#world;
    const unsure = this.#unsure(job, list);
    const isLarge = broker.jobs.bodyBytes(job) >= BATCH_BYTES_MAX;
    let batch = this.#open.findLast((open) => open.target === target);
    if (batch === undefined || isLarge || isFull(batch, unsure.length)) {
      const packer = new JobPacker(this.#world);
      batch = { target, number: 0, departures: [], packer, unsure: [] };
      this.#open.push(batch);
    }
    const position = batch.departures.length;
    for (const nodeId of unsure) batch.unsure.push({ position, nodeId });
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
    const unsent = this.takeUnsent(target);
    const sent = this.#sent.filter((batch) => batch.target === target);
    this.#sent = this.#sent.filter((batch) => batch.target !== target);
    return { unsent, sent: this.#forgetBatches(sent) };
  }

  /** Takes what is for a node and was not sent. */
  takeUnsent(target: number): Departure[] {
    const unsent = this.#open.filter((batch) => batch.target === target);
    this.#open = this.#open.filter((batch) => batch.target !== target);
    return this.#forgetBatches(unsent);
  }

  /** Takes everything. */
  clear(): Departure[] {
    const all = [...this.#open, ...this.#sent];
    this.#open = [];
    this.#sent = [];
    return this.#forgetBatches(all);
  }

  #forgetBatches(batches: readonly Batch[]): Departure[] {
    const departures = batches.flatMap((batch) => batch.departures);
    this.#forget(departures);
    return departures;
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
    const over = this.#over(batch);
    const unsure = batch.unsure.length === 0 ? undefined : batch.unsure;
    const { target, number } = batch;
    this.#world.tell(target, { type: "keep", batch: number, jobs, strangers, over, unsure });
  }

  /** Ids of those in a job's list that were asked for a copy or told to drop theirs, and have not answered. */
  #unsure(job: Job, list: readonly number[]): string[] {
    const unconfirmed = this.#machines.unconfirmed(job).filter((node) => list.includes(node));
    return unconfirmed.map((node) => this.#world.nodes.id(node));
  }

  /**
   * Positions of those that have ended, or were called back, while they waited here, maybe for long: nobody may bring
   * them back, nor hand them out there.
   */
  #over({ departures, target }: Batch): number[] | undefined {
    const { jobs, roles } = this.#world.broker;
    const over: number[] = [];
    for (const [position, { job, id, isLentSince }] of departures.entries()) {
      const isHere = jobs.isLive(job) && jobs.hasId(job, id);
      const isOnItsWay = isHere && !isLentSince && roles.borrower(job) === target;
      if (!isOnItsWay) over.push(position);
    }
    return over.length === 0 ? undefined : over;
  }
}

/** Whether it takes no more with so much about its list. */
function isFull({ packer, unsure }: Batch, count: number): boolean {
  if (unsure.length + count > ITEMS_MAX) return true;
  return packer.bytes >= BATCH_BYTES_MAX || packer.count >= BATCH_JOBS_MAX;
}
