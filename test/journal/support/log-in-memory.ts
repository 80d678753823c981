/**
 * A log without files: segments with their blocks, as the folder of a node would have them.
 *
 * It does what io does between the journal and the disk, and can be read again at any moment, as it is,
 * cut off, or damaged.
 */
import { crc32 } from "node:zlib";
import { Broker } from "../../../src/core/broker.ts";
import type { Host } from "../../../src/core/host.ts";
import { Journal } from "../../../src/journal/journal.ts";
import {
  blockAt,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  writeSegmentHeader,
} from "../../../src/journal/log-format.ts";
import type { LogNodes } from "../../../src/journal/log-nodes.ts";
import { LOG_BEGIN } from "../../../src/journal/log-position.ts";
import { Replay, type ReplaySummary } from "../../../src/journal/replay.ts";
import "../../support/small-pages.ts";

/** The run of the machine in which logs of tests are written. */
export const BOOT_ID = "0123456789abcdef".repeat(2);
/** Another one: the machine has stopped in between. */
export const OTHER_BOOT_ID = "fedcba9876543210".repeat(2);

const NODES = 8;
/** Node ids by index: 0 is the node itself. */
export const nodeIds = Array.from({ length: NODES }, (_, index) => `${index}`.repeat(40));

/** Members under their usual indexes. */
export const usualNodes: LogNodes = {
  id: (index) => nodeIds[index] ?? "",
  index: (id) => nodeIds.indexOf(id),
};

/** The same members in another order: what an index means does not outlive a process. */
export const otherNodes: LogNodes = {
  id: (index) => (index === 0 ? (nodeIds[0] ?? "") : (nodeIds[NODES - index] ?? "")),
  index: (id) => (nodeIds.indexOf(id) <= 0 ? nodeIds.indexOf(id) : NODES - nodeIds.indexOf(id)),
};

/** What a replay gives. */
export interface Reborn {
  readonly broker: Broker;
  readonly summary: ReplaySummary;
  readonly nodes: LogNodes;
}

/** A broker and its log. */
export class LogInMemory {
  readonly journal: Journal;
  readonly host: Host;
  /** Bytes of each segment that still counts. */
  segments: Buffer[] = [];
  /** Length of the log without the blocks of the last `write` that wrote some. */
  lengthBefore = 0;
  /** The node went on without writing. */
  isStale = false;
  #numbers = 0;
  #rewriteFrom = 0;
  #policy: SegmentHeader["policy"];

  constructor(broker: Broker, host: Host, policy: SegmentHeader["policy"], rewriteBytes = 400) {
    this.host = host;
    this.#policy = policy;
    this.journal = new Journal({ broker, host, nodes: usualNodes, crc32, rewriteBytes });
    broker.journal = this.journal;
    this.beginSegment();
  }

  /** Bytes of all segments. */
  get length(): number {
    return this.segments.reduce((sum, segment) => sum + segment.length, 0);
  }

  beginSegment(): void {
    this.#numbers++;
    const header: SegmentHeader = {
      nodeId: nodeIds[0] ?? "",
      incarnation: 1,
      segment: this.#numbers,
      createdWallMs: this.host.wallMs,
      bootId: BOOT_ID,
      policy: this.#policy,
      mark: 0xc0ffee00 + this.#numbers,
      bytesBefore: this.segments.at(-1)?.length ?? 0,
      synced: LOG_BEGIN,
    };
    this.segments.push(writeSegmentHeader(crc32, header));
    this.journal.segmentBegun(header.mark);
  }

  /** Begins a pass in a segment of its own. */
  beginRewrite(): void {
    this.beginSegment();
    this.#rewriteFrom = this.segments.length - 1;
    this.journal.beginRewrite();
  }

  /** Ends a turn: whether there was something to write. A pass that is through frees what was before. */
  write(): boolean {
    const wasRewriting = this.journal.isRewriting;
    const blocks = this.journal.take();
    this.append(blocks);
    if (wasRewriting && !this.journal.isRewriting) this.segments.splice(0, this.#rewriteFrom);
    return blocks.length > 0;
  }

  append(blocks: readonly Buffer[]): void {
    if (blocks.length > 0) this.lengthBefore = this.length;
    const last = this.segments.length - 1;
    this.segments[last] = Buffer.concat([this.segments[last] as Buffer, ...blocks]);
  }

  /** Reads the log, without so many bytes at its end, on a machine where it is that late by now. */
  replay(host: Host, bytesCut = 0, bootId = BOOT_ID, prepare?: (broker: Broker) => void): Reborn {
    const broker = new Broker(host, { nodeId: nodeIds[0] ?? "", maxMemoryBytes: 0 });
    const replay = new Replay({ broker, host, nodes: otherNodes });
    const last = this.segments.length - 1;
    for (const [at, segment] of this.segments.entries()) {
      readInto(replay, at < last ? segment : segment.subarray(0, segment.length - bytesCut));
    }
    prepare?.(broker);
    return { broker, summary: replay.finish(bootId, this.isStale), nodes: otherNodes };
  }
}

/** Applies a segment up to its first bad byte. */
export function readInto(replay: Replay, segment: Buffer): void {
  if (segment.length < SEGMENT_HEADER_BYTES) return;
  const header = readSegmentHeader(crc32, segment);
  replay.segment(header);
  let at = SEGMENT_HEADER_BYTES;
  for (;;) {
    const block = blockAt(crc32, header.mark, segment, at);
    if (block === undefined) return;
    replay.block(segment.subarray(block.payloadStart, block.end));
    at = block.end;
  }
}
