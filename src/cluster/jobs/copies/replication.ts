/**
 * One job on its way to other nodes: which were addressed, and what each has said.
 *
 * It lives until as many copies are stored as were wanted, or nobody wants them any more. In a busy
 * cluster there is one for every ADDJOB, so they are used again, and named by their number: whoever kept
 * one compares how often it was used. Who is addressed and what
 * follows from an answer is decided in new-copies.ts.
 */
import { type Job, NO_JOB } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobTable } from "../../../core/job-table.ts";
import { assert } from "../../../util/assert.ts";
import type { BagItem } from "../../../util/bag.ts";
import type { HeapItem } from "../../../util/heap.ts";
import type { AddReceiver } from "./add-receiver.ts";

/**
 * What is known of the copy of an addressed node: asked for, not answered in time, not to be answered any
 * more, stored, refused. All but a refused one may exist, so the node is in the job's list.
 */
export const CopyState = { awaited: 0, silent: 1, lost: 2, stored: 3, refused: 4 } as const;
export type CopyState = (typeof CopyState)[keyof typeof CopyState];

/** The copies of one job. */
export class Replication implements HeapItem, BagItem {
  heapIndex = -1;
  bagIndex = -1;
  /** Its place among all, the same for ever. */
  readonly number: number;
  /** NO_JOB while it is not in use. */
  job: Job = NO_JOB;
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** Copies wanted on other nodes. */
  wanted = 0;
  /** Its job is in the state `replicating` until there are that many. */
  isWaiting = false;
  /** Its job has left that state without them (waiting-adds.ts). */
  isEnded = false;
  /** It has left it by DELJOB, and stays as the tombstone of a failed ADDJOB. */
  isDeleted = false;
  /** Its job was just added; otherwise copies are made up for. */
  isNew = false;
  /** Its job is added, whoever can take a copy; otherwise ADDJOB is only answered when there are copies. */
  isAccepted = true;
  /** This node leaves: its own copy does not count, and goes when the others exist. */
  isExternal = false;
  receiver: AddReceiver | undefined = undefined;
  /** Told that it is over, with all copies or not. */
  done: (() => void) | undefined = undefined;
  /** Monotonic ms; Infinity: for ever. */
  deadlineMs = Number.POSITIVE_INFINITY;
  /** Times further nodes were addressed. */
  rounds = 0;
  /** Goes up whenever it begins to be about another job. */
  use = 0;
  /** Copies stored, and copies that may be so soon. */
  storedCount = 0;
  awaitedCount = 0;
  /** The first #count elements count: arrays that are emptied would be made anew every time. */
  readonly #nodes: number[] = [];
  readonly #states: CopyState[] = [];
  #count = 0;

  constructor(number: number) {
    this.number = number;
  }

  /** Nodes addressed, in that order. */
  get nodes(): readonly number[] {
    return this.#nodes.slice(0, this.#count);
  }

  /** All nodes addressed have stored a copy. */
  get isUnanimous(): boolean {
    return this.storedCount === this.#count;
  }

  /** Copies that somebody else must make now. */
  get lacking(): number {
    return this.wanted - this.storedCount - this.awaitedCount;
  }

  get isComplete(): boolean {
    return this.storedCount >= this.wanted;
  }

  /** Nobody comes upon it when it is due, or when there are more nodes. */
  get standsNowhere(): boolean {
    return this.heapIndex < 0 && this.bagIndex < 0;
  }

  /** Begins to be about a job. */
  begin(jobs: JobTable, job: Job, wanted: number): void {
    assert(this.job === NO_JOB && this.standsNowhere, "a replication is about one job at a time");
    this.job = job;
    this.use = (this.use + 1) | 0;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.id[word] = jobs.idWord(job, word);
    this.wanted = wanted;
  }

  /** Is about nothing any more. */
  clear(): void {
    this.job = NO_JOB;
    this.isWaiting = false;
    this.isEnded = false;
    this.isDeleted = false;
    this.isNew = false;
    this.isAccepted = true;
    this.isExternal = false;
    this.receiver = undefined;
    this.done = undefined;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.rounds = 0;
    this.storedCount = 0;
    this.awaitedCount = 0;
    this.#count = 0;
  }

  /** It is in use, for the job with this id. */
  isAbout(id: Int32Array): boolean {
    if (this.job === NO_JOB) return false;
    for (let word = JOB_ID_WORDS - 1; word >= 0; word--) {
      if (this.id[word] !== id[word]) return false;
    }
    return true;
  }

  /** What is known of a node; undefined: it was not addressed. */
  stateOf(node: number): CopyState | undefined {
    const at = this.#find(node);
    return at < 0 ? undefined : this.#states[at];
  }

  /** Whether a node was asked and has not answered in time, or will not. */
  isOverdue(node: number): boolean {
    const state = this.stateOf(node);
    return state === CopyState.silent || state === CopyState.lost;
  }

  /** Something else is known of a node, or it is addressed. */
  note(node: number, state: CopyState): void {
    let at = this.#find(node);
    if (at < 0) {
      at = this.#count++;
      this.#nodes[at] = node;
    } else {
      this.#tally(this.#states[at] as CopyState, -1);
    }
    this.#states[at] = state;
    this.#tally(state, 1);
  }

  /** A node counts as never addressed. */
  forget(node: number): void {
    const at = this.#find(node);
    if (at < 0) return;
    this.#tally(this.#states[at] as CopyState, -1);
    this.#nodes.splice(at, 1);
    this.#states.splice(at, 1);
    this.#count--;
  }

  /** Those who refused may be asked again. */
  forgetRefused(): void {
    for (const node of this.nodes) {
      if (this.stateOf(node) === CopyState.refused) this.forget(node);
    }
  }

  /** Nodes that were asked and have neither stored nor refused. */
  unconfirmed(): number[] {
    return this.nodes.filter((_, at) => (this.#states[at] as CopyState) <= CopyState.lost);
  }

  #find(node: number): number {
    let at = this.#count - 1;
    while (at >= 0 && this.#nodes[at] !== node) at--;
    return at;
  }

  #tally(state: CopyState, by: number): void {
    if (state === CopyState.stored) this.storedCount += by;
    else if (state === CopyState.awaited) this.awaitedCount += by;
  }
}

/** All replications of a node. */
export class Replications {
  readonly #all: Replication[] = [];
  readonly #free: Replication[] = [];

  /** How many are in use. */
  get count(): number {
    return this.#all.length - this.#free.length;
  }

  /** How many there are; their numbers are below that. */
  get size(): number {
    return this.#all.length;
  }

  at(number: number): Replication | undefined {
    return this.#all[number];
  }

  /** The one with that number, if it is in use. */
  inUseAt(number: number): Replication | undefined {
    const replication = this.#all[number];
    return replication?.job === NO_JOB ? undefined : replication;
  }

  /** One that is not in use; it is from `begin` on. */
  take(): Replication {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const replication = new Replication(this.#all.length);
    this.#all.push(replication);
    return replication;
  }

  /** One that was in use, and is in no heap or bag any more. */
  release(replication: Replication): void {
    assert(replication.job !== NO_JOB, "a replication is released once");
    assert(replication.standsNowhere, "a replication that is released stands nowhere");
    replication.clear();
    this.#free.push(replication);
  }

  /** Those in use now, for rare occasions. */
  inUse(): Replication[] {
    return this.#all.filter(({ job }) => job !== NO_JOB);
  }
}
