/**
 * What clients ask of jobs that another node keeps: WORKING, NACK, ENQUEUE, DEQUEUE.
 *
 * A copy or a borrowed job can do none of these by itself. The wish goes to the keeper; if it is not
 * the keeper any more, it passes it on. A wish may be lost with its keeper: the lease then ends as if
 * nobody had asked.
 *
 * A job that was lent and not handed out, as far as its keeper knows, counts as queued: what is asked for
 * it then is not meant for whoever gets it in the next moment.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, JobFlag, JobState, NO_JOB } from "../../../core/job.ts";
import type { MessageOf, Verb } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { IdPacker, IdUnpacker } from "../packing/packed-ids.ts";
import { PerPeer } from "../packing/per-peer.ts";

const VERBS: readonly Verb[] = ["working", "nack", "enqueue", "dequeue"];

/** Forwards wishes, and grants those of others. */
export class Verbs {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #wishes: Readonly<Record<Verb, PerPeer<IdPacker>>>;
  readonly #reader = new IdUnpacker();
  /** Of what was added since the last `say`. */
  #lastVerb: Verb = "working";

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    const wishes = (verb: Verb) =>
      new PerPeer(
        () => new IdPacker(world),
        (node, ids) => world.tell(node, { type: "verbs", verb, ids }),
      );
    this.#wishes = {
      working: wishes("working"),
      nack: wishes("nack"),
      enqueue: wishes("enqueue"),
      dequeue: wishes("dequeue"),
    };
  }

  get isEmpty(): boolean {
    return VERBS.every((verb) => this.#wishes[verb].isEmpty);
  }

  say(): void {
    for (const verb of VERBS) this.#wishes[verb].say();
  }

  forget(node: number): void {
    for (const verb of VERBS) this.#wishes[verb].forget(node);
  }

  clear(): void {
    for (const verb of VERBS) this.#wishes[verb].clear();
  }

  /** A client asks that of a job that another node keeps. */
  forward(job: Job, verb: Verb): void {
    const keeper = this.#keeperOf(job);
    if (keeper === OWN_INDEX) {
      this.#machines.examine(job);
      return;
    }
    this.#say(keeper, job, verb);
  }

  /**
   * A client asks for more time for a lent job: nobody may be given it meanwhile, elsewhere neither. Who has a
   * copy is keeper as soon as the push arrives, whatever is recalled, and may send the job on in the same turn.
   */
  callBack(job: Job): void {
    const { broker, host } = this.#world;
    const { roles } = broker;
    const retryMs = broker.jobs.retrySeconds(job) * 1000;
    // It has moved, and is to be postponed nowhere.
    if (retryMs === 0) return;
    const borrower = roles.borrower(job);
    if (this.#isMoving(job, borrower)) this.#say(borrower, job, "working");
    if (roles.isUnanswered(job)) roles.postponeLent(job, host.nowMs + retryMs);
    else this.#machines.recall(job);
  }

  /** A client of that node, or of one before it, asks; false: the buffer is damaged. */
  received(from: number, { verb, ids }: MessageOf<"verbs">): boolean {
    const { broker } = this.#world;
    const reader = this.#reader;
    reader.start(ids);
    while (reader.next()) {
      const job = broker.find(reader.id);
      if (job === NO_JOB || broker.roles.isAcked(job)) continue;
      if (broker.roles.isOwn(job)) this.#grant(job, verb, from);
      else if (this.#keeperOf(job) !== from) this.forward(job, verb);
    }
    return !reader.isDamaged;
  }

  #say(node: number, job: Job, verb: Verb): void {
    // NACK and then WORKING is something else than the other way round.
    if (verb !== this.#lastVerb) this.say();
    this.#lastVerb = verb;
    this.#wishes[verb].to(node).add(job);
  }

  #grant(job: Job, verb: Verb, from: number): void {
    const { jobs } = this.#world.broker;
    // Its producer has not heard yet that there is such a job.
    if (jobs.state(job) === JobState.replicating) return;
    // It was sent to who asks, and not heard by him when he asked: he is its keeper by now.
    const isMoving = this.#isMoving(job, from);
    if (verb === "working" && isMoving) this.#say(from, job, verb);
    else if (verb === "working") this.#postpone(job, from);
    else if (verb === "dequeue") this.#dequeue(job, from);
    else if (!isMoving) this.#requeue(job, verb === "nack" ? "nack" : "client", from);
  }

  /** Lent to a node that has a copy, and becomes keeper with that; not one that has got its copy behind the push. */
  #isMoving(job: Job, node: number): boolean {
    const { roles, jobs } = this.#world.broker;
    const isLentThere = roles.borrower(job) === node && !jobs.hasFlag(job, JobFlag.isOut);
    return isLentThere && roles.list(job).includes(node);
  }

  #postpone(job: Job, from: number): void {
    const { roles, lifecycle } = this.#world.broker;
    // The lease was over here when its client asked, and the job is on its way there once more.
    const isSentAgain = roles.isUnanswered(job);
    if (roles.isLent(job) && (isSentAgain || roles.borrower(job) !== from)) this.callBack(job);
    lifecycle.postpone(job);
  }

  #requeue(job: Job, cause: "client" | "nack", from: number): void {
    const { roles, jobs, lifecycle } = this.#world.broker;
    // A borrower that asks has forgotten it, unless it was sent the job once more meanwhile.
    const isBack = roles.borrower(job) === from && jobs.retrySeconds(job) > 0;
    if (isBack && jobs.hasFlag(job, JobFlag.isOut)) roles.loanIsOver(job);
    else if (isBack) this.#machines.recall(job);
    lifecycle.requeue(job, cause);
  }

  /** A borrower has taken it out of its own queue and forgotten it. */
  #dequeue(job: Job, from: number): void {
    const { jobs, roles, lifecycle } = this.#world.broker;
    const retryMs = jobs.retrySeconds(job) * 1000;
    if (!roles.isLent(job)) lifecycle.dequeue(job);
    else if (roles.borrower(job) === from && retryMs > 0) {
      roles.loanIsOver(job);
      roles.postpone(job, this.#world.host.nowMs + retryMs);
    }
  }

  /** This node: there is none any more, as far as is known here. */
  #keeperOf(job: Job): number {
    const first = this.#world.broker.roles.list(job)[0] ?? OWN_INDEX;
    return first < LOAN ? first : OWN_INDEX;
  }
}
