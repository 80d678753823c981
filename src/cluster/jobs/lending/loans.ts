/**
 * Loans: jobs of this node that are in the hands of another one, and their way back.
 *
 * A lent job is handed out by its borrower, or it comes back. A loan that ends in any other way is
 * recalled: its push may still be on its way, and nobody must hand out there what was queued again
 * here. One that WORKING asks back stays lent until the borrower has answered, or RETRY is over. What happens
 * when the borrower dies is the sweep's business.
 *
 * A job that is delivered at most once is not lent but moves: it is marked like a lent one until the
 * receiver says that it has it, and if that is never heard, nobody may hand it out here again.
 */
import { type Job, JobFlag, JobState, NO_JOB } from "../../../core/job.ts";
import type { MessageOf } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { IdPacker, IdUnpacker } from "../packing/packed-ids.ts";
import type { Mail } from "./mail.ts";

/** The lender's side of loans. */
export class Loans {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #mail: Mail;
  readonly #ids = new IdUnpacker();
  readonly #askedBack: IdPacker;

  constructor(world: JobsWorld, machines: JobsMachines, mail: Mail) {
    this.#world = world;
    this.#machines = machines;
    this.#askedBack = new IdPacker(world);
    this.#mail = mail;
  }

  /** The borrower has handed them to clients; returns how many ids there were, -1 for nonsense. */
  handed(node: number, { ids, lastHeard }: MessageOf<"handed">): number {
    const { roles, jobs, lifecycle } = this.#world.broker;
    return this.#each(ids, (job) => {
      if (!this.#isAnswered(node, job, lastHeard)) return;
      if (jobs.retrySeconds(job) > 0) {
        roles.lentIsOut(job);
        return;
      }
      // Whoever sent it here may be looking for it with an acknowledgement.
      this.#machines.gave(this.#ids.id, node);
      lifecycle.remove(job);
    });
  }

  /** They come back; `refused` is told of each before. Returns as `handed` does. */
  returned(
    node: number,
    { ids, lastHeard }: MessageOf<"returned">,
    refused: (node: number, job: Job) => void,
  ): number {
    const { roles } = this.#world.broker;
    return this.#each(ids, (job) => {
      if (this.#isAnswered(node, job, lastHeard)) {
        // What was asked back is not refused.
        if (!roles.isPostponed(job)) refused(node, job);
        roles.loanIsBack(job);
      } else if (roles.isCopy(job)) {
        if (!roles.isPostponed(job)) this.#passOn(node, job);
      } else if (this.#waitsForAnother(job)) roles.takeLoanBack(job);
    });
  }

  /** A borrower is to give a job back: this node waits for it, or another one that keeps it from now on. */
  askBack(job: Job, borrower: number): void {
    this.#askedBack.add(job);
    this.#world.tell(borrower, { type: "recall", ids: this.#askedBack.take(), isAwaited: true });
  }

  /**
   * What was on its way to the node is lost, or may be, or what it has answered: jobs that nobody has
   * handed out, as far as is known, come back. So does the loan itself if the borrower has forgotten all
   * that it had borrowed; a client that has such a job has it as long as before.
   */
  endUnsure(node: number, hasForgotten = false): void {
    const { jobs, roles } = this.#world.broker;
    const limit = jobs.handleLimit;
    for (let job = jobs.skipVacant(0); job < limit; job = jobs.skipVacant(job + 1)) {
      if (!jobs.isLive(job) || roles.borrower(job) !== node) continue;
      // It is no loan, but on its way there for good: what becomes of it is decided in homecomings.ts.
      if (this.#machines.isOnItsWay(job, node)) continue;
      if (jobs.retrySeconds(job) === 0) this.#forgetMoved(job);
      else this.#end(job, hasForgotten);
    }
  }

  /**
   * The borrower has forgotten all it had. A client that has a job of it has it as long as before. What is not
   * answered yet comes behind that, and will be: an answer to come must not be taken for one to a later push.
   */
  endForgotten(node: number): void {
    const { jobs, roles } = this.#world.broker;
    const limit = jobs.handleLimit;
    for (let job = jobs.skipVacant(0); job < limit; job = jobs.skipVacant(job + 1)) {
      if (!jobs.isLive(job) || roles.borrower(job) !== node) continue;
      if (jobs.hasFlag(job, JobFlag.isOut)) roles.loanIsOver(job);
    }
  }

  /**
   * It is lent to who answers, who has heard of that, and not on its way there for good after that loan. An older
   * node does not say what it has heard.
   */
  #isAnswered(node: number, job: Job, lastHeard: number | undefined): boolean {
    if (this.#world.broker.roles.borrower(job) !== node) return false;
    if (this.#machines.isOnItsWay(job, node)) return false;
    return lastHeard === undefined || this.#mail.numbers.isAbout(node, job, lastHeard);
  }

  #end(job: Job, hasForgotten: boolean): void {
    const { jobs, roles, clock } = this.#world.broker;
    // An expired one is on the agenda's way out.
    if (!jobs.hasFlag(job, JobFlag.isOut) && !clock.isExpired(job)) roles.takeLoanBack(job);
    else if (hasForgotten) roles.loanIsOver(job);
  }

  /** Another node is the keeper by now; the borrower may know one who has passed it on already. */
  #passOn(node: number, job: Job): void {
    const list = this.#world.broker.roles.list(job);
    const keeper = list[0] ?? OWN_INDEX;
    if (keeper !== OWN_INDEX && !list.includes(node)) this.#mail.returned(keeper, job);
  }

  /** It was lent by the keeper before this one, and waits here for the end of that lease. */
  #waitsForAnother(job: Job): boolean {
    const { roles, jobs } = this.#world.broker;
    const isElsewhere = JobFlag.isLent | JobFlag.isHeld | JobFlag.isClaimed | JobFlag.delivered;
    return (
      roles.isOwn(job) &&
      jobs.state(job) === JobState.active &&
      !jobs.hasFlag(job, isElsewhere) &&
      jobs.retrySeconds(job) > 0 &&
      jobs.epoch(job) > 0
    );
  }

  #each(packed: Buffer, act: (job: Job) => void): number {
    const { index } = this.#world.broker;
    const ids = this.#ids;
    if (!ids.start(packed)) return -1;
    while (ids.next()) {
      const job = index.find(ids.id);
      // Acknowledged, requeued or taken over meanwhile: whatever became of it counts.
      if (job !== NO_JOB) act(job);
    }
    return ids.count;
  }

  #forgetMoved(job: Job): void {
    this.#world.log("notice", "a job with RETRY 0 may be lost on its way to another node");
    this.#world.broker.lifecycle.remove(job);
  }
}
