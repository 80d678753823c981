/**
 * The part of a job record that ends with the process: links, and numbers that others give a job.
 *
 * None of it says anything to the next process, so nobody who keeps a log is told of its changes; all
 * other setters stand in job-table.ts, and tell.
 */
import type { Job } from "./job.ts";
import { AGENDA_NEXT, AGENDA_PREVIOUS, DELAY, MOMENT_FLOAT } from "./job-record.ts";
import { JobRecords } from "./job-records.ts";

/** Beside the number of answers awaited, which is below them. */
const MUST_END_HERE = 1 << 30;
const IS_ASKED_TWICE = 1 << 29;
const FLAGS = MUST_END_HERE | IS_ASKED_TWICE;

/** Records, and access to what passes. */
export class PassingRecords extends JobRecords {
  /** Of an acked job: how many answers of other nodes are awaited. Shares its place with the delay. */
  answersAwaited(job: Job): number {
    return this.word(job, DELAY) & ~FLAGS;
  }

  setAnswersAwaited(job: Job, count: number): void {
    this.setWord(job, DELAY, (this.word(job, DELAY) & FLAGS) | count);
  }

  /** Of an acked job: whether it goes only when all whom this node asks have answered, whoever has come to the end. */
  mustEndHere(job: Job): boolean {
    return (this.word(job, DELAY) & MUST_END_HERE) !== 0;
  }

  setMustEndHere(job: Job): void {
    this.setWord(job, DELAY, this.word(job, DELAY) | MUST_END_HERE);
  }

  /** Of an acked job: whether those who had nothing of it were asked once more. */
  isAskedTwice(job: Job): boolean {
    return (this.word(job, DELAY) & IS_ASKED_TWICE) !== 0;
  }

  setAskedTwice(job: Job): void {
    this.setWord(job, DELAY, this.word(job, DELAY) | IS_ASKED_TWICE);
  }

  /** A job has just been acked: nothing is awaited. Its delay is forgotten. */
  beginAnswers(job: Job): void {
    this.setWord(job, DELAY, 0);
  }

  /** Of a replicating job: the number its replication has with whoever sees to it. */
  replication(job: Job): number {
    return this.float(job, MOMENT_FLOAT);
  }

  setReplication(job: Job, number: number): void {
    this.setFloat(job, MOMENT_FLOAT, number);
  }

  /** Of an acked job: the number that whoever remembers it gave it. Shares its place with dueAtMs. */
  burial(job: Job): number {
    return this.float(job, MOMENT_FLOAT);
  }

  setBurial(job: Job, number: number): void {
    this.setFloat(job, MOMENT_FLOAT, number);
  }

  agendaPrevious(job: Job): number {
    return this.word(job, AGENDA_PREVIOUS);
  }

  setAgendaPrevious(job: Job, link: number): void {
    this.setWord(job, AGENDA_PREVIOUS, link);
  }

  agendaNext(job: Job): number {
    return this.word(job, AGENDA_NEXT);
  }

  setAgendaNext(job: Job, link: number): void {
    this.setWord(job, AGENDA_NEXT, link);
  }
}
