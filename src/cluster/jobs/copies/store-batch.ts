/**
 * One request for copies: its jobs by position, as the answer names them.
 *
 * It remembers ids beside the numbers of replications, because it may outlive them: an answer that comes
 * late must still be understood. Batches are used again, so their arrays only grow.
 */
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { Replication, Replications } from "./replication.ts";

const JOBS_AT_FIRST = 16;

/** What one message asked for. */
export class StoreBatch {
  number = 0;
  /** Of all its jobs: nobody may be told any more that they cannot be added. */
  isAccepted = false;
  count = 0;
  /** Roughly, until it is sent. */
  bytes = 0;
  /** Monotonic ms at which the peer counts as slow. */
  answerDueAtMs = 0;
  #replications = new Int32Array(JOBS_AT_FIRST);
  #uses = new Int32Array(JOBS_AT_FIRST);
  #ids = new Int32Array(JOBS_AT_FIRST * JOB_ID_WORDS);

  add({ number, use, id }: Replication): void {
    if (this.count === this.#replications.length) this.#grow();
    this.#replications[this.count] = number;
    this.#uses[this.count] = use;
    const at = this.count * JOB_ID_WORDS;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.#ids[at + word] = id[word] as number;
    this.count++;
  }

  /** Number of the replication that a position was about. */
  replication(position: number): number {
    return this.#replications[position] as number;
  }

  /** The replication that a position was about, if it still is about the same job. */
  find(position: number, all: Replications): Replication | undefined {
    const replication = all.inUseAt(this.replication(position));
    return replication?.use === this.#uses[position] ? replication : undefined;
  }

  /** Id of the job at a position. */
  readId(position: number, id: Int32Array): void {
    const at = position * JOB_ID_WORDS;
    for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = this.#ids[at + word] as number;
  }

  /** What was at one position is at another one, nearer to the front. */
  move(from: number, to: number): void {
    if (from === to) return;
    this.#replications[to] = this.replication(from);
    this.#uses[to] = this.#uses[from] as number;
    this.#ids.copyWithin(to * JOB_ID_WORDS, from * JOB_ID_WORDS, (from + 1) * JOB_ID_WORDS);
  }

  #grow(): void {
    const replications = new Int32Array(this.count * 2);
    replications.set(this.#replications);
    this.#replications = replications;
    const uses = new Int32Array(replications.length);
    uses.set(this.#uses);
    this.#uses = uses;
    const ids = new Int32Array(replications.length * JOB_ID_WORDS);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}
