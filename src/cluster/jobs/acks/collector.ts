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
 *   excused.ts      questions that need no answer        confirmations.ts who knows of it, for SHOW
 *   evictions.ts    what goes when memory is short      empty-handed.ts  who is asked once more at the end
 *
 * Nothing is said again by time: the transport keeps these messages until the peer is back, or says that it could not.
 */
import { type Job, JobState, NO_JOB } from "../../../core/job.ts";
import type { MessageOf } from "../../job-messages.ts";
import type { JobsMachine, JobsMachines, JobsWorld } from "../jobs-world.ts";
import { AckExceptionKind, AckExceptionUnpacker } from "../packing/packed-acks.ts";
import { IdUnpacker } from "../packing/packed-ids.ts";
import { AckAnswers } from "./ack-answers.ts";
import { AckBatches } from "./ack-batches.ts";
import { Collection } from "./collection.ts";
import { confirmations } from "./confirmations.ts";
import { Dummies } from "./dummies.ts";
import { evictTombstones } from "./evictions.ts";
import { Excused } from "./excused.ts";
import { Patience } from "./patience.ts";
import { Burials, Tombstones } from "./tombstones.ts";

/** Who was told of an acknowledgement waits so long for the end of its collection. */
const PATIENCE_MS = 1000;
/**
 * Questions and ends of collections are said at once when nothing was said for so long. Under load that
 * makes one message of many: nobody waits for them, and messages are what they cost.
 */
const SAY_EVERY_MS = 5;
const NEVER = Number.POSITIVE_INFINITY;
/** Collections begun in one turn because of that. */
const COLLECTIONS_PER_TURN = 10_000;

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
  readonly #excused = new Excused();
  /** What this machine has added to the accounted memory. */
  #accountedBytes = 0;
  /** Monotonic ms before which nothing more is said. */
  #sayNextMs = Number.NEGATIVE_INFINITY;
  readonly #exceptions: AckExceptionUnpacker;
  readonly #ids = new IdUnpacker();
  #hasComplained = false;

  constructor(world: JobsWorld, machines: JobsMachines) {
    const { broker } = world;
    this.#world = world;
    this.#burials = new Burials(broker, (job) => machines.buried(job));
    this.#asks = new AckBatches(world, this.#burials);
    this.#collection = new Collection(world, {
      asks: this.#asks,
      nobodyHasIt: (dummy) => this.#dummies.proceed(dummy),
      found: (job) => this.#tombstones.add(job, broker.jobs.burial(job)),
      machines,
      hasExcused: () => !this.#excused.isEmpty,
    });
    const parts = { world, burials: this.#burials, asks: this.#asks, collection: this.#collection };
    this.#dummies = new Dummies(parts);
    this.#answers = new AckAnswers(world, machines, {
      remember: (job) => this.#remember(job),
      collect: (job) => this.#collection.begin(job),
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
    if (!this.#excused.isEmpty) return this.#world.host.nowMs;
    const isDue = this.#asks.isDue || this.#collection.isDue;
    const sayAtMs = isDue ? Math.max(this.#world.host.nowMs, this.#sayNextMs) : NEVER;
    const atMs = Math.min(this.#asks.nextWakeAtMs, this.#dummies.nextWakeAtMs);
    return Math.min(sayAtMs, this.#patience.nextAtMs, atMs);
  }

  tick(): void {
    this.#patience.advance(this.#world.host.nowMs, COLLECTIONS_PER_TURN, this.#collect);
    this.#excused.work(this.#world.nodes, this.#excuse);
    this.#dummies.tick();
    if (this.#asks.nextWakeAtMs <= this.#world.host.nowMs) this.#asks.askThoseInPart();
    this.#say();
    this.#account();
  }

  flushed(): void {
    this.#asks.clear();
    this.#collection.clear();
    this.#dummies.clear();
    this.#patience.clear();
    this.#tombstones.clear();
    this.#excused.clear();
    this.#account();
  }

  peerUp(_node: number): void {
    this.#asks.askThoseInPart();
  }

  peerDown(_node: number): void {}

  /** It may have nothing any more, or all but the last moments of its log. */
  peerRestarted(node: number): void {
    this.#excused.add(this.#asks.forget(node));
  }

  /** It answers what it was asked. */
  peerFlushed(): void {
    this.#asks.voidAnswers();
  }

  /** There is nobody to ask any more. */
  peerRemoved(node: number): void {
    this.#collection.forgetNode(node);
    this.#excused.add(this.#asks.forget(node));
  }

  streamBroken(node: number): void {
    this.#asks.streamBroken(node);
  }

  answersLost(node: number): void {
    this.#asks.askAgain(node);
  }

  /** A tombstone that was loaded at the start: it is collected from here, whoever did so before. */
  resume(job: Job): void {
    if (this.#world.broker.roles.isDummy(job)) this.#dummies.resume(job);
    else this.#remember(job, 0);
  }

  /** ACKJOB for a job known here in any role and not acknowledged before; counts it. */
  ack(job: Job): void {
    this.#world.broker.lifecycle.noteEnded(job, "acked");
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

  /** These nodes may have a job that is acknowledged here: they are asked with the others. */
  ackedThere(job: Job, nodes: readonly number[]): void {
    this.#collection.isSaidToBeAt(job, nodes);
  }

  /** For each job the nodes of its list that know that it is acknowledged; costs as much as there are questions. */
  confirmedBy(found: readonly Job[]): number[][] {
    return confirmations(this.#world.broker, this.#asks, found);
  }

  /** Evicts what is only remembered until memory is below the eviction level (bounded). */
  makeRoom(): void {
    if (this.#world.broker.memory.level < 2) return;
    // Whoever can be told is told first.
    this.#asks.say();
    this.tombstonesEvicted += evictTombstones(this.#world, this.#tombstones);
    this.#dummies.makeRoom();
    this.#asks.dropGone();
  }

  received(node: number, message: MessageOf<"ack" | "acked" | "finish">): void {
    if (message.type === "ack") {
      if (!this.#answers.received(node, message)) this.#complain(node, message.type);
    } else if (message.type === "acked") this.#answered(node, message);
    else this.#finished(node, message.ids);
  }

  readonly #collect = (job: Job): void => this.#collection.begin(job);

  readonly #excuse = (job: Job, number: number, others: readonly number[]): void => {
    if (this.#burials.isStill(job, number)) this.#collection.excused(job, others);
  };

  #say(): void {
    const { nowMs } = this.#world.host;
    if (nowMs < this.#sayNextMs || !(this.#asks.isDue || this.#collection.isDue)) return;
    this.#sayNextMs = nowMs + SAY_EVERY_MS;
    this.#asks.say();
    this.#collection.say();
  }

  /** The rows of what is remembered count as memory; the records do anyway. */
  #account(): void {
    let bytes = this.#asks.usedBytes + this.#excused.usedBytes + this.#dummies.usedBytes;
    bytes += this.#patience.usedBytes + this.#tombstones.usedBytes;
    this.#world.broker.otherBytes += bytes - this.#accountedBytes;
    this.#accountedBytes = bytes;
  }

  /** Whoever said that it is acknowledged collects it. */
  #remember(job: Job, patienceMs = PATIENCE_MS): void {
    const number = this.#burials.note(job);
    this.#tombstones.add(job, number);
    this.#patience.add(job, number, this.#world.host.nowMs + patienceMs);
  }

  /** What is behind damage is not known, hence remains unanswered. */
  #answered(node: number, { batch, exceptions }: MessageOf<"acked">): void {
    const told = this.#exceptions;
    const { roles } = this.#world.broker;
    told.start(exceptions);
    let hasException = told.next();
    this.#asks.answered(node, batch, (job, position) => {
      while (hasException && told.batchPosition < position) hasException = told.next();
      if (told.isDamaged) return false;
      const kind = hasException && told.batchPosition === position ? told.kind : undefined;
      if (kind === AckExceptionKind.held) this.#collection.held(job, node, told.holders);
      else if (kind === AckExceptionKind.unknown) this.#collection.unknownAt(job, node);
      // Who was asked without a list cannot have the same, and has the job nevertheless.
      else if (kind === undefined && roles.isDummy(job)) this.#collection.held(job, node, []);
      // That node knows all of them, and collects it itself when this one does not come to an end.
      if (kind !== undefined && told.isPartial) this.#asks.answeredInPart(node, job);
      else this.#collection.confirmed(job);
      return true;
    });
    if (told.isDamaged) this.#complain(node, "acked");
  }

  #finished(node: number, ids: Buffer): void {
    const { index, roles } = this.#world.broker;
    this.#ids.start(ids);
    while (this.#ids.next()) {
      const job = index.find(this.#ids.id);
      // A live one came after this node was asked.
      if (job !== NO_JOB && !roles.isAcked(job)) this.learnAcked(job);
      else if (job !== NO_JOB) this.#collection.endedBy(job);
    }
    if (this.#ids.isDamaged) this.#complain(node, "finish");
  }

  #complain(node: number, type: string): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    const data = { nodeId: this.#world.nodes.id(node), type };
    this.#world.log("warning", "a node sent acknowledgements that are damaged", data);
  }
}
