/**
 * Who had nothing of an acknowledged job when it was asked, and is asked once more before all forget the job.
 *
 * One of those who answered later may have given it a copy before that, or the job itself, which it may have given
 * away since: then it names who has it. Lists are right, mostly, so this is rare. Who is away by then is waited
 * for like others in the list; who is in no list is only told.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { AckBatches } from "./ack-batches.ts";
import { NodeNotes } from "./node-notes.ts";

const NOBODY: readonly number[] = [];

/** Remembers who had nothing. */
export class EmptyHanded {
  readonly #world: JobsWorld;
  readonly #asks: Pick<AckBatches, "askBlindly">;
  readonly #notes = new NodeNotes();
  readonly #id = new Int32Array(JOB_ID_WORDS);

  constructor(world: JobsWorld, asks: Pick<AckBatches, "askBlindly">) {
    this.#world = world;
    this.#asks = asks;
  }

  /** A node has nothing of the job. When it says so for the second time, that is so. */
  note(job: Job, node: number): void {
    const { jobs } = this.#world.broker;
    if (jobs.isAskedTwice(job)) return;
    if (this.#isListed(job, node) || jobs.answersAwaited(job) > 1)
      this.#notes.add(node, jobs.burial(job));
  }

  /** Of those who were asked about a dummy only these are said to have its job. */
  found(job: Job, holders: readonly number[]): void {
    const number = this.#world.broker.jobs.burial(job);
    for (const node of this.#notes.take(number)) {
      if (holders.includes(node)) this.#notes.add(node, number);
    }
  }

  /** All have answered: who is to be asked once more. */
  take(job: Job): readonly number[] {
    const { broker } = this.#world;
    const noted = this.#notes.take(broker.jobs.burial(job));
    if (noted.length === 0) return NOBODY;
    broker.jobs.setAskedTwice(job);
    const again = noted.filter((node) => this.#isListed(job, node));
    for (const node of noted) if (!again.includes(node)) this.#tell(node, job);
    return again;
  }

  /** That node has forgotten all it had, or is no member any more. */
  forgetNode(node: number): void {
    this.#notes.forgetNode(node);
  }

  clear(): void {
    this.#notes.clear();
  }

  #isListed(job: Job, node: number): boolean {
    const list = this.#world.broker.roles.list(job);
    return list.includes(node) || list.includes(node + LOAN);
  }

  #tell(node: number, job: Job): void {
    const { jobs } = this.#world.broker;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.#id[word] = jobs.idWord(job, word);
    this.#asks.askBlindly(node, this.#id);
  }
}
