/**
 * Acknowledgements, until everybody who may have a copy knows of them.
 *
 * An acknowledged job leaves a tombstone where it was: its body goes, its id and its list stay. The node
 * that was told by a client asks all others in the list and forgets the job when they know; the others
 * wait for that, and do it themselves when it does not come within a second. So an acknowledgement that
 * was accepted anywhere reaches a holder that is away when it comes back, and then nothing is left.
 *
 *   collection.ts   asks, learns of others, finishes     ack-answers.ts   what this node answers
 *   ack-batches.ts  questions that have no answer yet    dummies.ts       ids that nobody knows here
 *   patience.ts     who waits for others to collect      tombstones.ts    all that is remembered
 *
 * Nothing is said again by time: the transport keeps these messages until the peer is back, and says so
 * when it could not.
 */

import { LOAN } from "../../core/holder-sets.ts";
import { type Job, JobState, NO_JOB } from "../../core/job.ts";
import type { MessageOf } from "../job-messages.ts";
import { OWN_INDEX } from "../nodes.ts";
import { AckAnswers } from "./ack-answers.ts";
import { AckBatches } from "./ack-batches.ts";
import { Collection } from "./collection.ts";
import { Dummies } from "./dummies.ts";
import type { JobsMachine, JobsMachines, JobsWorld } from "./jobs-world.ts";
import { AckExceptionKind, AckExceptionUnpacker } from "./packed-acks.ts";
import { IdUnpacker } from "./packed-ids.ts";
import { Patience } from "./patience.ts";
import { Burials, Tombstones } from "./tombstones.ts";

/** Who was told of an acknowledgement waits so long for the end of its collection. */
const PATIENCE_MS = 1000;
/** Collections begun in one turn because of that. */
const COLLECTIONS_PER_TURN = 10_000;
/** Tombstones evicted in one go when memory is short, and looked at for that. */
const EVICTIONS_PER_CALL = 1000;
const EVICTION_VISITS = 10_000;
const NOBODY: readonly number[] = [];

/** Collects acknowledged jobs. */
export class Collector implements JobsMachine {
  /** Tombstones that had to go before everybody knew, for lack of memory. */
  tombstonesEvicted = 0;
  readonly #world: JobsWorld;
  readonly #burials: Burials;
  readonly #asks: AckBatches;
  readonly #answers: AckAnswers;
  readonly #collection: Collection;
  readonly #dummies: Dummies;
  readonly #patience: Patience;
  readonly #tombstones: Tombstones;
  readonly #exceptions: AckExceptionUnpacker;
  readonly #ids = new IdUnpacker();
  #hasComplained = false;

  constructor(world: JobsWorld, machines: JobsMachines) {
    const { broker } = world;
    this.#world = world;
    this.#burials = new Burials(broker);
    this.#asks = new AckBatches(world, this.#burials);
    this.#collection = new Collection(
      world,
      this.#asks,
      (dummy) => this.#dummies.proceed(dummy),
      (job) => this.#tombstones.add(job, broker.jobs.burial(job)),
    );
    const parts = { world, burials: this.#burials, asks: this.#asks, collection: this.#collection };
    this.#dummies = new Dummies(parts);
    this.#answers = new AckAnswers(world, {
      remember: (job) => this.#remember(job),
      collect: (job) => this.#collection.begin(job),
      givenTo: (id) => machines.givenTo(id),
    });
    this.#patience = new Patience(
      (job, number) => this.#burials.isStill(job, number) && broker.jobs.answersAwaited(job) === 0,
    );
    this.#tombstones = new Tombstones(
      (job, number) => this.#burials.isStill(job, number) && !broker.roles.isDummy(job),
    );
    this.#exceptions = new AckExceptionUnpacker(world.nodes);
  }

  /** Jobs acknowledged and remembered here that were here. */
  get tombstoneCount(): number {
    const { jobsByState, dummies } = this.#world.broker.stats;
    return (jobsByState[JobState.acked] as number) - dummies;
  }

  /** Ids acknowledged here that nobody is known to have. */
  get dummyCount(): number {
    return this.#world.broker.stats.dummies;
  }

  /** Dummies that had to go because there were too many, or no memory. */
  get dummiesEvicted(): number {
    return this.#dummies.evicted;
  }

  /** Answers of other nodes that are awaited. */
  get answersAwaited(): number {
    return this.#asks.awaited;
  }

  get nextWakeAtMs(): number {
    if (this.#asks.isDue || this.#collection.isDue) return this.#world.host.nowMs;
    return Math.min(this.#patience.nextAtMs, this.#dummies.nextWakeAtMs);
  }

  tick(): void {
    this.#patience.advance(this.#world.host.nowMs, COLLECTIONS_PER_TURN, this.#collect);
    this.#dummies.tick();
    this.#asks.say();
    this.#collection.say();
  }

  flushed(): void {
    this.#asks.clear();
    this.#collection.clear();
    this.#dummies.clear();
    this.#patience.clear();
    this.#tombstones.clear();
  }

  peerUp(_node: number): void {}
  peerDown(_node: number): void {}

  /** It has nothing any more, which is as good as an answer. */
  peerRestarted(node: number): void {
    this.#asks.forget(node, (job) => this.#collection.confirmed(job));
  }

  peerRemoved(node: number): void {
    this.peerRestarted(node);
  }

  streamBroken(node: number): void {
    this.#asks.streamBroken(node);
  }

  /** ACKJOB for a job known here in any role and not acknowledged before; counts it. */
  ack(job: Job): void {
    this.#world.broker.stats.jobsAcked++;
    this.cancel(job);
  }

  /** ACKJOB for a canonical id that is not known here. */
  ackUnknown(id: Int32Array): void {
    this.#dummies.add(id);
  }

  /** An ADDJOB that failed: whoever was asked to take a copy must not bring it back. */
  cancel(job: Job): void {
    const { roles } = this.#world.broker;
    if (roles.isAcked(job)) return;
    roles.bury(job);
    this.#tombstones.add(job, this.#burials.note(job));
    this.#collection.begin(job);
  }

  /** Another node knows the job as acknowledged and will collect it. */
  learnAcked(job: Job): void {
    const { roles } = this.#world.broker;
    if (roles.isAcked(job)) return;
    roles.bury(job);
    this.#remember(job);
  }

  /** Nodes of the job's list that know that it is acknowledged, this one included; for SHOW. */
  confirmedBy(job: Job): number[] {
    const { roles, jobs } = this.#world.broker;
    if (!roles.isAcked(job)) return [];
    const number = jobs.burial(job);
    const isCollected = jobs.answersAwaited(job) > 0;
    const asked = roles.list(job).map((element) => element % LOAN);
    return asked.filter(
      (node) => node === OWN_INDEX || (isCollected && !this.#asks.isAsked(node, job, number)),
    );
  }

  /** Evicts what is only remembered until memory is below the eviction level (bounded). */
  makeRoom(): void {
    if (this.#world.broker.memory.level < 2) return;
    // Whoever can be told is told first.
    this.#asks.say();
    this.#evict((job) => !this.#hasHolderAway(job));
    this.#evict(() => true);
    const { memory } = this.#world.broker;
    for (let i = 0; i < EVICTIONS_PER_CALL && memory.level >= 2; i++) {
      if (!this.#dummies.evictOldest()) return;
    }
  }

  received(node: number, message: MessageOf<"ack" | "acked" | "finish">): void {
    if (message.type === "ack") {
      if (!this.#answers.received(node, message)) this.#complain(node, message.type);
    } else if (message.type === "acked") this.#answered(node, message);
    else this.#finished(node, message.ids);
  }

  readonly #collect = (job: Job): void => this.#collection.begin(job);

  /** Whoever said that it is acknowledged collects it. */
  #remember(job: Job): void {
    const number = this.#burials.note(job);
    this.#tombstones.add(job, number);
    this.#patience.add(job, number, this.#world.host.nowMs + PATIENCE_MS);
  }

  /** What is behind damage is not known, hence remains unanswered. */
  #answered(node: number, { batch, exceptions }: MessageOf<"acked">): void {
    const told = this.#exceptions;
    told.start(exceptions);
    let hasException = told.next();
    this.#asks.answered(node, batch, (job, position) => {
      while (hasException && told.batchPosition < position) hasException = told.next();
      if (told.isDamaged) return false;
      if (!hasException || told.batchPosition !== position) this.#heldAsExpected(job, node);
      else if (told.kind === AckExceptionKind.held) {
        this.#collection.held(job, node, told.holders);
      }
      this.#collection.confirmed(job);
      return true;
    });
    if (told.isDamaged) this.#complain(node, "acked");
  }

  /** A node that was asked without a list cannot have the same, and has the job nevertheless. */
  #heldAsExpected(job: Job, node: number): void {
    if (this.#world.broker.roles.isDummy(job)) this.#collection.held(job, node, NOBODY);
  }

  #finished(node: number, ids: Buffer): void {
    const { index, roles, lifecycle } = this.#world.broker;
    this.#ids.start(ids);
    while (this.#ids.next()) {
      const job = index.find(this.#ids.id);
      if (job !== NO_JOB && roles.isAcked(job)) lifecycle.remove(job);
    }
    if (this.#ids.isDamaged) this.#complain(node, "finish");
  }

  #evict(mayGo: (job: Job) => boolean): void {
    const { memory, lifecycle } = this.#world.broker;
    let left = EVICTIONS_PER_CALL;
    this.#tombstones.visitOldest(EVICTION_VISITS, (job) => {
      if (left === 0 || memory.level < 2) return false;
      if (!mayGo(job)) return true;
      left--;
      this.tombstonesEvicted++;
      lifecycle.remove(job);
      return true;
    });
  }

  #hasHolderAway(job: Job): boolean {
    const { broker, nodes } = this.#world;
    return broker.roles.list(job).some((element) => {
      const node = element % LOAN;
      return node !== OWN_INDEX && !nodes.isLinked(node);
    });
  }

  #complain(node: number, type: string): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    const data = { nodeId: this.#world.nodes.id(node), type };
    this.#world.log("warning", "a node sent acknowledgements that are damaged", data);
  }
}
