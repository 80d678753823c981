/**
 * Nodes that had nothing of an acknowledged job when they were asked.
 *
 * While others have not answered, one of these may still give such a node a copy. So it is told again
 * when all have answered, and nobody is left who could. That is rare: lists are right, mostly. Of what
 * is noted here the oldest is forgotten when there is too much, and notes about jobs that are gone wait
 * for that; nothing depends on either but a copy that lives until it expires.
 */
import type { Job } from "../../../core/job.ts";

/** Notes kept. */
const NOTES_MAX = 4096;

interface Note {
  readonly node: number;
  readonly number: number;
}

/** Remembers who had nothing. */
export class EmptyHanded {
  #notes: Note[] = [];

  /** A node has nothing of the job with this burial number. */
  add(node: number, number: number): void {
    if (this.#notes.length >= NOTES_MAX) this.#notes.splice(0, NOTES_MAX / 2);
    this.#notes.push({ node, number });
  }

  /** Shows the nodes noted for a job, and forgets them. */
  take(job: Job, number: number, visit: (node: number, job: Job) => void): void {
    if (this.#notes.length === 0) return;
    const taken = this.#notes.filter((note) => note.number === number);
    if (taken.length === 0) return;
    this.#notes = this.#notes.filter((note) => note.number !== number);
    for (const { node } of taken) visit(node, job);
  }

  /** That index will be another node's. */
  forgetNode(node: number): void {
    this.#notes = this.#notes.filter((note) => note.node !== node);
  }

  clear(): void {
    this.#notes = [];
  }
}
