/**
 * Replay: from the blocks of a log back to jobs.
 *
 * Records are applied in the order in which they were written; the last one about a job counts. No job
 * is queued, no timer runs and nothing is said to anybody before `finish`, which gives each its place
 * (core/loading.ts). Which blocks belong to the log is decided by whoever reads the files.
 */
import type { Broker } from "../core/broker.ts";
import { LOAN } from "../core/holder-sets.ts";
import type { Host } from "../core/host.ts";
import { type Job, JobState } from "../core/job.ts";
import { emptyRecord } from "../core/job-record.ts";
import type { ToldState } from "../core/loading.ts";
import { unreachable } from "../util/assert.ts";
import { JobMarks, PASS_MAX } from "./job-marks.ts";
import { LogEnd } from "./log-end.ts";
import type { SegmentHeader } from "./log-format.ts";
import type { LogNodes } from "./log-nodes.ts";
import { RecordReader } from "./record-reader.ts";
import { jobFlagsOf, LogFlag } from "./record-types.ts";
import { ToldNodes } from "./told-nodes.ts";

/** What the replay fills: an empty broker. */
export interface ReplayParts {
  readonly broker: Broker;
  readonly host: Host;
  readonly nodes: LogNodes;
}

/** The last rewrite pass that was begun in the log; it may have been cut off. */
export interface FormerPass {
  /** From here on each job that it has copied is told as a whole. */
  readonly firstSegment: number;
  /** Whether that is so of this job. */
  readonly has: (job: Job) => boolean;
}

/** What came out of a replay. */
export interface ReplaySummary {
  /** Records read. */
  readonly records: number;
  /** Jobs loaded, all of them; then how many of these are what. */
  readonly jobs: number;
  readonly queued: number;
  readonly copies: number;
  readonly tombstones: number;
  /** Jobs whose life was over when the log was read: not loaded. */
  readonly expired: number;
  /**
   * Delivered at most once and not queued again, because nobody knows whether they were delivered
   * before the machine stopped; not those that certainly were.
   */
  readonly withheld: number;
  /** Those that the log tells otherwise than they are now: for Journal.adopt. */
  readonly differing: readonly Job[];
  /** Undefined: there was none. */
  readonly pass: FormerPass | undefined;
}

/** What stands for the empty list: only this node. */
const NO_NODES: readonly number[] = [];

/** Applies a log to a broker. */
export class Replay {
  readonly #broker: Broker;
  readonly #host: Host;
  readonly #nodes: LogNodes;
  readonly #reader = new RecordReader();
  readonly #record = emptyRecord();
  readonly #state: ToldState = {
    state: JobState.active,
    flags: 0,
    epoch: 0,
    nacks: 0,
    additionalDeliveries: 0,
    momentMs: 0,
    holders: NO_NODES,
  };
  readonly #told = new ToldNodes();
  readonly #end = new LogEnd();
  #segmentNumber = 0;
  #records = 0;
  readonly #marks = new JobMarks();
  #pass = 0;
  #passSegment = 0;

  constructor(parts: ReplayParts) {
    this.#broker = parts.broker;
    this.#host = parts.host;
    this.#nodes = parts.nodes;
  }

  /** The blocks that follow are of the segment with this header. */
  segment(header: SegmentHeader): void {
    this.#segmentNumber = header.segment;
    this.#end.segment(header);
    this.#told.begin();
  }

  /** Applies the records of a block. Throws a LogError if there is something else in it. */
  block(payload: Buffer): void {
    this.#end.block();
    const reader = this.#reader;
    reader.begin(payload);
    while (reader.next()) {
      this.#records++;
      this.#end.record(reader.kind);
      this.#apply(reader);
    }
  }

  /** As LogEnd has it. */
  isSure(bootId: string): boolean {
    return this.#end.isSure(bootId);
  }

  /**
   * Gives all jobs their places. Pauses of queues must have been set before.
   * @param bootId of the machine now, as in a segment's header
   * @param isStale the node went on without the log: nobody knows what was delivered since
   */
  finish(bootId: string, isStale = false): ReplaySummary {
    const { loading, stats, jobs } = this.#broker;
    const { expired, withheld, renewed } = loading.finish(!isStale && this.isSure(bootId));
    return {
      records: this.#records,
      jobs: jobs.count,
      queued: stats.jobsByState[JobState.queued] as number,
      copies: stats.copies,
      tombstones: stats.jobsByState[JobState.acked] as number,
      expired,
      withheld: withheld.length,
      differing: [...withheld, ...renewed],
      pass: this.#formerPass(),
    };
  }

  #formerPass(): FormerPass | undefined {
    const [firstSegment, pass] = [this.#passSegment, this.#pass];
    if (firstSegment === 0) return undefined;
    return { firstSegment, has: (job) => this.#marks.pass(job) === pass };
  }

  #apply(reader: RecordReader): void {
    const { loading, holders } = this.#broker;
    switch (reader.kind) {
      case "added":
        this.#add(reader);
        break;
      case "changed":
        loading.change(reader.id, this.#readState(reader));
        break;
      case "gone":
        loading.remove(reader.id);
        break;
      case "node":
        this.#told.tell(reader.nodeNumber, this.#nodes.index(reader.nodeId));
        break;
      case "voided": {
        const index = this.#told.indexOf(reader.nodeNumber);
        if (index > 0) holders.void(index);
        break;
      }
      case "cleared":
        loading.clear();
        break;
      case "rewriteBegan":
        this.#beginPass();
        break;
      case "rewriteEnded":
      case "closed":
        break;
      default:
        unreachable(reader.kind);
    }
  }

  /** What was copied before is no part of it. */
  #beginPass(): void {
    this.#passSegment = this.#segmentNumber;
    this.#pass++;
    if (this.#pass <= PASS_MAX) return;
    this.#pass = 1;
    this.#marks.forgetPasses();
  }

  #add(reader: RecordReader): void {
    const { loading, queues } = this.#broker;
    const { buffer } = reader;
    const record = this.#record;
    record.id = reader.id;
    record.replicate = reader.replicate;
    record.delaySeconds = reader.delaySeconds;
    record.retrySeconds = reader.retrySeconds;
    record.ttlSeconds = reader.ttlSeconds;
    record.createdMs = reader.createdMs;
    record.createdCounter = reader.createdCounter;
    // A wall clock that was ahead when the job was added must not keep it here for ever.
    const latestMs = this.#host.nowMs + reader.ttlSeconds * 1000;
    record.expiresAtMs = Math.min(latestMs, this.#monotonicMs(reader.expiresWallMs));
    const told = this.#readState(reader);
    record.queueNumber = queues.entry(buffer, reader.queueStart, reader.queueEnd).number;
    const job = loading.add(record, told, buffer, reader.bodyStart, reader.bodyEnd);
    this.#marks.setLogged(job, this.#pass);
  }

  #readState(reader: RecordReader): ToldState {
    const told = this.#state;
    const hasMoment = (reader.flags & LogFlag.hasMoment) !== 0;
    told.state = reader.state;
    told.flags = jobFlagsOf(reader.flags);
    told.epoch = reader.epoch;
    told.nacks = reader.nacks;
    told.additionalDeliveries = reader.additionalDeliveries;
    told.momentMs = hasMoment ? this.#monotonicMs(reader.momentWallMs) : Number.POSITIVE_INFINITY;
    told.holders = reader.listLength === 0 ? NO_NODES : this.#listOf(reader);
    return told;
  }

  /** Members only, each once, and a borrower as the last. */
  #listOf(reader: RecordReader): readonly number[] {
    const list: number[] = [];
    let borrower = -1;
    for (let i = 0; i < reader.listLength; i++) {
      const element = reader.list[i] as number;
      const index = this.#told.indexOf(Math.floor(element / 2));
      if (index < 0) continue;
      if (element % 2 === 1) borrower = index;
      else if (!list.includes(index)) list.push(index);
    }
    if (borrower >= 0) list.push(borrower + LOAN);
    return list;
  }

  #monotonicMs(wallMs: number): number {
    return this.#host.nowMs + (wallMs - this.#host.wallMs);
  }
}
