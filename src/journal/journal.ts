/**
 * The journal: what the node writes to its log, once a turn.
 *
 * It is told of every change of a job (core/job-journal.ts), remembers only which jobs have changed, and
 * packs each of them once, in the state that it has at the end of the turn. So nobody can forget to
 * log a move, and what comes and goes within a turn costs nothing. A job is logged as a whole the first
 * time, later without its body.
 *
 * It knows no files: it fills blocks (log-format.ts), and whoever writes them says when a new segment
 * begins. All blocks of one `take` belong to the same segment.
 */
import type { Crc32 } from "../cluster/wire/frame-format.ts";
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import { type Job, JobFlag } from "../core/job.ts";
import { JOB_ID_WORDS } from "../core/job-id.ts";
import type { JobJournal } from "../core/job-journal.ts";
import { assert } from "../util/assert.ts";
import { BlockWriter } from "./block-writer.ts";
import { JobMarks } from "./job-marks.ts";
import type { LogNodes } from "./log-nodes.ts";
import type { LogPosition } from "./log-position.ts";
import { RecordType } from "./record-types.ts";
import { RecordWriter } from "./record-writer.ts";
import type { FormerPass } from "./replay.ts";
import { Rewrite } from "./rewrite.ts";

/** What the journal reads. */
export interface JournalParts {
  readonly broker: Broker;
  readonly host: Host;
  readonly nodes: LogNodes;
  readonly crc32: Crc32;
  /** Bytes that a rewrite pass writes in a turn at least; fewer in tests. */
  readonly rewriteBytes?: number | undefined;
}

/** What a job costs in the log beside its body and the name of its queue, in bytes. */
const USUAL_JOB_BYTES = 80;
/** Ids of jobs that are gone; a longer row is given back when it has been written. */
const GONE_WORDS_MIN = 64 * JOB_ID_WORDS;
const GONE_WORDS_KEPT_MAX = 65_536 * JOB_ID_WORDS;

/** A node that was taken out of all lists in this turn. */
interface Voided {
  readonly index: number;
  readonly id: string;
}

/** Collects the changes of jobs as blocks of a log. Set `broker.journal` to it. */
export class Journal implements JobJournal {
  readonly #broker: Broker;
  readonly #blocks: BlockWriter;
  readonly #records: RecordWriter;
  readonly #marks = new JobMarks();
  readonly #rewrite: Rewrite;
  #gone = new Int32Array(GONE_WORDS_MIN);
  #goneWords = 0;
  #voided: Voided[] = [];
  #isCleared = false;
  #hasSegment = false;
  /** Bytes of the names of queues, once for each job in the log. */
  #nameBytes = 0;

  constructor(parts: JournalParts) {
    this.#broker = parts.broker;
    this.#blocks = new BlockWriter(parts.crc32);
    this.#records = new RecordWriter(parts, this.#blocks);
    this.#rewrite = new Rewrite(parts.broker, this.#marks, this.#records, parts.rewriteBytes);
  }

  changed(job: Job): void {
    this.#marks.change(job);
  }

  removed(job: Job): void {
    if (this.#marks.isLogged(job)) this.#noteGone(job);
    this.#marks.forget(job);
  }

  voided(index: number): void {
    // The id, because the index may be another's at the end of the turn. None: it was in no list.
    const id = this.#records.idOf(index);
    if (id !== "") this.#voided.push({ index, id });
  }

  cleared(): void {
    this.#marks.clear();
    this.#rewrite.cleared();
    this.#goneWords = 0;
    this.#voided = [];
    this.#nameBytes = 0;
    this.#isCleared = true;
  }

  /**
   * The live jobs are in the log already, because they were loaded from it; call it once, right after
   * Replay.finish. `differing`: those that the log tells otherwise, which are logged anew at once. `pass`: one
   * that was not finished, and goes on where it was.
   */
  adopt(differing: readonly Job[], pass?: FormerPass): void {
    const { jobs } = this.#broker;
    if (pass !== undefined) this.#rewrite.resume();
    for (let job = jobs.skipVacant(0); job < jobs.handleLimit; job = jobs.skipVacant(job + 1)) {
      if (!jobs.isLive(job)) continue;
      this.#setLogged(job, pass?.has(job) ? this.#rewrite.number : 0);
      this.#records.loaded(job);
    }
    for (const job of differing) this.#marks.change(job);
  }

  /** What is taken from now on goes to a new segment with this mark; before the first `take`, too. */
  segmentBegun(mark: number): void {
    this.#hasSegment = true;
    this.#blocks.begin(mark);
    this.#records.segmentBegun();
  }

  /** Everything before is on the disk: what is taken from now on says so. */
  syncedTo(position: LogPosition): void {
    this.#blocks.synced = position;
  }

  /**
   * The blocks of this turn, in order, each ready to be written and valid until the next call; []:
   * nothing has changed. With some of the rewrite pass, if one is under way.
   * @param nowMs monotonic: a slice of a pass has its time every ms; without it, now
   */
  take(nowMs?: number): readonly Buffer[] {
    assert(this.#hasSegment, "blocks belong to a segment");
    this.#writeGone();
    this.#writeChanged();
    if (this.#rewrite.isUnderWay) {
      this.#rewrite.proceed(nowMs, this.#blocks.length, this.#length, this.#log);
    }
    return this.#blocks.take();
  }

  /** The last blocks: what there is to take, and the mark that the node was stopped in good order. */
  close(): readonly Buffer[] {
    assert(this.#hasSegment, "blocks belong to a segment");
    this.#writeGone();
    this.#writeChanged();
    this.#records.mark(RecordType.closed);
    return this.#blocks.take();
  }

  /** Jobs and ids of which something is to be taken, those of a pass not counted. */
  get changes(): number {
    return this.#marks.rowLength + this.#goneWords / JOB_ID_WORDS;
  }

  /** There is nothing to take, and no pass is under way. */
  get isIdle(): boolean {
    return (
      this.#marks.rowLength === 0 &&
      this.#goneWords === 0 &&
      this.#voided.length === 0 &&
      !this.#isCleared &&
      !this.#rewrite.isUnderWay
    );
  }

  /** When there is something to take, if nothing else happens (monotonic ms); Infinity: never. */
  workAtMs(nowMs: number): number {
    if (this.isIdle) return Number.POSITIVE_INFINITY;
    return this.changes === 0 && this.isRewriting ? this.#rewrite.nextSliceAtMs : nowMs;
  }

  /** Begins to log every live job anew; one that is under way starts again. */
  beginRewrite(): void {
    this.#rewrite.begin();
  }

  /** A pass is under way: false again as soon as `take` has given its last slice. */
  get isRewriting(): boolean {
    return this.#rewrite.isUnderWay;
  }

  /** How far the pass is, 0..1; 0 when there is none. */
  get rewriteProgress(): number {
    return this.#rewrite.progress;
  }

  /** About how many bytes a fresh log of all live jobs would have. */
  get liveBytes(): number {
    const { jobs, arena } = this.#broker;
    return jobs.count * USUAL_JOB_BYTES + arena.usedBytes + this.#nameBytes;
  }

  /** What ended comes first: a handle may be used again within the turn. */
  #writeGone(): void {
    if (this.#isCleared) this.#records.mark(RecordType.cleared);
    this.#isCleared = false;
    for (let at = 0; at < this.#goneWords; at += JOB_ID_WORDS) this.#records.gone(this.#gone, at);
    this.#goneWords = 0;
    if (this.#gone.length > GONE_WORDS_KEPT_MAX) this.#gone = new Int32Array(GONE_WORDS_MIN);
    if (this.#voided.length === 0) return;
    for (const { index, id } of this.#voided) this.#records.voided(index, id);
    this.#voided = [];
  }

  #writeChanged(): void {
    const length = this.#marks.rowLength;
    for (let at = 0; at < length; at++) {
      const job = this.#marks.takeChanged(at);
      if (job < 0) continue;
      // What is lent to this node may vanish with it: its keeper has it.
      if (this.#broker.jobs.hasFlag(job, JobFlag.isBorrowed)) this.#unlog(job);
      else if (this.#marks.isLogged(job)) this.#records.changed(job);
      else this.#log(job);
    }
    this.#marks.clearRow();
  }

  readonly #length = (): number => this.#blocks.length;

  /** Logs a job as a whole. */
  readonly #log = (job: Job): void => {
    this.#setLogged(job, this.#rewrite.number);
    this.#records.added(job);
  };

  #setLogged(job: Job, pass: number): void {
    if (!this.#marks.isLogged(job)) this.#nameBytes += this.#nameLength(job);
    this.#marks.setLogged(job, pass);
  }

  #unlog(job: Job): void {
    if (!this.#marks.isLogged(job)) return;
    this.#noteGone(job);
    this.#marks.forget(job);
    this.#goneWords -= JOB_ID_WORDS;
    this.#records.gone(this.#gone, this.#goneWords);
  }

  #noteGone(job: Job): void {
    if (this.#goneWords + JOB_ID_WORDS > this.#gone.length) {
      const larger = new Int32Array(this.#gone.length * 2);
      larger.set(this.#gone);
      this.#gone = larger;
    }
    const { jobs } = this.#broker;
    for (let word = 0; word < JOB_ID_WORDS; word++) {
      this.#gone[this.#goneWords + word] = jobs.idWord(job, word);
    }
    this.#goneWords += JOB_ID_WORDS;
    this.#nameBytes -= this.#nameLength(job);
  }

  #nameLength(job: Job): number {
    return this.#broker.queues.of(this.#broker.jobs.queueNumber(job)).name.length;
  }
}
