/**
 * Packs jobs into records of the log, straight from the job table.
 *
 * This runs for every change of every job. Nothing in it makes an object.
 */
import { type PackedWriter, VARINT_BYTES_MAX } from "../cluster/jobs/packing/packed-writer.ts";
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import { type Job, JobFlag, JobState } from "../core/job.ts";
import { JOB_ID_WORDS } from "../core/job-id.ts";
import type { BlockWriter } from "./block-writer.ts";
import { type LogNodes, NodeNumbers, VOIDED_BYTES_MAX } from "./log-nodes.ts";
import {
  ADDED_TYPE,
  CHANGED_TYPE,
  LOGGED_FLAGS,
  LogFlag,
  logFlagsOf,
  RecordType,
} from "./record-types.ts";

const ID_BYTES = 4 * JOB_ID_WORDS;
/** Type, id, flags, counts and moment. */
const CHANGING_BYTES_MAX = 1 + ID_BYTES + 2 + 3 * VARINT_BYTES_MAX + 8;
/** Creation, expiry and seven varints. */
const LASTING_BYTES_MAX = 16 + 7 * VARINT_BYTES_MAX;

/** What the writer reads. */
export interface RecordSources {
  readonly broker: Broker;
  readonly host: Host;
  readonly nodes: LogNodes;
}

/** Writes records into blocks. */
export class RecordWriter {
  readonly #broker: Broker;
  readonly #host: Host;
  readonly #blocks: BlockWriter;
  readonly #numbers: NodeNumbers;

  constructor(sources: RecordSources, blocks: BlockWriter) {
    this.#broker = sources.broker;
    this.#host = sources.host;
    this.#blocks = blocks;
    this.#numbers = new NodeNumbers(sources.nodes);
  }

  /** A new segment begins. */
  segmentBegun(): void {
    this.#numbers.clear();
  }

  /** The log has this job already, from an earlier process. */
  loaded(job: Job): void {
    const { jobs, holders } = this.#broker;
    this.#numbers.see(holders.nodes(jobs.holderSet(job)));
  }

  /** The id of the node with this index, of the last that had it if there is none; "": never seen. */
  idOf(index: number): string {
    return this.#numbers.idOf(index);
  }

  /** A job as a whole. */
  added(job: Job): void {
    const { jobs, queues } = this.#broker;
    const { name } = queues.of(jobs.queueNumber(job));
    const bodyBytes = jobs.bodyBytes(job);
    const state = this.#stateOf(job);
    const writer = this.#begin(
      job,
      ADDED_TYPE + state,
      LASTING_BYTES_MAX + name.length + bodyBytes,
    );
    writer.float(jobs.createdMs(job));
    writer.varint(jobs.createdCounter(job));
    writer.varint(jobs.replicate(job));
    writer.varint(jobs.delaySeconds(job));
    writer.varint(jobs.retrySeconds(job));
    writer.varint(jobs.ttlSeconds(job));
    writer.float(this.#wallMs(jobs.expiresAtMs(job)));
    writer.varint(name.length);
    writer.bytes(name);
    this.#changing(writer, job, state);
    writer.varint(bodyBytes);
    jobs.copyBody(job, writer.buffer, writer.length);
    writer.length += bodyBytes;
  }

  /** What may have changed of a job. */
  changed(job: Job): void {
    const state = this.#stateOf(job);
    this.#changing(this.#begin(job, CHANGED_TYPE + state, 0), job, state);
  }

  /** The job with the id whose words stand at words[at] is gone. */
  gone(words: Int32Array, at: number): void {
    const writer = this.#blocks.room(1 + ID_BYTES);
    writer.byte(RecordType.gone);
    for (let word = 0; word < JOB_ID_WORDS; word++) writer.word(words[at + word] as number);
  }

  /** The node with this id, which has or had this index, is in no list any more. */
  voided(index: number, id: string): void {
    this.#numbers.writeVoided(this.#blocks.room(VOIDED_BYTES_MAX), index, id);
  }

  /** A record that is nothing but its type. */
  mark(type: number): void {
    this.#blocks.room(1).byte(type);
  }

  /** Makes room for a record, says before it which nodes it names, and begins it. */
  #begin(job: Job, type: number, bytes: number): PackedWriter {
    const { jobs, holders } = this.#broker;
    const list = holders.nodes(jobs.holderSet(job));
    const listBytes = this.#numbers.listBytesMax(list.length);
    const writer = this.#blocks.room(bytes + CHANGING_BYTES_MAX + listBytes);
    this.#numbers.introduce(writer, list);
    writer.byte(type);
    for (let word = 0; word < JOB_ID_WORDS; word++) writer.word(jobs.idWord(job, word));
    return writer;
  }

  #changing(writer: PackedWriter, job: Job, state: JobState): void {
    const { jobs, holders } = this.#broker;
    const epoch = jobs.epoch(job);
    const nacks = jobs.nacks(job);
    const deliveries = jobs.additionalDeliveries(job);
    const momentMs = this.#momentMs(job, state);
    let flags = logFlagsOf(jobs.flags(job, LOGGED_FLAGS));
    const hasCounts = (epoch | nacks | deliveries) !== 0;
    if (hasCounts) flags |= LogFlag.hasCounts;
    if (momentMs !== Number.POSITIVE_INFINITY) flags |= LogFlag.hasMoment;
    writer.byte(flags >>> 8);
    writer.byte(flags & 0xff);
    if (hasCounts) {
      writer.varint(epoch);
      writer.varint(nacks);
      writer.varint(deliveries);
    }
    if (momentMs !== Number.POSITIVE_INFINITY) writer.float(this.#wallMs(momentMs));
    this.#numbers.writeList(writer, holders.nodes(jobs.holderSet(job)));
  }

  /** A job that is promised to somebody until the next turn ends has not left its queue for the log. */
  #stateOf(job: Job): JobState {
    const { jobs } = this.#broker;
    return jobs.hasFlag(job, JobFlag.isClaimed) ? JobState.queued : jobs.state(job);
  }

  /** Monotonic ms; Infinity: there is none. */
  #momentMs(job: Job, state: JobState): number {
    const { jobs } = this.#broker;
    if (state === JobState.active) return jobs.dueAtMs(job);
    // That of a promised job is when its lease would end.
    return jobs.state(job) === JobState.queued ? jobs.queuedAtMs(job) : Number.POSITIVE_INFINITY;
  }

  #wallMs(monotonicMs: number): number {
    const wallMs = this.#host.wallMs + (monotonicMs - this.#host.nowMs);
    return Math.min(Math.max(0, wallMs), Number.MAX_SAFE_INTEGER);
  }
}
