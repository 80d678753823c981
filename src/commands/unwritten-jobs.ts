/**
 * Jobs in replies that are not known to have left.
 *
 * GETJOB starts the lease of a job before anybody can know whether the client is still there. If
 * the connection ends before the reply was written, the jobs go back to their queues at once instead
 * of being invisible until RETRY (F6 of the reference's defects). By then the handle may name another
 * job, or the job may have been given back and handed out again, so each is kept with a word of the
 * id, the end of the lease, and how often it came back: together they name one delivery. Where another node has
 * become keeper of the job meanwhile, that node is told.
 */
import type { Broker } from "../core/broker.ts";
import { type Job, JobFlag, JobState } from "../core/job.ts";

/** What is noted of a job, in this order. */
const HANDLE = 0;
const WORD_OF_ID = 1;
const LEASE_END = 2;
const RETURNS = 3;
const FIELDS = 4;
/** A random word of the id. */
const ID_WORD = 2;
const FIRST_FIELDS = 16 * FIELDS;
/** Room for so many is kept between replies: enough for a consumer that takes its jobs in tens. */
const KEPT_FIELDS = 128 * FIELDS;
const NO_FIELDS = new Float64Array(0);

/** The deliveries of one connection that are on their way to the kernel. */
export class UnwrittenJobs {
  #fields = NO_FIELDS;
  #length = 0;
  /** Fields below this stand in replies that the socket has. */
  #handedFields = 0;
  /** Fields below this stand in replies that wait for the disk, all together. */
  #sealedFields = 0;

  get count(): number {
    return this.#length / FIELDS;
  }

  /** The job was put into a reply. */
  add(broker: Broker, job: Job): void {
    const { jobs } = broker;
    if (this.#length === this.#fields.length) this.#grow();
    const at = this.#length;
    this.#fields[at + HANDLE] = job;
    this.#fields[at + WORD_OF_ID] = jobs.idWord(job, ID_WORD);
    this.#fields[at + LEASE_END] = jobs.dueAtMs(job);
    this.#fields[at + RETURNS] = returnsOf(broker, job);
    this.#length += FIELDS;
  }

  /** The replies so far were given to the socket. */
  handedOver(): void {
    this.#handedFields = this.#length;
  }

  /** The replies so far will be given to the socket before any later one. */
  seal(): void {
    this.#sealedFields = this.#length;
  }

  /** The replies that were sealed were given to the socket. */
  sealedHandedOver(): void {
    this.#handedFields = Math.max(this.#handedFields, this.#sealedFields);
  }

  /** Everything the socket was given has reached the kernel. */
  written(): void {
    if (this.#handedFields === 0) return;
    this.#fields.copyWithin(0, this.#handedFields, this.#length);
    this.#length -= this.#handedFields;
    this.#sealedFields = Math.max(0, this.#sealedFields - this.#handedFields);
    this.#handedFields = 0;
    if (this.#length === 0 && this.#fields.length > KEPT_FIELDS) this.#fields = NO_FIELDS;
  }

  /** The connection ended: jobs still leased to it go back to their queues. */
  takeBack(broker: Broker): void {
    const fields = this.#fields.subarray(0, this.#length);
    const handedFields = this.#handedFields;
    this.#fields = NO_FIELDS;
    this.#length = 0;
    this.#handedFields = 0;
    this.#sealedFields = 0;
    for (let i = 0; i < fields.length; i += FIELDS) {
      if (!isSameJob(broker, fields, i)) continue;
      const job = jobAt(fields, i);
      if (broker.roles.isCopy(job)) broker.lifecycle.sendBack(job, fields[i + LEASE_END] as number);
      else if (isSameDelivery(broker, fields, i)) {
        broker.lifecycle.takeBack(job, i < handedFields);
      }
    }
  }

  #grow(): void {
    const larger = new Float64Array(Math.max(FIRST_FIELDS, this.#fields.length * 2));
    larger.set(this.#fields);
    this.#fields = larger;
  }
}

/**
 * The handle as a small integer. A Float64Array gives numbers on the heap where code is not optimised yet,
 * and one of these makes V8 compile all that takes handles again, for numbers of all sorts.
 */
function jobAt(fields: Float64Array, at: number): Job {
  return (fields[at + HANDLE] as number) | 0;
}

/** The job is here in whatever role, and has not come back since. */
function isSameJob(broker: Broker, fields: Float64Array, at: number): boolean {
  const { jobs } = broker;
  const job = jobAt(fields, at);
  return (
    jobs.isLive(job) &&
    jobs.idWord(job, ID_WORD) === fields[at + WORD_OF_ID] &&
    jobs.state(job) === JobState.active &&
    returnsOf(broker, job) === fields[at + RETURNS]
  );
}

/** The same job is leased as it was then. */
function isSameDelivery({ jobs }: Broker, fields: Float64Array, at: number): boolean {
  const job = jobAt(fields, at);
  return (
    jobs.dueAtMs(job) === fields[at + LEASE_END] &&
    !jobs.hasFlag(job, JobFlag.isHeld | JobFlag.isClaimed)
  );
}

function returnsOf(broker: Broker, job: Job): number {
  return broker.jobs.nacks(job) + broker.jobs.additionalDeliveries(job);
}
