/**
 * Loans: jobs of this node that are in the hands of another one, and their way back.
 *
 * A lent job is handed out by its borrower, or it comes back. What happens when the borrower dies is
 * the sweep's business. A job that is delivered at most once is not lent but moves: it is marked like
 * a lent one until the receiver says that it has it, and if that is never heard, nobody may hand it
 * out here again.
 */
import { type Job, JobFlag, NO_JOB } from "../../core/job.ts";
import type { JobsWorld } from "./jobs-world.ts";
import { IdPacker, IdUnpacker } from "./packed-ids.ts";

/** The lender's side of loans. */
export class Loans {
  readonly #world: JobsWorld;
  readonly #ids = new IdUnpacker();
  readonly #drop: IdPacker;

  constructor(world: JobsWorld) {
    this.#world = world;
    this.#drop = new IdPacker(world);
  }

  /** The borrower has handed them to clients; returns how many ids there were, -1 for nonsense. */
  handed(node: number, packed: Buffer): number {
    const { roles, jobs, lifecycle } = this.#world.broker;
    return this.#eachLent(node, packed, (job) => {
      if (jobs.retrySeconds(job) === 0) lifecycle.remove(job);
      else roles.lentIsOut(job);
    });
  }

  /** They come back; `refused` is told of each before. Returns as `handed` does. */
  returned(node: number, packed: Buffer, refused: (node: number, job: Job) => void): number {
    const { roles } = this.#world.broker;
    return this.#eachLent(node, packed, (job) => {
      refused(node, job);
      roles.takeLoanBack(job);
    });
  }

  /** Asks a lent job back: whoever has it shall forget it. The caller has it again right after. */
  recall(job: Job): void {
    const borrower = this.#world.broker.roles.borrower(job);
    if (borrower < 0) return;
    this.#drop.add(job);
    this.#world.tell(borrower, { type: "drop", ids: this.#drop.take(), isOver: false });
  }

  /** What was on its way to the node is lost, or may be: jobs that nobody has handed out come back. */
  streamBroken(node: number): void {
    const { jobs, roles, clock } = this.#world.broker;
    const limit = jobs.handleLimit;
    for (let job = jobs.skipVacant(0); job < limit; job = jobs.skipVacant(job + 1)) {
      if (!jobs.isLive(job) || roles.borrower(job) !== node) continue;
      if (jobs.retrySeconds(job) === 0) this.#forgetMoved(job);
      // A client may have it; an expired one is on the agenda's way out.
      else if (!jobs.hasFlag(job, JobFlag.delivered) && !clock.isExpired(job)) {
        roles.takeLoanBack(job);
      }
    }
  }

  #eachLent(node: number, packed: Buffer, act: (job: Job) => void): number {
    const { index, roles } = this.#world.broker;
    const ids = this.#ids;
    if (!ids.start(packed)) return -1;
    while (ids.next()) {
      const job = index.find(ids.id);
      // Acknowledged, requeued or taken over meanwhile: whatever became of it counts.
      if (job !== NO_JOB && roles.borrower(job) === node) act(job);
    }
    return ids.count;
  }

  #forgetMoved(job: Job): void {
    this.#world.log("notice", "a job with RETRY 0 may be lost on its way to another node");
    this.#world.broker.lifecycle.remove(job);
  }
}
