/**
 * ADDJOBs that wait for their copies, and how they end.
 *
 *   enough copies                      the job enters its queue, its client has the id
 *   too late, or the client is gone    the job is cancelled: who may have a copy learns that it is over
 *   deleted, another's                 the same, and the client is told so
 *   acknowledged meanwhile             as good as replicated (reference 3.5)
 *   expired, or over elsewhere         the client is told so, and copies go
 *
 * The copies themselves are made in copying.ts. A job with one copy on a leaving node needs none of that:
 * it is given away whole.
 */
import { type Job, NO_JOB } from "../../../core/job.ts";
import { assert } from "../../../util/assert.ts";
import { Heap } from "../../../util/heap.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { IdPacker } from "../packing/packed-ids.ts";
import { PerPeer } from "../packing/per-peer.ts";
import type { AddFailure, AddReceiver, AddWait } from "./add-receiver.ts";
import type { Copying } from "./copying.ts";
import { CopyState, type Replication } from "./replication.ts";

/** Knows who waits. */
export class WaitingAdds {
  /** Clients that wait. */
  count = 0;
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #copying: Copying;
  /** Jobs that are over, told to whoever may have a copy. */
  readonly #over: PerPeer<IdPacker>;
  readonly #deadlines = new Heap<Replication>((a, b) => a.deadlineMs - b.deadlineMs);
  /** Their jobs were forgotten or acknowledged; resolved at the end of the turn. */
  readonly #ended: Replication[] = [];
  /** To be given away at the end of the turn. */
  readonly #away: Replication[] = [];
  /** Those whose jobs were sent away, by the handles that the jobs have here. */
  readonly #sent = new Map<Job, Replication>();

  constructor(world: JobsWorld, machines: JobsMachines, copying: Copying) {
    this.#world = world;
    this.#machines = machines;
    this.#copying = copying;
    this.#over = new PerPeer(
      () => new IdPacker(world),
      (node, ids) => world.tell(node, { type: "drop", ids, isOver: true, isShort: undefined }),
    );
  }

  get nextWakeAtMs(): number {
    const isDue = this.#ended.length > 0 || this.#away.length > 0 || !this.#over.isEmpty;
    if (isDue) return this.#world.host.nowMs;
    return this.#deadlines.peek()?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** The end of a turn. */
  tick(): void {
    const { nowMs } = this.#world.host;
    for (const replication of this.#ended.splice(0)) this.#resolve(replication);
    for (const replication of this.#away.splice(0)) this.#giveAway(replication);
    for (;;) {
      const due = this.#deadlines.peek();
      if (due === undefined || due.deadlineMs > nowMs) break;
      this.#fail(due, "timeout");
    }
    this.#over.say();
  }

  /** Somebody waits for a replication. */
  begin(replication: Replication, { receiver, deadlineMs }: AddWait): void {
    replication.receiver = receiver;
    if (receiver !== undefined) {
      receiver.replication = replication.number;
      this.count++;
    }
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    replication.deadlineMs = deadlineMs;
    this.#deadlines.push(replication);
  }

  /** This job is given to another node instead of being copied. */
  giveAway(replication: Replication): void {
    this.#away.push(replication);
  }

  /** A replication has its copies; it is forgotten by the caller. */
  completed(replication: Replication): void {
    replication.isWaiting = false;
    this.#world.broker.roles.replicated(replication.job);
    this.#takeReceiver(replication)?.replicated(replication.id);
  }

  /** A replication is forgotten, whatever became of it. */
  forgotten(replication: Replication): void {
    this.#deadlines.remove(replication);
    const at = this.#away.indexOf(replication);
    if (at >= 0) this.#away.splice(at, 1);
    if (this.#sent.get(replication.job) === replication) this.#sent.delete(replication.job);
  }

  /** The client is gone. */
  cancel(receiver: AddReceiver): void {
    const replication = this.#copying.replications.at(receiver.replication);
    if (replication === undefined || replication.receiver !== receiver) return;
    this.#takeReceiver(replication);
    // One whose job has ended otherwise is resolved at the end of the turn.
    if (!replication.isEnded) this.#fail(replication, "gone");
  }

  /** DELJOB: it is not added, and who may have a copy must not bring it back. */
  deleted(job: Job): void {
    const number = this.#world.broker.jobs.replication(job);
    const replication = this.#awaitedElsewhere(job) ?? this.#copying.replications.at(number);
    if (replication?.job === job) {
      replication.isDeleted = true;
      // Its job has left that state before, so cancelling it is no news (jobEnded).
      if (!replication.isWaiting) this.#end(replication);
    }
    this.#machines.cancel(job);
  }

  /** Its ADDJOB waits to hear that it has arrived where it was sent. */
  isAwaitedElsewhere(job: Job): boolean {
    return this.#awaitedElsewhere(job) !== undefined;
  }

  /** From inside the move that takes a job out of `replicating`: only takes notes. */
  jobEnded(job: Job): void {
    const number = this.#world.broker.jobs.replication(job);
    const replication = this.#copying.replications.at(number);
    if (replication?.job === job && replication.isWaiting) this.#end(replication);
  }

  /** All jobs are gone. */
  flushed(): void {
    this.#ended.length = 0;
    this.#away.length = 0;
    for (const replication of this.#copying.replications.inUse()) {
      const receiver = this.#takeReceiver(replication);
      if (replication.isWaiting) this.#dropEverywhere(replication);
      this.#copying.release(replication);
      receiver?.failed("gone");
    }
  }

  /** A node is no member any more. */
  forget(node: number): void {
    this.#over.forget(node);
  }

  #end(replication: Replication): void {
    if (replication.isEnded) return;
    replication.isEnded = true;
    this.#ended.push(replication);
  }

  #awaitedElsewhere(job: Job): Replication | undefined {
    const replication = this.#sent.get(job);
    return replication !== undefined && this.#copying.isHere(replication) ? replication : undefined;
  }

  #resolve(replication: Replication): void {
    const { job } = replication;
    const isHere = this.#copying.isHere(replication);
    const isAcked = isHere && !replication.isDeleted && this.#world.broker.roles.isAcked(job);
    const receiver = this.#takeReceiver(replication);
    if (isAcked) receiver?.replicated(replication.id);
    // Another node has become its keeper before there were enough copies: no promise can be given.
    else if (isHere) this.#machines.cancel(job);
    else this.#dropEverywhere(replication);
    this.#copying.release(replication);
    if (!isAcked) receiver?.failed("gone");
  }

  #fail(replication: Replication, why: AddFailure): void {
    assert(!replication.isEnded, "what has ended is resolved");
    const { job } = replication;
    const isHere = this.#copying.isHere(replication);
    const receiver = this.#takeReceiver(replication);
    // Before the job is cancelled, which would be noted as its end otherwise.
    this.#copying.release(replication);
    if (isHere && !this.#world.broker.roles.isAcked(job)) this.#machines.cancel(job);
    receiver?.failed(why);
  }

  #giveAway(replication: Replication): void {
    if (replication.job === NO_JOB || !replication.isWaiting || !replication.isExternal) return;
    // From now on its job is elsewhere; it is waited for who has it.
    replication.isWaiting = false;
    this.#sent.set(replication.job, replication);
    const id = Int32Array.from(replication.id);
    this.#machines.sendAway(replication.job, (isKept) => {
      if (!replication.isAbout(id) || replication.isEnded) return;
      if (!isKept) {
        this.#fail(replication, "timeout");
        return;
      }
      const receiver = this.#takeReceiver(replication);
      this.#copying.release(replication);
      receiver?.replicated(id);
    });
  }

  #dropEverywhere(replication: Replication): void {
    for (const node of replication.nodes) {
      if (replication.stateOf(node) === CopyState.refused) continue;
      this.#over.to(node).addWords(replication.id);
    }
  }

  #takeReceiver(replication: Replication): AddReceiver | undefined {
    const { receiver } = replication;
    if (receiver === undefined) return undefined;
    replication.receiver = undefined;
    receiver.replication = -1;
    this.count--;
    return receiver;
  }
}
