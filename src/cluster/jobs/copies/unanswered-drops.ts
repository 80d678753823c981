/**
 * Nodes that were told to drop their copies, and have not answered: what a list does not tell.
 *
 * A node stays in a job's list until it has said that it has nothing. Who counts copies to decide which
 * are too many must not count it meanwhile, however long it is away: it was told, and forgets the job as
 * soon as it hears of it. Each answers once, that it has no copy or that it holds it on another
 * keeper's word, unless it starts again with nothing or is removed. So what is noted here ends by itself.
 */
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobTable } from "../../../core/job-table.ts";

/** With so many jobs here no further copies should be dropped only because they are too many. */
const JOBS_MAX = 20_000;
/** A random word of the id. */
const KEY_WORD = 3;

const NO_NODES: readonly number[] = [];

interface Told {
  readonly id: Int32Array;
  nodes: readonly number[];
}

/** Remembers who was told, by job. */
export class UnansweredDrops {
  readonly #jobs: JobTable;
  /** By a word of the id; nearly always one each. */
  readonly #told = new Map<number, readonly Told[]>();

  constructor(jobs: JobTable) {
    this.#jobs = jobs;
  }

  get isFull(): boolean {
    return this.#told.size >= JOBS_MAX;
  }

  /** A node is told to drop its copy of a job. */
  add(job: Job, node: number): void {
    const told = this.#find(job);
    if (told === undefined) {
      const id = new Int32Array(JOB_ID_WORDS);
      for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = this.#jobs.idWord(job, word);
      this.#set(id, [...this.#at(id[KEY_WORD] as number), { id, nodes: [node] }]);
    } else if (!told.nodes.includes(node)) told.nodes = [...told.nodes, node];
  }

  /** Nodes that may still have a copy of a job, and will not. */
  of(job: Job): readonly number[] {
    return this.#told.size === 0 ? NO_NODES : (this.#find(job)?.nodes ?? NO_NODES);
  }

  /** A node has answered, or will not. */
  remove(id: Int32Array, node: number): void {
    const all = this.#at(id[KEY_WORD] as number);
    const told = all.find((other) => isSame(other.id, id));
    if (told === undefined) return;
    told.nodes = told.nodes.filter((other) => other !== node);
    if (told.nodes.length === 0)
      this.#set(
        id,
        all.filter((other) => other !== told),
      );
  }

  /** Ids of the jobs about which a node has not answered, for rare occasions. */
  idsOf(node: number): Int32Array[] {
    const told = [...this.#told.values()].flat();
    return told.filter(({ nodes }) => nodes.includes(node)).map(({ id }) => id);
  }

  /** A node has nothing any more, or is no member. */
  forget(node: number): void {
    for (const id of this.idsOf(node)) this.remove(id, node);
  }

  /** All jobs are gone. */
  clear(): void {
    this.#told.clear();
  }

  #find(job: Job): Told | undefined {
    const all = this.#at(this.#jobs.idWord(job, KEY_WORD));
    return all.find(({ id }) => this.#jobs.hasId(job, id));
  }

  #at(key: number): readonly Told[] {
    return this.#told.get(key) ?? [];
  }

  #set(id: Int32Array, all: readonly Told[]): void {
    const key = id[KEY_WORD] as number;
    if (all.length === 0) this.#told.delete(key);
    else this.#told.set(key, all);
  }
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.every((word, at) => word === b[at]);
}
