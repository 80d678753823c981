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

/** The number of a set. */
export type HolderSet = number;
/** No node. */
export const NO_HOLDERS: HolderSet = 0;

/** Node indexes are below this. */
export const NODE_INDEX_LIMIT = 0x10000;
/** What a distinct set costs, in accounted bytes; measured on the heap. */
export const HOLDER_SET_BYTES = 256;

interface Entry {
  readonly key: string;
  readonly nodes: readonly number[];
  uses: number;
}

function emptySet(): Entry {
  return { key: "", nodes: [], uses: 1 };
}

/** All distinct sets of holders of a node. */
export class HolderSets {
  #entries: (Entry | undefined)[] = [emptySet()];
  readonly #numbers = new Map<string, HolderSet>([["", NO_HOLDERS]]);
  #free: HolderSet[] = [];

  /** Distinct sets beside the empty one. */
  get count(): number {
    return this.#numbers.size - 1;
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
    const key = nodes.join(" ");
    let set = this.#numbers.get(key);
    if (set === undefined) {
      assert(new Set(nodes).size === nodes.length, "a node holds one copy");
      assert(
        nodes.every((node) => node >= 0 && node < NODE_INDEX_LIMIT),
        "holders are node indexes",
      );
      set = this.#free.pop() ?? this.#entries.length;
      this.#entries[set] = { key, nodes: [...nodes], uses: 0 };
      this.#numbers.set(key, set);
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
    this.#numbers.delete(entry.key);
    this.#entries[set] = undefined;
    this.#free.push(set);
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

  /** Forgets all sets at once, as all jobs are gone. */
  clear(): void {
    this.#entries = [emptySet()];
    this.#numbers.clear();
    this.#numbers.set("", NO_HOLDERS);
    this.#free = [];
  }

  #exchange(set: HolderSet, nodes: readonly number[]): HolderSet {
    // In this order, so that a set that both share is not forgotten in between.
    const next = nodes.length === 0 ? NO_HOLDERS : this.acquire(nodes);
    this.release(set);
    return next;
  }

  #entry(set: HolderSet): Entry {
    const entry = this.#entries[set];
    assert(entry !== undefined, "the set is in use");
    return entry;
  }
}
