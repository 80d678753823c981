/**
 * Which push an answer can be about.
 *
 * A job may be lent to the same node a second time before what that said of the first loan is heard: taken for the
 * answer to the second one it would have the job queued here as well as there. So pushes to a node are numbered, and
 * its answers tell the last one that it has heard: they are about no later one. Numbers are those of messages; of
 * each job the one by which it was lent last is remembered, by its handle.
 *
 * A node that has started again counts anew, and is told of numbers that it has not reached yet: those are about
 * nothing that it has lent since.
 */
import type { Broker } from "../../../core/broker.ts";
import type { Job } from "../../../core/job.ts";

/** Handles of a page, a power of two. Pages are made where jobs are lent, so that nothing is ever copied. */
const PAGE_BITS = 8;
const PAGE_MASK = (1 << PAGE_BITS) - 1;

/** Numbers of pushes to and from other nodes. */
export class PushNumbers {
  /** The last one that was said to each node, and the last one heard from it. */
  readonly #said: number[] = [];
  readonly #heard: number[] = [];
  /** By handle; 0: it was never lent. What is left of jobs that are gone is written over when it matters. */
  readonly #pages: (Float64Array | undefined)[] = [];
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** A job goes with the next push to that node. */
  add(node: number, job: Job): void {
    const page = this.#pages[job >>> PAGE_BITS] ?? this.#newPage(job);
    page[job & PAGE_MASK] = (this.#said[node] ?? 0) + 1;
  }

  /** The next push is said; returns its number. */
  say(node: number): number {
    const number = (this.#said[node] ?? 0) + 1;
    this.#said[node] = number;
    return number;
  }

  /** A push was heard. */
  hear(node: number, number: number): void {
    this.#heard[node] = number;
  }

  /** The last push that was heard from that node; 0: none. */
  lastHeard(node: number): number {
    return this.#heard[node] ?? 0;
  }

  /** Whether a node that had heard that push last can speak of the last loan of a job, which is to it. */
  isAbout(node: number, job: Job, lastHeard: number): boolean {
    const number = this.#pages[job >>> PAGE_BITS]?.[job & PAGE_MASK] ?? 0;
    return number === 0 || (number <= lastHeard && lastHeard <= (this.#said[node] ?? 0));
  }

  #newPage(job: Job): Float64Array {
    const page = new Float64Array(PAGE_MASK + 1);
    this.#pages[job >>> PAGE_BITS] = page;
    this.#broker.otherBytes += page.byteLength;
    return page;
  }
}
