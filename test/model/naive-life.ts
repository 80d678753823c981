/**
 * The life of a job as plainly as it can be said; the lower half of the naive broker.
 *
 * Transitions only: into the queue, out of it, held back, promised to a waiter, gone. Everything is
 * found by searching through everything.
 */

/** What a request for jobs waits for. */
export interface NaiveWaiter {
  readonly client: string;
  readonly queues: readonly string[];
  readonly count: number;
  readonly deadlineMs: number;
  /** The job it was promised in this turn; others may take it away before the turn ends. */
  jobs: NaiveJob[];
  /** A job was promised to it in this turn: it sits in no line until the turn ends. */
  isClaimed: boolean;
}

/** A job and where it is: out of its queue, in it, held back by a pause, or promised to a waiter. */
export interface NaiveJob {
  readonly id: string;
  readonly queue: string;
  readonly order: number;
  readonly retryMs: number;
  readonly ttlMs: number;
  readonly expiresAtMs: number;
  place: "out" | "in" | "held" | "claimed";
  /** When it goes (back) into its queue by itself; of a job that is in, since when. */
  momentMs: number;
  /** Raised whenever its next moment is set anew: who came first is looked at first. */
  stamp: number;
  /** Hand-outs that happened, and whether it was ever in its queue. */
  handOuts: number;
  wasQueued: boolean;
  /** Held back for a reason that counts when it enters its queue. */
  countsOnRelease: boolean;
  nacks: number;
  additionalDeliveries: number;
  /** Raised by whatever begins or ends a lease: the number of the present one. */
  lease: number;
}

interface NaiveQueue {
  isPausedIn: boolean;
  isPausedOut: boolean;
  jobsIn: number;
  jobsOut: number;
}

type Cause = "first" | "lease over" | "nack" | "client" | "unwritten";

/** All jobs, queues and waiters, and what may happen to a job. */
export class NaiveLife {
  nowMs = 0;
  readonly jobs = new Map<string, NaiveJob>();
  readonly queues = new Map<string, NaiveQueue>();
  /** Everybody who waits or is to be answered, in the order in which they came. */
  waiters: NaiveWaiter[] = [];
  readonly stats = {
    jobsAdded: 0,
    jobsDelivered: 0,
    jobsRedelivered: 0,
    jobsAcked: 0,
    jobsNacked: 0,
    jobsRequeued: 0,
    jobsExpired: 0,
    jobsDeleted: 0,
    jobsEvicted: 0,
    jobsReturned: 0,
  };
  #stamp = 0;

  /** How often a next moment was set; each may cost the real broker a few turns. */
  get stamps(): number {
    return this.#stamp;
  }

  queue(name: string): NaiveQueue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const queue = { isPausedIn: false, isPausedOut: false, jobsIn: 0, jobsOut: 0 };
    this.queues.set(name, queue);
    return queue;
  }

  /** The next moment at which something happens to the job by itself. */
  awakeAtMs(job: NaiveJob): number {
    return job.place === "out" ? Math.min(job.momentMs, job.expiresAtMs) : job.expiresAtMs;
  }

  /** The jobs of a queue in one place, oldest first. */
  at(queue: string, place: NaiveJob["place"]): NaiveJob[] {
    const jobs = [...this.jobs.values()].filter(
      (job) => job.queue === queue && job.place === place,
    );
    return jobs.sort((a, b) => a.order - b.order);
  }

  /** Its moment has come: it expires, or goes into its queue. */
  wake(job: NaiveJob): void {
    if (this.awakeAtMs(job) > this.nowMs || !this.jobs.has(job.id)) return;
    if (job.expiresAtMs > this.nowMs) {
      this.enter(job, job.handOuts > 0 ? "lease over" : "first");
      return;
    }
    this.stats.jobsExpired++;
    this.unclaim(job);
    this.jobs.delete(job.id);
  }

  /** Into its queue, or held back while that is paused in input. */
  enter(job: NaiveJob, cause: Cause): void {
    this.unclaim(job);
    job.lease++;
    if (!this.queue(job.queue).isPausedIn || cause === "unwritten") {
      this.#count(job, cause);
      this.place(job);
      return;
    }
    // Requests count at once, what happens by itself when the pause is over.
    if (cause === "nack" || cause === "client") this.#count(job, cause);
    else job.countsOnRelease = true;
    job.place = "held";
    this.schedule(job, this.nowMs);
  }

  /** The pause that held it back is over. */
  release(job: NaiveJob): void {
    if (job.countsOnRelease) this.#count(job, job.handOuts > 0 ? "lease over" : "first");
    job.countsOnRelease = false;
    this.place(job);
  }

  #count(job: NaiveJob, cause: Cause): void {
    if (cause === "unwritten") return;
    if (cause === "nack") {
      job.nacks++;
      this.stats.jobsNacked++;
    } else if (job.wasQueued) {
      job.additionalDeliveries++;
    }
    if (cause === "lease over") this.stats.jobsRequeued++;
    job.wasQueued = true;
  }

  /** Into its queue, and on to whoever waits. */
  place(job: NaiveJob): void {
    job.place = "in";
    this.schedule(job, this.nowMs);
    this.queue(job.queue).jobsIn++;
    this.serve(job.queue);
  }

  /** Promises jobs of the queue to those who wait for it, one each. */
  serve(name: string): void {
    while (!this.queue(name).isPausedOut) {
      const waiter = this.waiters.find((other) => !other.isClaimed && other.queues.includes(name));
      const job = waiter === undefined ? undefined : this.takeOldest(name);
      if (waiter === undefined || job === undefined) return;
      job.place = "claimed";
      job.momentMs = this.#leaseEndMs(job);
      waiter.jobs = [job];
      waiter.isClaimed = true;
    }
  }

  /** Out of its queue. */
  takeOldest(name: string): NaiveJob | undefined {
    for (const job of this.at(name, "in")) {
      if (job.expiresAtMs > this.nowMs) return job;
      this.stats.jobsExpired++;
      this.jobs.delete(job.id);
    }
    return undefined;
  }

  /** Into the hands of a client. */
  lease(job: NaiveJob): void {
    job.place = "out";
    this.schedule(job, this.#leaseEndMs(job));
    job.lease++;
    if (job.handOuts > 0) this.stats.jobsRedelivered++;
    job.handOuts++;
    this.stats.jobsDelivered++;
    this.queue(job.queue).jobsOut++;
  }

  #leaseEndMs(job: NaiveJob): number {
    return job.retryMs > 0 ? this.nowMs + job.retryMs : Number.POSITIVE_INFINITY;
  }

  /** The hand-out never left the node: as if it had not been. */
  comeBack(job: NaiveJob): void {
    job.handOuts--;
    if (job.handOuts > 0) this.stats.jobsRedelivered--;
    this.stats.jobsDelivered--;
    const queue = this.queue(job.queue);
    queue.jobsOut = Math.max(0, queue.jobsOut - 1);
    this.stats.jobsReturned++;
    this.enter(job, "unwritten");
  }

  /** A job that something else happens to is no longer promised to anybody. */
  unclaim(job: NaiveJob): void {
    if (job.place !== "claimed") return;
    job.place = "out";
    for (const waiter of this.waiters) waiter.jobs = waiter.jobs.filter((other) => other !== job);
  }

  /** Answered or gone. */
  dismiss(waiter: NaiveWaiter): void {
    this.waiters = this.waiters.filter((other) => other !== waiter);
  }

  /** Sets the next moment. */
  schedule(job: NaiveJob, momentMs: number): void {
    job.momentMs = momentMs;
    job.stamp = ++this.#stamp;
  }
}
