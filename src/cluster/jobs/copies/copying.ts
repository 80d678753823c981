/**
 * What an answer, or none, means for the copies of a job: done, or another node is asked.
 *
 * Every node that was asked and has not refused may have a copy, whatever is heard of it, so it stays in
 * the job's list until it says that it has none. That rule makes it harmless to ask others early: one
 * copy too many is dropped when enough are stored. Where nobody waits for the outcome, a replication that
 * gets no further is forgotten, and the sweep sees to the job.
 */
import { type Job, JobState } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { Bag } from "../../../util/bag.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { NO_NODE } from "../../ring.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { CopyTargets } from "./copy-targets.ts";
import { inOrder, without } from "./holder-order.ts";
import { OpenRequests } from "./open-requests.ts";
import { CopyState, type Replication, Replications } from "./replication.ts";
import type { StoreBatch } from "./store-batch.ts";
import { StoreBatches } from "./store-batches.ts";
import { StrayCopies } from "./stray-copies.ts";

/** Further nodes are asked so many times for a job that nobody waits for. */
const ROUNDS_MAX = 5;

/** Brings replications to their end. */
export class Copying {
  readonly replications = new Replications();
  readonly stores: StoreBatches;
  readonly strays: StrayCopies;
  readonly requests: OpenRequests;
  /** Replications somebody waits for, and for which there are not enough nodes. */
  readonly short = new Bag<Replication>();
  /** Called when enough copies are stored; the replication is forgotten right after. */
  completed: (replication: Replication) => void = () => {};
  /** Called before a replication is forgotten. */
  forgotten: (replication: Replication) => void = () => {};
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #targets: CopyTargets;
  /** Lists of new jobs, by length; filled anew for each. */
  readonly #lists: number[][] = [];

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.stores = new StoreBatches(world, this.replications);
    this.strays = new StrayCopies(world, machines);
    this.requests = new OpenRequests(world, this.replications, this.strays);
    this.requests.outdated = (replication) => this.#leave(replication);
    this.stores.outdated = (replication, node) => {
      replication.note(node, CopyState.lost);
      this.#leave(replication);
    };
    this.stores.unwanted = (node, id) => this.strays.dropUncertain(node, id);
    this.#targets = new CopyTargets(world);
  }

  /** Whether the job of a replication is still there, in whatever role. */
  isHere({ job, id }: Replication): boolean {
    const { jobs } = this.#world.broker;
    return jobs.isLive(job) && jobs.hasId(job, id);
  }

  /** Asks the first nodes for copies of a job that is only here. */
  begin(replication: Replication): void {
    const targets = this.#targets;
    targets.first(replication);
    const { nodes, count } = targets;
    let list = this.#lists[count];
    if (list === undefined) {
      list = new Array<number>(count + 1).fill(OWN_INDEX);
      this.#lists[count] = list;
    }
    for (let i = 0; i < count; i++) list[i + 1] = nodes[i] as number;
    this.#world.broker.roles.setList(replication.job, list);
    for (let i = 0; i < count; i++) this.#ask(replication, nodes[i] as number);
    this.#look(replication);
  }

  /**
   * Asks as many further nodes as copies are lacking. `list`: the job's list as it is to be if it has
   * changed otherwise.
   */
  fill(replication: Replication, list?: readonly number[]): void {
    const { job } = replication;
    const known = list ?? this.#world.broker.roles.list(job);
    const isPatient = replication.isWaiting || replication.rounds < ROUNDS_MAX;
    let nodes: readonly number[] = [];
    if (replication.lacking > 0 && isPatient && !this.#isLeaving(job)) {
      this.#targets.more(replication, known);
      nodes = this.#targets.nodes.slice(0, this.#targets.count);
    }
    if (nodes.length > 0) replication.rounds++;
    if (nodes.length > 0 || list !== undefined) {
      this.#relist(
        job,
        inOrder(known, nodes, (node) => replication.isOverdue(node)),
      );
    }
    for (const node of nodes) this.#ask(replication, node);
    this.#look(replication);
  }

  /** It is on its way to its next keeper, who knows of nobody that is asked from now on. */
  #isLeaving(job: Job): boolean {
    const borrower = this.#world.broker.roles.borrower(job);
    return borrower !== NO_NODE && this.#machines.isOnItsWay(job, borrower);
  }

  /** A node has stored a copy. */
  stored(replication: Replication, node: number): void {
    const wasAsked = replication.stateOf(node) !== undefined;
    if (wasAsked) replication.note(node, CopyState.stored);
    if (!this.#isCurrent(replication)) {
      this.strays.stored(node, replication.id);
      this.#leave(replication);
      return;
    }
    if (!wasAsked) return;
    this.#ensureListed(replication.job, node);
    if (replication.isComplete) this.#complete(replication);
  }

  /** It is in no list any more if it was flushed after it was asked, and before the question came. */
  #ensureListed(job: Job, node: number): void {
    const list = this.#world.broker.roles.list(job);
    if (list.includes(node)) return;
    this.#relist(job, inOrder(list, [node]));
  }

  /** A node takes no copy, and has none. */
  refused(replication: Replication, node: number, isAcked: boolean): void {
    const { job } = replication;
    const state = replication.stateOf(node) ?? CopyState.refused;
    if (state < CopyState.stored) replication.note(node, CopyState.refused);
    if (!this.#isCurrent(replication)) {
      this.#leave(replication);
      return;
    }
    if (state >= CopyState.stored) return;
    if (isAcked) {
      this.#machines.learnAcked(job);
      if (!this.#isCurrent(replication)) {
        this.#leave(replication);
        return;
      }
    }
    this.fill(replication, without(this.#world.broker.roles.list(job), node));
  }

  /** A node has not answered these in time: others are asked, all at once. */
  silent(node: number, batches: readonly StoreBatch[]): void {
    this.#overdue(node, batches, CopyState.silent);
  }

  /** A node will not answer these any more; what it has of them is not known. They are released. */
  lost(node: number, batches: readonly StoreBatch[]): void {
    this.#overdue(node, batches, CopyState.lost);
    for (const batch of batches) {
      for (let position = 0; position < batch.count; position++) {
        if (batch.find(position, this.replications) !== undefined) continue;
        // Nobody asks it again, so that it is cleared up by having it forget the job.
        batch.readId(position, id);
        this.strays.dropUncertain(node, id);
      }
      this.stores.release(batch);
    }
  }

  /** A node can be spoken to again: if it has not confirmed that one, it is sent again. */
  askAgain(replication: Replication, node: number): void {
    if (replication.stateOf(node) !== CopyState.lost) return;
    if (this.#isCurrent(replication)) this.#ask(replication, node);
    else this.#leave(replication);
  }

  /** A node has nothing any more of what it had, and is in no list. */
  forget(node: number): void {
    for (const batch of this.stores.takeAll(node)) this.stores.release(batch);
    this.strays.forget(node);
    this.forgetCopies(node, false);
  }

  /** The same; `isHere`: what it has not answered yet may come to it after that. */
  forgetCopies(node: number, isHere = true): void {
    for (const replication of this.replications.inUse()) {
      const state = replication.stateOf(node);
      if (state === undefined || (isHere && state !== CopyState.stored)) continue;
      replication.forget(node);
      if (this.#isCurrent(replication)) this.fill(replication);
      else this.#leave(replication);
    }
  }

  /** Tries again if there were not enough nodes; those who refused may have changed their mind. */
  fillShort(replication: Replication): void {
    if (!this.short.has(replication) || !this.#isCurrent(replication)) return;
    replication.forgetRefused();
    this.fill(replication);
  }

  /** A replication is about nothing any more. Who hears of that may ask for anything, so it is out of use before. */
  release(replication: Replication): void {
    const { done } = replication;
    this.forgotten(replication);
    this.#unlist(replication);
    this.replications.release(replication);
    done?.();
  }

  /** Its job is still in need of copies, and this node is the one to make them. */
  #isCurrent(replication: Replication): boolean {
    const { broker } = this.#world;
    const { job, isWaiting, isEnded } = replication;
    if (isEnded || !this.isHere(replication)) return false;
    if (!isWaiting) return broker.roles.isOwn(job);
    return broker.jobs.state(job) === JobState.replicating && !broker.clock.isExpired(job);
  }

  #ask(replication: Replication, node: number): void {
    replication.note(node, CopyState.awaited);
    this.stores.add(node, replication);
  }

  #overdue(node: number, batches: readonly StoreBatch[], state: CopyState): void {
    for (const batch of batches) {
      for (let position = 0; position < batch.count; position++) {
        const replication = batch.find(position, this.replications);
        if (replication === undefined) continue;
        const before = replication.stateOf(node);
        const isOpen = before === CopyState.awaited || before === CopyState.silent;
        if (!this.#isCurrent(replication)) this.#leave(replication);
        else if (isOpen) {
          replication.note(node, state);
          // Others were asked when it fell silent.
          if (before === CopyState.awaited) this.fill(replication);
        }
      }
    }
  }

  #complete(replication: Replication): void {
    this.#trim(replication);
    this.completed(replication);
    this.release(replication);
  }

  /** Whoever was asked in vain is to forget the job, and comes last in its list until it has. */
  #trim(replication: Replication): void {
    if (replication.isUnanimous) return;
    const { job } = replication;
    const surplus = replication.unconfirmed();
    for (const node of surplus) this.strays.drop(job, node);
    const list = this.#world.broker.roles.list(job);
    this.#relist(
      job,
      inOrder(list, [], (node) => surplus.includes(node)),
    );
  }

  /** Is there anything to wait for? */
  #look(replication: Replication): void {
    if (replication.isWaiting) {
      if (replication.lacking <= 0) this.#unlist(replication);
      else if (replication.bagIndex < 0) this.short.add(replication);
    } else if (replication.awaitedCount === 0) {
      this.#giveUp(replication);
    }
  }

  #unlist(replication: Replication): void {
    if (replication.bagIndex >= 0) this.short.remove(replication);
  }

  /** Nobody waits, and nobody is left to be asked. */
  #giveUp(replication: Replication): void {
    const { job } = replication;
    const { isNew } = replication;
    this.#leave(replication);
    // The sweep has asked for all others, and comes again in its own time.
    if (isNew) this.#machines.examine(job);
  }

  /** Its job is over or another node's; one that is waited for is brought to its end elsewhere. */
  #leave(replication: Replication): void {
    if (replication.isWaiting) return;
    if (this.isHere(replication)) this.strays.remember(replication);
    this.release(replication);
  }

  #relist(job: Job, list: readonly number[]): void {
    this.#world.broker.roles.setList(job, list);
    this.#machines.announceList(job);
  }
}

/** Read from a batch. */
const id = new Int32Array(JOB_ID_WORDS);
