/**
 * Questions about acknowledged jobs that the nodes which were asked will not answer.
 *
 * A node that is no member any more will not, nor can one that has lost its memory answer for what it had: others
 * are asked instead (collection.ts). There may be hundreds of thousands of questions, and each becomes one to
 * every member; so they are worked off some at a time, the fewer the more members there are. The rows are
 * kept as they are.
 */
import type { Job } from "../../../core/job.ts";
import type { Nodes } from "../../nodes.ts";
import type { JobFifo } from "./job-fifo.ts";

/** Questions to members that a turn may make of them. */
export const EXCUSED_QUESTIONS_PER_TURN = 2000;

/** Rows of jobs with the numbers of their burials. */
export class Excused {
  readonly #rows: JobFifo[] = [];

  /** Whether there is nothing to do. */
  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  get usedBytes(): number {
    return this.#rows.reduce((bytes, row) => bytes + row.usedBytes, 0);
  }

  /** Takes rows over; nobody else may change them from now on. */
  add(rows: readonly JobFifo[]): void {
    for (const row of rows) if (row.size > 0) this.#rows.push(row);
  }

  /** Shows the next ones, whether they are still there or not, with the members that may be asked about each. */
  work(nodes: Nodes, visit: (job: Job, number: number, others: readonly number[]) => void): void {
    if (this.isEmpty) return;
    const others = [...nodes.others()];
    for (let left = EXCUSED_QUESTIONS_PER_TURN; left > 0; left -= 1 + others.length) {
      const [row] = this.#rows;
      if (row === undefined) return;
      const job = row.jobAt(0);
      const number = row.numberAt(0);
      row.drop(1);
      if (row.size === 0) this.#rows.shift();
      visit(job, number, others);
    }
  }

  clear(): void {
    this.#rows.length = 0;
  }
}
