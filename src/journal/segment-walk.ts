/**
 * A walk over a segment of our log, block by block, for those who look at a log or mend it.
 *
 * It goes on behind damage, where a server would stop; what it calls whole is what a server would
 * apply. Records are read as well: intact bytes may still be none, and the numbers that stand for nodes may
 * have been told in a block that is lost.
 */
import { LogError } from "./log-error.ts";
import { SEGMENT_HEADER_BYTES } from "./log-format.ts";
import { furtherOf, LOG_BEGIN, type LogPosition } from "./log-position.ts";
import { RecordReader } from "./record-reader.ts";
import type { RecordKind } from "./record-types.ts";
import type { SegmentBytes } from "./segment-bytes.ts";

/** What the walk is at. */
export type SegmentStep = "block" | "damaged" | "torn" | "end";

/** Walks over one segment. */
export class SegmentWalk {
  /** Where the present piece begins and ends. */
  offset = 0;
  end = SEGMENT_HEADER_BYTES;
  /** At "damaged" and "torn": what is wrong there. */
  reason = "";
  /** The same: there is nothing but zeros. */
  isBlank = false;
  /** At "block": numbers of nodes [from, before) are used in it, or skipped, and were never told. */
  untoldFrom = 0;
  untoldBefore = 0;
  /** Everything before was on the disk, as the blocks so far tell. */
  synced: LogPosition = LOG_BEGIN;
  /** Records of all blocks so far, by kind. */
  readonly records = new Map<RecordKind, number>();
  /** The last record of all says that the node was stopped in good order. */
  isClosed = false;
  readonly #bytes: SegmentBytes;
  readonly #reader = new RecordReader();
  /** The number of the next node that is told; 0 is the node of the header. */
  #nextNode = 1;

  /** @param bytes whose mark is set */
  constructor(bytes: SegmentBytes) {
    this.#bytes = bytes;
  }

  /** Goes to the next piece; "torn" is the last one before "end". */
  next(): SegmentStep {
    this.offset = this.end;
    if (this.offset >= this.#bytes.size) return "end";
    const block = this.#bytes.blockAt(this.offset);
    if (block !== undefined) {
      this.end = block.end;
      this.synced = furtherOf(this.synced, block.synced);
      return this.#readBlock(this.#bytes.payload(block));
    }
    const next = this.#bytes.nextBlockBehind(this.offset);
    this.end = next < 0 ? this.#bytes.size : next;
    this.isBlank = this.#bytes.isZero(this.offset, this.end);
    this.reason = this.isBlank ? "nothing but zeros" : "no intact block";
    return next < 0 ? "torn" : "damaged";
  }

  #readBlock(payload: Buffer): SegmentStep {
    const kinds: RecordKind[] = [];
    const reader = this.#reader;
    this.untoldFrom = this.#nextNode;
    let nextNode = this.#nextNode;
    let untoldBefore = nextNode;
    reader.begin(payload);
    try {
      while (reader.next()) {
        kinds.push(reader.kind);
        const needed = nodesNeeded(reader);
        if (needed > nextNode) {
          if (kinds.includes("node")) throw new LogError(`node ${needed - 1} stands for no node`);
          untoldBefore = needed;
          nextNode = needed;
        }
        if (reader.kind !== "node") continue;
        if (reader.nodeNumber !== nextNode) throw new LogError(`node ${reader.nodeNumber} again`);
        nextNode++;
      }
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      this.reason = error.message;
      return "damaged";
    }
    this.untoldBefore = untoldBefore;
    this.#nextNode = nextNode;
    for (const kind of kinds) this.records.set(kind, (this.records.get(kind) ?? 0) + 1);
    if (kinds.length > 0) this.isClosed = kinds.at(-1) === "closed";
    return "block";
  }
}

/** Numbers of nodes below this must have been told before the record. */
function nodesNeeded(reader: RecordReader): number {
  if (reader.kind === "node") return reader.nodeNumber;
  if (reader.kind === "voided") return reader.nodeNumber + 1;
  if (reader.kind !== "added" && reader.kind !== "changed") return 0;
  let needed = 0;
  for (let i = 0; i < reader.listLength; i++) {
    needed = Math.max(needed, Math.floor((reader.list[i] as number) / 2) + 1);
  }
  return needed;
}
