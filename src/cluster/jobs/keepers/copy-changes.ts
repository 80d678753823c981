/**
 * Copies that are being made: what a list does not tell.
 *
 * A node is in a job's list before it has a copy. Who counts copies to decide which are too many must
 * wait for those that are being made. What is noted here is forgotten after a while, whether it came
 * true or not: then the list is right, or the same is begun again. Copies that are being dropped are in
 * unconfirmed-copies.ts.
 */
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobsWorld } from "../jobs-world.ts";

/** After so long a change has come true, or is not to be expected soon. */
export const CHANGE_MS = 3000;
const CHANGES_MAX = 20_000;

interface Change {
  readonly id: Int32Array;
  readonly untilMs: number;
  /** Copies are being made, or have been: as many as could be. */
  readonly copies: "making" | "made";
}

/** Changes under way, by job. */
export class CopyChanges {
  readonly #world: JobsWorld;
  readonly #changes = new Map<Job, Change>();

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** No further change should be begun before some are over. */
  get isFull(): boolean {
    if (this.#changes.size >= CHANGES_MAX) this.#sortOut();
    return this.#changes.size >= CHANGES_MAX;
  }

  /** Copies of a job are being made. */
  making(job: Job): void {
    this.#note(job, "making");
  }

  /** Copies of a job have been made, as far as they could; it is remembered if they are too few. */
  made(job: Job, isEnough: boolean): void {
    if (isEnough) this.#changes.delete(job);
    else this.#note(job, "made");
  }

  /** Copies of a job have been begun a short while ago. */
  isMaking(job: Job): boolean {
    return this.#find(job)?.copies === "making";
  }

  /** Copies of a job have been made a short while ago, as far as they could. */
  isMade(job: Job): boolean {
    return this.#find(job)?.copies === "made";
  }

  /** All jobs are gone. */
  clear(): void {
    this.#changes.clear();
  }

  #note(job: Job, copies: Change["copies"]): void {
    const { jobs } = this.#world.broker;
    const id = new Int32Array(JOB_ID_WORDS);
    for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = jobs.idWord(job, word);
    const untilMs = this.#world.host.nowMs + CHANGE_MS;
    this.#changes.set(job, { id, untilMs, copies });
  }

  #find(job: Job): Change | undefined {
    if (this.#changes.size === 0) return undefined;
    const change = this.#changes.get(job);
    if (change === undefined || this.#isCurrent(job, change)) return change;
    this.#changes.delete(job);
    return undefined;
  }

  #sortOut(): void {
    for (const [job, change] of this.#changes) {
      if (!this.#isCurrent(job, change)) this.#changes.delete(job);
    }
  }

  /** Not too old, and the handle is not another job's. */
  #isCurrent(job: Job, { id, untilMs }: Change): boolean {
    const { jobs } = this.#world.broker;
    return this.#world.host.nowMs < untilMs && jobs.isLive(job) && jobs.hasId(job, id);
  }
}
