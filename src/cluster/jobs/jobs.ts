/**
 * Jobs in a cluster: what commands ask of them.
 *
 * A node without peers never gets further than this file: there every job is its own, and the broker
 * alone decides. Otherwise the machines behind it (machinery.ts) see to copies, keepers and the rest.
 * Nothing here knows sockets, members or commands.
 */
import type { Broker } from "../../core/broker.ts";
import { LOAN, NO_HOLDERS } from "../../core/holder-sets.ts";
import { type Job, JobState, NO_JOB } from "../../core/job.ts";
import { isOfRetriedJob, JOB_ID_WORDS } from "../../core/job-id.ts";
import type { NewJob } from "../../core/job-maker.ts";
import type { Queue } from "../../core/queue.ts";
import type { Verb } from "../job-messages.ts";
import { OWN_INDEX } from "../nodes.ts";
import type { AddReceiver, AddWait } from "./copies/add-receiver.ts";
import type { JobsWorld } from "./jobs-world.ts";
import { Machinery } from "./machinery.ts";

/** Copies of a job when its producer does not say (reference 3.2, REPLICATE). */
const REPLICATE_DEFAULT_MAX = 3;

/** How many copies there can be, as far as members go. */
export interface CopiesPossible {
  /** All members, this node and dead ones included, leaving ones not. */
  readonly sizeForDefault: number;
  /** Others that can be expected to take a copy: `cluster_reachable_nodes`. */
  readonly reachableCount: number;
}

/** All that concerns jobs and other nodes. */
export class Jobs extends Machinery {
  readonly #broker: Broker;
  readonly #possible: CopiesPossible;

  constructor(world: JobsWorld, possible: CopiesPossible) {
    super(world);
    this.#broker = world.broker;
    this.#possible = possible;
  }

  /** Members may not have been told all that this node has, since its log has lost its end. */
  get isUntold(): boolean {
    return this.sweep.isUntold;
  }

  /** Ids of nodes, members or not, that are to be told what this one has, also after a restart of this one. */
  get untoldIds(): readonly string[] {
    return this.sweep.untoldIds;
  }

  /** Copies of a job when its producer does not say. */
  get defaultReplicate(): number {
    return Math.min(REPLICATE_DEFAULT_MAX, Math.max(1, this.#possible.sizeForDefault));
  }

  /** Can that many copies be made? The check before all others (reference 3.2). */
  addError(replicate: number): "no replicas" | "no replicas, leaving" | undefined {
    const { isLeaving } = this.#broker;
    const { reachableCount } = this.#possible;
    const needed = isLeaving ? replicate : replicate - 1;
    if (needed <= reachableCount) return undefined;
    return isLeaving && needed - 1 === reachableCount ? "no replicas, leaving" : "no replicas";
  }

  /**
   * ADDJOB after all checks. The job is complete unless its state is `replicating`; then the receiver
   * is told later.
   */
  addJob(
    queue: Queue,
    source: Buffer,
    start: number,
    end: number,
    asked: NewJob,
    wait: AddWait,
  ): Job {
    if (asked.replicate === 1 && !this.#broker.isLeaving) {
      return this.#broker.addJob(queue, source, start, end, asked);
    }
    return this.newCopies.add(queue, source, start, end, asked, wait);
  }

  /** The client of an unfinished ADDJOB is gone. */
  cancelAdd(receiver: AddReceiver): void {
    this.newCopies.cancelAdd(receiver);
  }

  /** ACKJOB of a canonical id: true when it was known here and not acknowledged before. */
  ack(id: Int32Array): boolean {
    const job = this.#broker.find(id);
    if (job === NO_JOB) {
      this.collector.ackUnknown(id);
      return false;
    }
    if (this.#broker.roles.isAcked(job)) return false;
    const mayBeElsewhere = this.unreported().length > 0 || this.unconfirmed(job).length > 0;
    if (this.#isOnlyHere(job) && !mayBeElsewhere) this.#broker.lifecycle.end(job, "acked");
    else this.collector.ack(job);
    return true;
  }

  /**
   * FASTACK of a canonical id: all who may have it are told once, unless one of them is away and may come
   * back with it: then it is an ACKJOB. True when it was known here and not acknowledged before.
   */
  fastAck(id: Int32Array): boolean {
    const { roles, lifecycle } = this.#broker;
    const job = this.#broker.find(id);
    if (job === NO_JOB) {
      this.#fastAckUnknown(id);
      return false;
    }
    if (roles.isAcked(job)) return false;
    if (this.heldCopies.mayComeBack(job)) {
      this.collector.ack(job);
      return true;
    }
    const others = [...this.unconfirmed(job), ...this.unreported()];
    this.heldCopies.sayDrop(id, [...roles.list(job), ...others]);
    return lifecycle.end(job, "acked");
  }

  /**
   * DELJOB: this node's copy goes, and nobody else's, unless its ADDJOB waits, be it for the job's arrival elsewhere:
   * that has failed. False for one that is over: what is remembered of it keeps copies on nodes that are away from
   * coming back.
   */
  delete(job: Job): boolean {
    const { roles, lifecycle, jobs } = this.#broker;
    if (roles.isAcked(job)) return false;
    const isReplicating = jobs.state(job) === JobState.replicating;
    if (isReplicating || this.newCopies.isAwaitedElsewhere(job)) return this.newCopies.deleted(job);
    if (this.#isBorrowed(job)) this.lending.borrowing.endsHere(job);
    else {
      this.#deleteOnItsWay(job);
      if (!this.#isOnlyHere(job)) {
        this.newCopies.requests.retract(job);
        this.takeovers.sayGone(job);
      }
    }
    return lifecycle.end(job, "deleted");
  }

  /** ENQUEUE or NACK; false when there is nothing to do, as far as this node can tell. */
  requeue(job: Job, cause: "client" | "nack"): boolean {
    const { roles, lifecycle, jobs } = this.#broker;
    const verb = cause === "nack" ? "nack" : "enqueue";
    if (roles.isCopy(job)) {
      if (jobs.retrySeconds(job) === 0) return false;
      this.takeovers.forward(job, verb);
      return true;
    }
    if (!lifecycle.mayEnqueue(job)) return false;
    if (this.#isBorrowed(job)) {
      this.#giveBack(job, verb);
      return true;
    }
    return lifecycle.requeue(job, cause);
  }

  /** DEQUEUE; false when the job is not queued here. */
  dequeue(job: Job): boolean {
    const { lifecycle, jobs } = this.#broker;
    if (!this.#isBorrowed(job)) return lifecycle.dequeue(job);
    if (jobs.state(job) !== JobState.queued) return false;
    this.#giveBack(job, "dequeue");
    return true;
  }

  /** WORKING. */
  postpone(job: Job): void {
    const { roles, lifecycle } = this.#broker;
    if (roles.isCopy(job) || this.#isBorrowed(job)) this.takeovers.forward(job, "working");
    if (roles.isLent(job)) this.takeovers.callBack(job);
    if (!roles.isCopy(job)) lifecycle.postpone(job);
  }

  /** Memory is short: what is only remembered goes, oldest first (bounded). */
  makeRoom(): void {
    this.#broker.makeRoom();
    if (this.#broker.memory.level >= 2) this.collector.makeRoom();
  }

  /** A GETJOB NOHANG found nothing. */
  polled(queues: readonly Queue[], count: number): void {
    this.lending.polled(queues, count);
  }

  /** Ids of the nodes that may have a copy, this one included if so; the keeper first. */
  holderIds(job: Job): string[] {
    const list = this.#broker.roles.list(job);
    const { nodes } = this.world;
    return (list.length === 0 ? [0] : list).map((node) => nodes.id(node % LOAN)).filter(isKnown);
  }

  /** For each job the ids of the nodes that are known to know of its acknowledgement; all jobs of a reply at once. */
  confirmedIds(found: readonly Job[]): string[][] {
    const confirmed = this.collector.confirmedBy(found);
    return confirmed.map((nodes) => nodes.map((node) => this.world.nodes.id(node)));
  }

  /**
   * The only copy of a job is on its way to another node, and may be there: that is the one that is meant. It may have
   * come round, and go to one node while nothing was heard of its way to another.
   */
  #deleteOnItsWay(job: Job): void {
    const { roles, jobs } = this.#broker;
    const heir = this.handover.heirOf(job);
    const moving = jobs.retrySeconds(job) === 0 ? roles.borrower(job) : -1;
    const targets = new Set([heir, moving].filter((node) => node >= 0));
    const isOther = (node: number) => node !== OWN_INDEX && node < LOAN && node !== heir;
    if (targets.size === 0 || roles.list(job).some(isOther)) return;
    const id = Int32Array.from({ length: JOB_ID_WORDS }, (_, word) => jobs.idWord(job, word));
    this.heldCopies.sayDrop(id, [...targets]);
  }

  /** Anybody may have it; what is delivered at most once does not come back. */
  #fastAckUnknown(id: Int32Array): void {
    const { nodes } = this.world;
    const others = [...nodes.others()];
    const isAnyAway = others.some((node) => !nodes.isLinked(node));
    if (isAnyAway && isOfRetriedJob(id)) this.collector.ackUnknown(id);
    else this.heldCopies.sayDrop(id, others);
  }

  /** Nobody else has it, and nobody else has lent it to this node. */
  #isOnlyHere(job: Job): boolean {
    return this.#broker.jobs.holderSet(job) === NO_HOLDERS;
  }

  /** What a client asks of a borrowed job is for its keeper to do, who has it again with that. */
  #giveBack(job: Job, verb: Verb): void {
    this.takeovers.forward(job, verb);
    this.#broker.lifecycle.remove(job);
  }

  /** One whose keeper has forgotten it is this node's own from now on: there is nobody to ask. */
  #isBorrowed(job: Job): boolean {
    const { roles } = this.#broker;
    if (roles.isBorrowed(job) && roles.list(job).length === 0) {
      roles.adopt(job);
      roles.setList(job, []);
    }
    return roles.isBorrowed(job);
  }
}

function isKnown(id: string): boolean {
  return id !== "";
}
