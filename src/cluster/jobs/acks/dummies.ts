/**
 * Acknowledgements of jobs that this node has never had: who has them?
 *
 * The acknowledgement must not be lost, even when those who have the job cannot be reached now. So it is
 * remembered as a dummy, a record that has nothing but the id, and others are asked in three steps, each
 * of which follows when all have answered without having it, or when answers take too long:
 *
 *   the nodes that probably have a copy (job-lookup.ts) ──▶ all others that are linked ──▶ the rest
 *
 * Whoever has it answers with its list, and the dummy is a tombstone like any other. When all have
 * answered and nobody has it, it is forgotten. A node that is away has the question waiting for it; it is
 * asked last, so that a job found among the others is not remembered for its sake.
 *
 * Clients can invent ids, so there is a limit to how many are looked for in a turn and remembered.
 */
import { type Job, NO_JOB } from "../../../core/job.ts";
import { isOfRetriedJob, JOB_ID_WORDS, ttlSecondsAtMost } from "../../../core/job-id.ts";
import type { ToldRecord } from "../../../core/job-record.ts";
import { copiesHint } from "../../id-hints.ts";
import { LOOKUP_TARGETS_MAX } from "../../job-lookup.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { AckBatches } from "./ack-batches.ts";
import type { Collection } from "./collection.ts";
import { Patience } from "./patience.ts";
import { TidiedFifo } from "./tidied-fifo.ts";
import { type Burials, Tombstones } from "./tombstones.ts";

/** Dummies remembered; beyond that the oldest go. */
export const DUMMIES_MAX = 100_000;
/** Dummies whose lookup begins in one turn. */
export const LOOKUPS_PER_TURN = 1000;
/** Dummies evicted in one go when memory is short, and how short it must be (core/memory.ts). */
const EVICTIONS_PER_CALL = 1000;
const EVICTION_LEVEL = 2;
/** The wait for answers is two round trips, but no shorter or longer than these. */
const WAIT_MIN_MS = 20;
const WAIT_MAX_MS = 200;
/**
 * The queue that dummies belong to, because every record belongs to one. It is never registered by
 * them, so that clients do not see it; should one use that name, nothing happens.
 */
const DUMMY_QUEUE = Buffer.from("\0dummy", "latin1");
const NO_BODY = Buffer.alloc(0);

/** What dummies are made with. */
export interface DummiesParts {
  readonly world: JobsWorld;
  readonly burials: Burials;
  readonly asks: AckBatches;
  readonly collection: Collection;
}

/** Looks for the jobs of unknown ids. */
export class Dummies {
  /** Dummies that had to go because there were too many, or no memory. */
  evicted = 0;
  readonly #world: JobsWorld;
  readonly #burials: Burials;
  readonly #asks: AckBatches;
  readonly #collection: Collection;
  readonly #all = new Tombstones((job, number) => this.#isStill(job, number));
  readonly #waiting = new Patience((job, number) => this.#isStill(job, number));
  /** Those whose lookup has not begun. */
  readonly #fresh = new TidiedFifo((job, number) => this.#isStill(job, number));
  readonly #targets = new Int32Array(LOOKUP_TARGETS_MAX);
  readonly #id = new Int32Array(JOB_ID_WORDS);

  constructor({ world, burials, asks, collection }: DummiesParts) {
    this.#world = world;
    this.#burials = burials;
    this.#asks = asks;
    this.#collection = collection;
  }

  get usedBytes(): number {
    return this.#all.usedBytes + this.#waiting.usedBytes + this.#fresh.usedBytes;
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    return this.#fresh.size > 0 ? this.#world.host.nowMs : this.#waiting.nextAtMs;
  }

  /** An id that has no record here was acknowledged. */
  add(id: Int32Array): void {
    const { broker } = this.#world;
    if (broker.index.find(id) !== NO_JOB || this.#world.nodes.others().next().done) return;
    // A job delivered at most once cannot come back, except before its first delivery.
    if (!isOfRetriedJob(id)) {
      this.#tellOnce(id);
      return;
    }
    if (this.#all.hasAtLeast(DUMMIES_MAX)) this.evictOldest();
    const job = broker.addTold(this.#record(id), NO_BODY, 0, 0);
    broker.roles.beginDummy(job);
    const number = this.#burials.note(job);
    this.#all.add(job, number);
    this.#fresh.push(job, number);
  }

  /** One that was loaded at the start: all are asked anew. */
  resume(dummy: Job): void {
    this.#world.broker.roles.setList(dummy, []);
    const number = this.#burials.note(dummy);
    this.#all.add(dummy, number);
    this.#fresh.push(dummy, number);
  }

  /** All who were asked have answered, or took too long: asks the next ones, if there are any. */
  proceed(job: Job): void {
    const { nodes, broker } = this.#world;
    const asked = broker.roles.list(job);
    const others = [...nodes.others()].filter((node) => !asked.includes(node));
    const linked = others.filter((node) => nodes.isLinked(node));
    if (others.length > 0) this.#ask(job, linked.length > 0 ? linked : others, others.length);
    else if (broker.jobs.answersAwaited(job) === 0) broker.lifecycle.remove(job);
  }

  /** Begins lookups, and goes on with those that wait for too long. */
  tick(): void {
    for (let begun = 0; begun < LOOKUPS_PER_TURN && this.#fresh.size > 0; begun++) {
      const job = this.#fresh.jobAt(0);
      const isStill = this.#isStill(job, this.#fresh.numberAt(0));
      this.#fresh.drop(1);
      if (isStill) this.#begin(job);
    }
    this.#waiting.advance(this.#world.host.nowMs, LOOKUPS_PER_TURN, this.#proceed);
  }

  /** Forgets the oldest ones while memory is short (bounded). */
  makeRoom(): void {
    const { memory } = this.#world.broker;
    for (let i = 0; i < EVICTIONS_PER_CALL && memory.level >= EVICTION_LEVEL; i++) {
      if (!this.evictOldest()) return;
    }
  }

  /** Forgets the oldest one, and counts it; false: there is none. */
  evictOldest(): boolean {
    const evictedBefore = this.evicted;
    this.#all.visitOldest(1, (job) => {
      this.evicted++;
      this.#world.broker.lifecycle.remove(job);
      return false;
    });
    return this.evicted > evictedBefore;
  }

  clear(): void {
    this.#all.clear();
    this.#waiting.clear();
    this.#fresh.clear();
  }

  readonly #proceed = (job: Job): void => this.proceed(job);

  #begin(job: Job): void {
    const { broker, nodes } = this.#world;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.#id[word] = broker.jobs.idWord(job, word);
    const likely = this.#linkedTargets(this.#id);
    if (likely.length === 0) this.proceed(job);
    else this.#ask(job, likely, [...nodes.others()].length);
  }

  /** Asks some of those that were not asked yet; `left` counts all of these. */
  #ask(job: Job, next: readonly number[], left: number): void {
    const { broker, host } = this.#world;
    this.#collection.askMore(job, next);
    if (left <= next.length) return;
    let waitMs = WAIT_MIN_MS;
    for (const node of next) waitMs = Math.max(waitMs, 2 * this.#world.roundTripMs(node));
    const untilMs = host.nowMs + Math.ceil(Math.min(waitMs, WAIT_MAX_MS));
    this.#waiting.add(job, broker.jobs.burial(job), untilMs);
  }

  #tellOnce(id: Int32Array): void {
    for (const node of this.#linkedTargets(id)) this.#asks.askBlindly(node, id);
  }

  #linkedTargets(id: Int32Array): number[] {
    const { lookup, nodes } = this.#world;
    const count = lookup.targets(id, OWN_INDEX, this.#targets);
    return [...this.#targets.subarray(0, count)].filter((node) => nodes.isLinked(node));
  }

  #isStill(job: Job, number: number): boolean {
    return this.#burials.isStill(job, number) && this.#world.broker.roles.isDummy(job);
  }

  #record(id: Int32Array): ToldRecord {
    const { host, broker } = this.#world;
    const ttlSeconds = ttlSecondsAtMost(id);
    return {
      id,
      queueNumber: broker.queues.entry(DUMMY_QUEUE, 0, DUMMY_QUEUE.length).number,
      replicate: Math.max(1, copiesHint(id)),
      delaySeconds: 0,
      retrySeconds: 0,
      ttlSeconds,
      createdMs: host.wallMs,
      createdCounter: 0,
      expiresAtMs: host.nowMs + ttlSeconds * 1000,
      epoch: 0,
      nacks: 0,
      additionalDeliveries: 0,
      wasQueued: false,
      wasDelivered: false,
    };
  }
}
