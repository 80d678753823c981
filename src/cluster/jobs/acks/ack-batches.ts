/**
 * Who was asked about which acknowledged jobs and has not answered yet.
 *
 * What is asked of a node in a turn is one message, and its answer names the message and little else: so
 * what a message was about is remembered here until then, per node in the order of the messages. A node
 * that is away is asked all the same, the transport keeps it; but only so much of it, and the rest waits
 * here, in less space.
 *
 * Answers come in the order of the questions. When one is missing, or does not count any more, or the
 * transport says that it has dropped what waited, the question is asked again in another message.
 */
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { ITEMS_MAX } from "../../job-messages.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { AckPacker } from "../packing/packed-acks.ts";
import { JobFifo } from "./job-fifo.ts";
import { TidiedFifo } from "./tidied-fifo.ts";
import type { Burials } from "./tombstones.ts";

/** Questions to one node that the transport may have at a time; 28 bytes each. */
const UNANSWERED_MAX = 500_000;
/** The batch that wants no answer; the answer to it asks to be asked again. */
const NO_BATCH = 0;
/** Questions that a node answered in part; of more, the oldest are not asked again. */
const PARTIAL_MAX = 10_000;
/** Whoever named nodes that are not known here has come to an end with them by then, or forgotten them. */
const ASK_PARTIAL_MS = 2000;

/** What one node was asked, or will be. */
class Asked {
  /** To be asked at the end of the turn, or when there is room. */
  readonly pending: TidiedFifo;
  /** The questions of all unanswered batches, in order. */
  readonly unanswered = new JobFifo();
  /** Lengths of the unanswered batches, with their numbers. */
  readonly batches = new JobFifo();
  /** Answers that named nodes which are no members here: questions for when they may be. */
  readonly partial = new JobFifo();
  /** Acknowledgements that nobody waits for here. */
  blind: AckPacker | undefined;
  /** Answers to this node were dropped on the way: it must ask again. */
  mustAskAgain = false;

  constructor(burials: Burials) {
    this.pending = new TidiedFifo((job, number) => burials.isStill(job, number));
  }

  /** All questions that have no answer, or none that counts. */
  get open(): readonly JobFifo[] {
    return [this.unanswered, this.pending, this.partial];
  }

  get usedBytes(): number {
    const { pending, unanswered, batches, partial } = this;
    return pending.usedBytes + unanswered.usedBytes + batches.usedBytes + partial.usedBytes;
  }

  get isDue(): boolean {
    const mayAsk = this.pending.size > 0 && this.unanswered.size < UNANSWERED_MAX;
    return mayAsk || this.mustAskAgain || (this.blind?.count ?? 0) > 0;
  }

  /** The oldest batch is to be asked again. */
  repeatFirst(): void {
    const count = this.batches.jobAt(0);
    for (let place = 0; place < count; place++) {
      this.pending.push(this.unanswered.jobAt(place), this.unanswered.numberAt(place));
    }
    this.forgetFirst();
  }

  /** What was answered in part is to be asked again. */
  repeatPartial(): void {
    for (let place = 0; place < this.partial.size; place++) {
      this.pending.push(this.partial.jobAt(place), this.partial.numberAt(place));
    }
    this.partial.drop(this.partial.size);
  }

  forgetFirst(): void {
    this.unanswered.drop(this.batches.jobAt(0));
    this.batches.drop(1);
  }
}

/** Questions about acknowledged jobs. */
export class AckBatches {
  readonly #world: JobsWorld;
  readonly #burials: Burials;
  readonly #packer: AckPacker;
  readonly #id = new Int32Array(JOB_ID_WORDS);
  #asked: (Asked | undefined)[] = [];
  #lastBatch = NO_BATCH;
  /** Answers to batches up to this one do not count. */
  #lastVoid = NO_BATCH;
  #isDue = false;
  /** When those who have answered in part are asked again, monotonic ms. */
  #partialAtMs = Number.POSITIVE_INFINITY;

  constructor(world: JobsWorld, burials: Burials) {
    this.#world = world;
    this.#burials = burials;
    this.#packer = new AckPacker(world);
  }

  /** Whether `say` has something to say. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Answers that are awaited, those of jobs that are gone meanwhile included. */
  get awaited(): number {
    let awaited = 0;
    for (const asked of this.#asked) {
      if (asked !== undefined) awaited += asked.pending.size + asked.unanswered.size;
    }
    return awaited;
  }

  /** Bytes of what is remembered of questions. */
  get usedBytes(): number {
    let bytes = 0;
    for (const asked of this.#asked) bytes += asked?.usedBytes ?? 0;
    return bytes;
  }

  /** Asks a node about a tombstone of this number at the end of the turn. */
  ask(node: number, job: Job, number: number): void {
    this.#of(node).pending.push(job, number);
    this.#isDue = true;
  }

  /** Tells a node of an acknowledgement, whatever it answers. */
  askBlindly(node: number, id: Int32Array): void {
    const asked = this.#of(node);
    asked.blind ??= new AckPacker(this.#world);
    if (asked.blind.count < ITEMS_MAX) asked.blind.addWords(id);
    this.#isDue = true;
  }

  /** Sends what there is to be asked. */
  say(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    for (let node = 0; node < this.#asked.length; node++) {
      const asked = this.#asked[node];
      if (asked?.isDue) this.#sayTo(node, asked);
    }
  }

  /**
   * A node answers: shows the jobs of that batch in order, as far as they are still there, with their
   * positions, until it is told that the rest of the answer is not known.
   */
  answered(node: number, batch: number, visit: (job: Job, position: number) => boolean): void {
    const asked = this.#asked[node];
    if (asked === undefined) return;
    if (batch === NO_BATCH) this.askAgain(node);
    const { batches, unanswered } = asked;
    const firstValid = batch <= this.#lastVoid ? batch + 1 : batch;
    while (batches.size > 0 && batches.numberAt(0) < firstValid) asked.repeatFirst();
    if (batches.size > 0 && batches.numberAt(0) === batch) {
      const count = batches.jobAt(0);
      for (let position = 0; position < count; position++) {
        const job = unanswered.jobAt(position);
        if (!this.#burials.isStill(job, unanswered.numberAt(position))) continue;
        if (!visit(job, position)) break;
      }
      asked.forgetFirst();
    }
    if (asked.isDue) this.#isDue = true;
  }

  /** Asks a node again what it has not answered. */
  askAgain(node: number): void {
    const asked = this.#asked[node];
    if (asked === undefined) return;
    while (asked.batches.size > 0) asked.repeatFirst();
    if (asked.isDue) this.#isDue = true;
  }

  /** A node has named others whom nobody here can ask: what it answered does not count yet. */
  answeredInPart(node: number, job: Job): void {
    const { partial } = this.#of(node);
    if (partial.size >= PARTIAL_MAX) partial.drop(1);
    partial.push(job, this.#world.broker.jobs.burial(job));
    const atMs = this.#world.host.nowMs + ASK_PARTIAL_MS;
    this.#partialAtMs = Math.min(this.#partialAtMs, atMs);
  }

  /** Monotonic ms at which `askThoseInPart` has work. */
  get nextWakeAtMs(): number {
    return this.#partialAtMs;
  }

  /** There is a node more, which may be the one that was named, or it has been a while. */
  askThoseInPart(): void {
    this.#partialAtMs = Number.POSITIVE_INFINITY;
    for (const asked of this.#asked) {
      if (asked === undefined || asked.partial.size === 0) continue;
      asked.repeatPartial();
      this.#isDue = true;
    }
  }

  /** What was on its way to a node was dropped: questions, and answers to what it had asked. */
  streamBroken(node: number): void {
    this.askAgain(node);
    this.#of(node).mustAskAgain = true;
    this.#isDue = true;
  }

  /**
   * A node will not answer, as it has lost its memory or is no member any more: hands over all that it was asked
   * about, gone or not. Nobody's list names it any more.
   */
  forget(node: number): readonly JobFifo[] {
    const asked = this.#asked[node];
    this.#asked[node] = undefined;
    this.voidAnswers();
    return asked?.open ?? [];
  }

  /**
   * Some node has nothing any more, and is out of all lists; others may not know that yet, or have given it a copy since.
   * Their list may be as expected with it or without. So each is asked again when its answer comes, not while it is away.
   */
  voidAnswers(): void {
    this.#lastVoid = this.#lastBatch;
  }

  /** The oldest tombstones were evicted: nobody is asked about them. */
  dropGone(): void {
    for (const asked of this.#asked) asked?.pending.dropGone();
  }

  /** Adds every node that has not answered to the lists of those tombstones, by number, that it was asked about. */
  noteMissing(missing: ReadonlyMap<number, number[]>): void {
    for (let node = 0; node < this.#asked.length; node++) {
      for (const row of this.#asked[node]?.open ?? []) {
        for (let place = 0; place < row.size; place++) missing.get(row.numberAt(place))?.push(node);
      }
    }
  }

  clear(): void {
    this.#asked = [];
    this.#partialAtMs = Number.POSITIVE_INFINITY;
    this.#isDue = false;
  }

  #of(node: number): Asked {
    let asked = this.#asked[node];
    if (asked === undefined) {
      asked = new Asked(this.#burials);
      this.#asked[node] = asked;
    }
    return asked;
  }

  /** All notes are taken before something is told: the transport may drop it at once and say so. */
  #sayTo(node: number, asked: Asked): void {
    const { blind } = asked;
    if (asked.mustAskAgain) {
      asked.mustAskAgain = false;
      const exceptions = Buffer.alloc(0);
      this.#world.tell(node, { type: "acked", batch: NO_BATCH, exceptions });
    }
    if (blind !== undefined && blind.count > 0) {
      this.#world.tell(node, { type: "ack", batch: NO_BATCH, acks: blind.take() });
    }
    while (asked.pending.size > 0 && asked.unanswered.size < UNANSWERED_MAX) {
      const count = this.#pack(asked);
      if (count === 0) continue;
      this.#lastBatch++;
      asked.batches.push(count, this.#lastBatch);
      this.#world.tell(node, { type: "ack", batch: this.#lastBatch, acks: this.#packer.take() });
    }
  }

  /** Packs the next pending questions and returns how many; those whose job is gone are left out. */
  #pack({ pending, unanswered }: Asked): number {
    const { roles, jobs } = this.#world.broker;
    while (pending.size > 0 && this.#packer.count < ITEMS_MAX) {
      const job = pending.jobAt(0);
      const number = pending.numberAt(0);
      pending.drop(1);
      if (!this.#burials.isStill(job, number)) continue;
      unanswered.push(job, number);
      if (roles.isDummy(job)) {
        for (let word = 0; word < JOB_ID_WORDS; word++) this.#id[word] = jobs.idWord(job, word);
        this.#packer.addWords(this.#id);
      } else {
        this.#packer.add(job);
      }
    }
    return this.#packer.count;
  }
}
