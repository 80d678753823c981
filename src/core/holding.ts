/**
 * Jobs that are due while their queue is paused in input: held back, and queued when the pause ends.
 *
 * A held job is active and stands in its queue's own list; the only thing that can happen to it by
 * itself is that it expires. Who is held and what it means for counters is decided in lifecycle.ts.
 */
import type { Agenda } from "./agenda.ts";
import type { Host } from "./host.ts";
import { type Job, JobFlag } from "./job.ts";
import type { JobTable } from "./job-table.ts";
import type { Queue } from "./queue.ts";
import type { QueueTable } from "./queue-table.ts";
import type { BrokerStats } from "./stats.ts";

/** What holding touches. */
export interface HoldingParts {
  readonly host: Host;
  readonly jobs: JobTable;
  readonly agenda: Agenda;
  readonly queues: QueueTable;
  readonly stats: BrokerStats;
}

/** Keeps jobs out of paused queues. */
export class Holding {
  readonly #host: Host;
  readonly #jobs: JobTable;
  readonly #agenda: Agenda;
  readonly #queues: QueueTable;
  readonly #stats: BrokerStats;

  constructor(parts: HoldingParts) {
    this.#host = parts.host;
    this.#jobs = parts.jobs;
    this.#agenda = parts.agenda;
    this.#queues = parts.queues;
    this.#stats = parts.stats;
  }

  /** Holds an active job that would be queued now. */
  hold(job: Job, queue: Queue): void {
    this.#jobs.setFlag(job, JobFlag.isHeld, true);
    this.#jobs.setDueAtMs(job, this.#host.nowMs);
    queue.held.add(job);
    this.#stats.jobsHeld++;
    this.#agenda.schedule(job, this.#jobs.expiresAtMs(job));
  }

  /** The job is active like any other again: what happens to it next is the caller's affair. */
  letGo(job: Job, queue: Queue): void {
    queue.held.remove(job);
    this.#stats.jobsHeld--;
    this.#jobs.setFlag(job, JobFlag.isHeld | JobFlag.countsOnRelease, false);
    this.#queues.noteIfIdle(queue, this.#host.nowMs);
  }
}
