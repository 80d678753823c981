/**
 * Which nodes have a copy of a job, in four bytes a job.
 *
 * Nearly all jobs of a cluster share few sets of holders: the ring gives one per token range, at most
 * a few thousand for dozens of nodes. So each distinct set is stored once and counted, and a job's
 * record has only its number. A change gives another number; a set that nobody uses is forgotten. Set
 * 0 is the empty one.
 *
 * Nodes are small indexes given by whoever knows the members. The order in a set is that in which
 * nodes were added, because the rank of a holder decides who acts first.
 */
import { assert } from "../util/assert.ts";
import type { JobJournal } from "./job-journal.ts";

/** The number of a set. */
export type HolderSet = number;
/** No node. */
export const NO_HOLDERS: HolderSet = 0;

/** Node indexes are below this. */
export const NODE_INDEX_LIMIT = 0x8000;
/** Added to the index of a node that has borrowed the job and is no holder of it; it comes last. */
export const LOAN = NODE_INDEX_LIMIT;
/** What a distinct set costs, in accounted bytes; measured on the heap. */
export const HOLDER_SET_BYTES = 256;

/** Chains of the table in which sets are found, at first; a power of two. */
const CHAINS_MIN = 64;

interface Entry {
  nodes: readonly number[];
  hash: number;
  uses: number;
  /** The next set of the same chain; NO_HOLDERS: none. */
  next: HolderSet;
}

function emptySet(): Entry {
  return { nodes: [], hash: 0, uses: 1, next: NO_HOLDERS };
}

/** All distinct sets of holders of a node. */
export class HolderSets {
  /** Who is told of changes of many lists at once; undefined: nobody. */
  journal: JobJournal | undefined = undefined;
  #entries: (Entry | undefined)[] = [emptySet()];
  /** The first set of each chain. No Map: sets of few jobs come and go with them. */
  #chains = new Int32Array(CHAINS_MIN).fill(NO_HOLDERS);
  #free: HolderSet[] = [];

  /** Distinct sets beside the empty one. */
  get count(): number {
    return this.#entries.length - 1 - this.#free.length;
  }

  /** Bytes accounted for the sets. */
  get usedBytes(): number {
    return this.count * HOLDER_SET_BYTES;
  }

  /** The nodes of a set, in the order in which they were added; must not be changed. */
  nodes(set: HolderSet): readonly number[] {
    return this.#entry(set).nodes;
  }

  has(set: HolderSet, node: number): boolean {
    return this.#entry(set).nodes.includes(node);
  }

  /** The set of these distinct nodes, for one more job. Pair with `release`. */
  acquire(nodes: readonly number[]): HolderSet {
    if (nodes.length === 0) return NO_HOLDERS;
    const hash = hashOf(nodes);
    let set = this.#find(nodes, hash);
    if (set === NO_HOLDERS) {
      assert(new Set(nodes).size === nodes.length, "a node holds one copy");
      assert(
        nodes.every((node) => node >= 0 && node < NODE_INDEX_LIMIT + LOAN),
        "holders are node indexes",
      );
      set = this.#free.pop() ?? this.#entries.length;
      this.#entries[set] = { nodes: [...nodes], hash, uses: 0, next: NO_HOLDERS };
      this.#link(set);
    }
    this.#entry(set).uses++;
    return set;
  }

  /** One more job has this set. */
  retain(set: HolderSet): void {
    this.#entry(set).uses++;
  }

  /** A job that had this set is gone or has another one. */
  release(set: HolderSet): void {
    if (set === NO_HOLDERS) return;
    const entry = this.#entry(set);
    assert(entry.uses > 0, "a set is released by those who have it");
    entry.uses--;
    if (entry.uses > 0) return;
    this.#unlink(set);
    this.#entries[set] = undefined;
    this.#free.push(set);
  }

  /** Exchanges a job's set for one of these nodes; none at all or only this node (0): the empty set. */
  exchange(set: HolderSet, nodes: readonly number[]): HolderSet {
    return this.#exchange(set, nodes.length === 1 && nodes[0] === 0 ? [] : nodes);
  }

  /** Exchanges a job's set for the same with the node at its end. */
  with(set: HolderSet, node: number): HolderSet {
    const { nodes } = this.#entry(set);
    if (nodes.includes(node)) return set;
    return this.#exchange(set, [...nodes, node]);
  }

  /** Exchanges a job's set for the same without the node. */
  without(set: HolderSet, node: number): HolderSet {
    const { nodes } = this.#entry(set);
    if (!nodes.includes(node)) return set;
    return this.#exchange(
      set,
      nodes.filter((other) => other !== node),
    );
  }

  /**
   * Takes a node out of all sets, whatever it held or, unless `hasLoans` is false, had borrowed: it has
   * forgotten all. The jobs keep their numbers, so that this costs as much as there are sets, not jobs.
   */
  void(node: number, hasLoans = true): void {
    const isVoid = (other: number): boolean =>
      other === node || (hasLoans && other === node + LOAN);
    if (this.journal !== undefined) this.journal.voided(node);
    for (const [set, entry] of this.#entries.entries()) {
      if (entry === undefined || !entry.nodes.some(isVoid)) continue;
      this.#unlink(set);
      entry.nodes = entry.nodes.filter((other) => !isVoid(other));
      entry.hash = hashOf(entry.nodes);
      // Another set may have the same nodes now: new jobs get one of them, and each goes with its jobs.
      this.#link(set);
    }
  }

  /** Forgets all sets at once, as all jobs are gone. */
  clear(): void {
    this.#entries = [emptySet()];
    this.#chains = new Int32Array(CHAINS_MIN).fill(NO_HOLDERS);
    this.#free = [];
  }

  #exchange(set: HolderSet, nodes: readonly number[]): HolderSet {
    // In this order, so that a set that both share is not forgotten in between.
    const next = nodes.length === 0 ? NO_HOLDERS : this.acquire(nodes);
    this.release(set);
    return next;
  }

  #find(nodes: readonly number[], hash: number): HolderSet {
    let set = this.#chains[hash & (this.#chains.length - 1)] as HolderSet;
    while (set !== NO_HOLDERS) {
      const entry = this.#entry(set);
      if (entry.hash === hash && isSame(entry.nodes, nodes)) break;
      set = entry.next;
    }
    return set;
  }

  /** Lets a set be found. */
  #link(set: HolderSet): void {
    if (this.count > this.#chains.length) {
      this.#grow();
      return;
    }
    const entry = this.#entry(set);
    const chain = entry.hash & (this.#chains.length - 1);
    entry.next = this.#chains[chain] as HolderSet;
    this.#chains[chain] = set;
  }

  #unlink(set: HolderSet): void {
    const { hash, next } = this.#entry(set);
    const chain = hash & (this.#chains.length - 1);
    let before = this.#chains[chain] as HolderSet;
    if (before === set) {
      this.#chains[chain] = next;
      return;
    }
    while (this.#entry(before).next !== set) before = this.#entry(before).next;
    this.#entry(before).next = next;
  }

  /** Twice as many chains, with all sets. */
  #grow(): void {
    this.#chains = new Int32Array(this.#chains.length * 2).fill(NO_HOLDERS);
    for (const [set, entry] of this.#entries.entries()) {
      if (entry !== undefined && set !== NO_HOLDERS) this.#link(set);
    }
  }

  #entry(set: HolderSet): Entry {
    const entry = this.#entries[set];
    assert(entry !== undefined, "the set is in use");
    return entry;
  }
}

function hashOf(nodes: readonly number[]): number {
  let hash = nodes.length;
  for (let i = 0; i < nodes.length; i++) {
    hash = Math.imul(hash ^ (nodes[i] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
