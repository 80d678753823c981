/**
 * Who is told of every change of a job that must survive the process.
 *
 * The job table is the only writer of job records, so it tells; nobody who moves jobs can forget to.
 * What is told is only that something has changed: whoever keeps the log reads the record at the end of
 * the turn, when all changes of the turn are in it (journal/journal.ts). Without a journal nothing is
 * told, and the price is one comparison a change.
 */
import type { Job } from "./job.ts";

/** Takes notes; it must not change anything. */
export interface JobJournal {
  /** Something of the job's record that must survive has changed, or the job is new. */
  changed(job: Job): void;
  /** The job is about to go; its record can be read for the last time. */
  removed(job: Job): void;
  /** A node is being taken out of all lists of holders, by its index, without a change of any record. */
  voided(node: number): void;
  /** All jobs are gone at once. */
  cleared(): void;
}
