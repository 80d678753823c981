/**
 * Copies of which the keepers of jobs have been told from here, and may not have heard yet.
 *
 * Who follows another keeper tells it which other copies it knows of, above all those it has made itself
 * while both kept the job. A list that the keeper said before it heard that does not name them. They must
 * stay in the list here all the same: an acknowledgement may come right behind it, and the answer names
 * whom else to ask. So they are noted until the keeper names them, or they say that they have nothing.
 *
 * That is rare, so nothing of it stands in the records, and of too many notes the oldest is forgotten.
 */
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobsWorld } from "../jobs-world.ts";

/** Jobs with notes. */
const JOBS_MAX = 4096;
const NOBODY: readonly number[] = [];

interface Note {
  readonly id: Int32Array;
  readonly nodes: readonly number[];
}

/** Nodes by job. */
export class UnheardCopies {
  readonly #world: JobsWorld;
  /** Oldest first. */
  readonly #notes = new Map<Job, Note>();

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** The keeper of a job is told of these, instead of those before; none: it knows all. */
  note(job: Job, nodes: readonly number[]): void {
    this.#notes.delete(job);
    if (nodes.length === 0) return;
    const { jobs } = this.#world.broker;
    const id = new Int32Array(JOB_ID_WORDS);
    for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = jobs.idWord(job, word);
    this.#notes.set(job, { id, nodes });
    if (this.#notes.size <= JOBS_MAX) return;
    for (const oldest of this.#notes.keys()) {
      this.#notes.delete(oldest);
      return;
    }
  }

  /** Those of a job's list of which its keeper may not have heard. */
  of(job: Job, list: readonly number[]): readonly number[] {
    const note = this.#notes.get(job);
    if (note === undefined || !this.#world.broker.jobs.hasId(job, note.id)) return NOBODY;
    return list.filter((node) => note.nodes.includes(node));
  }

  /** That index will be another node's. */
  forgetNode(node: number): void {
    for (const [job, note] of this.#notes) {
      const nodes = note.nodes.filter((other) => other !== node);
      this.#notes.set(job, { id: note.id, nodes });
    }
  }

  clear(): void {
    this.#notes.clear();
  }
}
