/**
 * A segment made anew from what is whole of a damaged one.
 *
 * All whole blocks stay as they are and where they were in the order. Two things are added where blocks are
 * lost. Numbers of nodes that were told in a lost block are told anew, as nobody's: those nodes are
 * missing in the lists of holders then, which makes more copies at worst. And the last segment says that the
 * machine may have stopped without saving all: so nobody believes this node to remember everything, other
 * nodes make new copies of what they had here, and no job with RETRY 0 is queued again that may have
 * been delivered as told in a block that is lost.
 */

import { PackedWriter } from "../cluster/jobs/packing/packed-writer.ts";
import type { Crc32 } from "../cluster/wire/frame-format.ts";
import type { ByteSource } from "./byte-window.ts";
import {
  BLOCK_HEADER_BYTES,
  finishBlock,
  type SegmentHeader,
  writeSegmentHeader,
} from "./log-format.ts";
import { LOG_BEGIN } from "./log-position.ts";
import { RecordType } from "./record-types.ts";
import { SegmentBytes } from "./segment-bytes.ts";
import { SegmentWalk } from "./segment-walk.ts";

const UNKNOWN_BOOT_ID = "0".repeat(32);
const NODE_ID_BYTES = 20;
/** Type, number and id of a node. */
const NODE_RECORD_BYTES_MAX = 1 + 8 + NODE_ID_BYTES;

/** What is to be made of it. */
export interface SegmentRepair {
  /** With the mark of the blocks. */
  readonly header: SegmentHeader;
  /** It is the last segment of a log in which something else than its end is lost. */
  readonly isDoubtful: boolean;
}

/** The pieces of the new segment, in order, each valid until the next one is asked for. */
export function* repairSegment(
  crc32: Crc32,
  source: ByteSource,
  repair: SegmentRepair,
): Generator<Buffer> {
  const { isDoubtful } = repair;
  // The segment before may have become shorter.
  const header = { ...repair.header, bytesBefore: 0 };
  const { mark } = header;
  const doubt = { bootId: UNKNOWN_BOOT_ID, policy: "no" } as const;
  yield writeSegmentHeader(crc32, isDoubtful ? { ...header, ...doubt } : header);
  const bytes = new SegmentBytes(crc32, source);
  bytes.mark = mark;
  const walk = new SegmentWalk(bytes);
  for (let step = walk.next(); step !== "end"; step = walk.next()) {
    if (step !== "block") continue;
    const { untoldFrom, untoldBefore } = walk;
    if (untoldBefore > untoldFrom) {
      yield block(crc32, mark, (writer) => tellNobody(writer, untoldFrom, untoldBefore));
    }
    yield* bytes.pieces(walk.offset, walk.end);
  }
  // Behind it a mark that the node was stopped in good order does not count.
  if (isDoubtful) yield block(crc32, mark, (writer) => writer.byte(RecordType.rewriteEnded));
}

function tellNobody(writer: PackedWriter, from: number, before: number): void {
  for (let number = from; number < before; number++) {
    writer.ensure(NODE_RECORD_BYTES_MAX);
    writer.byte(RecordType.node);
    writer.varint(number);
    writer.bytes(Buffer.alloc(NODE_ID_BYTES));
  }
}

function block(crc32: Crc32, mark: number, fill: (writer: PackedWriter) => void): Buffer {
  const writer = new PackedWriter();
  writer.length = BLOCK_HEADER_BYTES;
  fill(writer);
  const bytes = writer.take();
  // What is lost may have been safe: nobody shall conclude anything from where it was.
  finishBlock(crc32, mark, LOG_BEGIN, bytes);
  return bytes;
}
