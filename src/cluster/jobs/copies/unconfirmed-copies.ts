/**
 * Nodes in lists of which is not known whether they have a copy, or that they will not: what a list does not tell.
 *
 * A node stays in a job's list until it has said that it has nothing. Who counts copies to decide which
 * are too many must not count one that was told to drop its copy, however long it is away: it forgets the job as
 * soon as it hears of that. Nor one that was asked for a copy, and has not answered when nobody waited for it any
 * longer. Each answers once, that it has no copy, that it has stored one, or that it holds it on another
 * keeper's word, unless it starts again with nothing or is removed. So what is noted here ends by itself; until
 * then it counts against the memory limit.
 */
import type { Broker } from "../../../core/broker.ts";
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";

/**
 * With so many answers of a node missing it should not be told to drop further copies only because they are too
 * many. Who is away may owe that many for days, and is no reason not to tell others.
 */
export const ANSWERS_MAX = 20_000;
/** What a job noted here costs, in accounted bytes; measured on the heap. */
export const DOUBT_BYTES = 550;
/** A random word of the id. */
const KEY_WORD = 3;

const NO_NODES: readonly number[] = [];

interface Doubt {
  readonly id: Int32Array;
  nodes: readonly number[];
}

/** Remembers who has not answered, by job. */
export class UnconfirmedCopies {
  readonly #broker: Broker;
  /** By a word of the id; nearly always one each. */
  readonly #doubts = new Map<number, readonly Doubt[]>();
  /** Jobs by node. */
  readonly #counts = new Map<number, number>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Whether a node should answer some before more is asked of it. */
  isFull(node: number): boolean {
    return (this.#counts.get(node) ?? 0) >= ANSWERS_MAX;
  }

  /** A node will answer whether it has a copy of a job. */
  add(job: Job, node: number): void {
    const doubt = this.#find(job);
    if (doubt?.nodes.includes(node)) return;
    this.#counts.set(node, (this.#counts.get(node) ?? 0) + 1);
    if (doubt === undefined) {
      const { jobs } = this.#broker;
      const id = new Int32Array(JOB_ID_WORDS);
      for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = jobs.idWord(job, word);
      this.#set(id, [...this.#at(id[KEY_WORD] as number), { id, nodes: [node] }]);
      this.#broker.otherBytes += DOUBT_BYTES;
    } else doubt.nodes = [...doubt.nodes, node];
  }

  /** Nodes on whose copies of a job nobody can count. */
  of(job: Job): readonly number[] {
    return this.#doubts.size === 0 ? NO_NODES : (this.#find(job)?.nodes ?? NO_NODES);
  }

  /** A node has answered, or will not; whether anything was noted. */
  remove(id: Int32Array, node: number): boolean {
    const all = this.#at(id[KEY_WORD] as number);
    const doubt = all.find((other) => isSame(other.id, id));
    if (!doubt?.nodes.includes(node)) return false;
    this.#counts.set(node, (this.#counts.get(node) ?? 0) - 1);
    doubt.nodes = doubt.nodes.filter((other) => other !== node);
    if (doubt.nodes.length > 0) return true;
    this.#broker.otherBytes -= DOUBT_BYTES;
    this.#set(
      id,
      all.filter((other) => other !== doubt),
    );
    return true;
  }

  /** Ids of the jobs about which a node has not answered, for rare occasions. */
  idsOf(node: number): Int32Array[] {
    const doubts = [...this.#doubts.values()].flat();
    return doubts.filter(({ nodes }) => nodes.includes(node)).map(({ id }) => id);
  }

  /** A node has nothing any more, or is no member. */
  forget(node: number): void {
    for (const id of this.idsOf(node)) this.remove(id, node);
  }

  /** All jobs are gone. */
  clear(): void {
    for (const all of this.#doubts.values()) {
      this.#broker.otherBytes -= all.length * DOUBT_BYTES;
    }
    this.#doubts.clear();
    this.#counts.clear();
  }

  #find(job: Job): Doubt | undefined {
    const { jobs } = this.#broker;
    const all = this.#at(jobs.idWord(job, KEY_WORD));
    return all.find(({ id }) => jobs.hasId(job, id));
  }

  #at(key: number): readonly Doubt[] {
    return this.#doubts.get(key) ?? [];
  }

  #set(id: Int32Array, all: readonly Doubt[]): void {
    const key = id[KEY_WORD] as number;
    if (all.length === 0) this.#doubts.delete(key);
    else this.#doubts.set(key, all);
  }
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.every((word, at) => word === b[at]);
}
