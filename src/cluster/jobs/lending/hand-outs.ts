/**
 * Borrowed jobs that were handed to clients here, until their keepers are told.
 *
 * They are told at the end of the turn, or before a job is given up that its keeper waits for. One that is back by
 * then, because its client is gone, was handed to nobody.
 */
import { type Job, JobFlag, JobState } from "../../../core/job.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { Mail } from "./mail.ts";

/** Says what was handed out. */
export class HandOuts {
  readonly #world: JobsWorld;
  readonly #mail: Mail;
  readonly #handed: Job[] = [];

  constructor(world: JobsWorld, mail: Mail) {
    this.#world = world;
    this.#mail = mail;
  }

  /** A client is given it; only takes a note. */
  add(job: Job): void {
    this.#handed.push(job);
  }

  /** Tells keepers. */
  say(): void {
    const { roles } = this.#world.broker;
    for (const job of this.#handed) {
      if (!this.isOut(job)) continue;
      const keeper = roles.list(job)[0];
      if (keeper !== undefined) this.#mail.handed(keeper, job);
    }
    this.#handed.length = 0;
  }

  /** Borrowed, and a client has it. */
  isOut(job: Job): boolean {
    const { jobs } = this.#world.broker;
    if (!jobs.isLive(job) || jobs.state(job) !== JobState.active) return false;
    return jobs.hasFlag(job, JobFlag.isBorrowed) && !jobs.hasFlag(job, JobFlag.isClaimed);
  }
}
