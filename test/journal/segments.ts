/**
 * Segments of our log with simple records, put together block by block, and the ways in which they break.
 *
 * What the records say does not matter here; a list of holders names nodes by number, so that it matters
 * which blocks are lost.
 */
import { crc32 } from "node:zlib";
import { PackedWriter } from "../../src/cluster/jobs/packing/packed-writer.ts";
import {
  BLOCK_HEADER_BYTES,
  finishBlock,
  type SegmentHeader,
  writeSegmentHeader,
} from "../../src/journal/log-format.ts";
import { LOG_BEGIN } from "../../src/journal/log-position.ts";
import { CHANGED_TYPE, RecordType } from "../../src/journal/record-types.ts";

const MARK = 0xfeedbeef;

/** A header; segments of one log differ in number and mark. */
export function segmentHeader(segment = 1): SegmentHeader {
  return {
    nodeId: "0123456789abcdef0123456789abcdef01234567",
    incarnation: 3,
    segment,
    createdWallMs: 1_767_225_600_000,
    bootId: "abcdef".padEnd(32, "1"),
    policy: "always",
    mark: MARK + segment,
    bytesBefore: 0,
    synced: LOG_BEGIN,
  };
}

/** What a block holds: "gone", "closed", "node N" (N is told), "list N" (a job that N holds). */
export type Content = "gone" | "closed" | `node ${number}` | `list ${number}`;

/** A block with these records. */
export function block(header: SegmentHeader, ...contents: Content[]): Buffer {
  const writer = new PackedWriter();
  writer.length = BLOCK_HEADER_BYTES;
  for (const content of contents) writeRecord(writer, content);
  const bytes = Buffer.from(writer.take());
  finishBlock(crc32, header.mark, LOG_BEGIN, bytes);
  return bytes;
}

/** A whole segment, and where each block begins. */
export function segment(
  header: SegmentHeader,
  ...blocks: readonly Content[][]
): { bytes: Buffer; starts: number[] } {
  const pieces = [writeSegmentHeader(crc32, header)];
  const starts: number[] = [];
  for (const contents of blocks) {
    starts.push(pieces.reduce((sum, piece) => sum + piece.length, 0));
    pieces.push(block(header, ...contents));
  }
  return { bytes: Buffer.concat(pieces), starts };
}

/** A copy with one bit flipped. */
export function flipped(bytes: Buffer, at: number, bit = 0): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ (1 << bit);
  return copy;
}

function writeRecord(writer: PackedWriter, content: Content): void {
  const number = Number(content.split(" ")[1] ?? 0);
  writer.ensure(100);
  if (content === "closed") {
    writer.byte(RecordType.closed);
  } else if (content === "gone") {
    writer.byte(RecordType.gone);
    writer.bytes(Buffer.alloc(24, 7));
  } else if (content.startsWith("node")) {
    writer.byte(RecordType.node);
    writer.varint(number);
    writer.bytes(Buffer.alloc(20, number));
  } else {
    writer.byte(CHANGED_TYPE + 1);
    writer.bytes(Buffer.alloc(24, 9));
    writer.byte(0);
    writer.byte(0);
    writer.varint(2);
    writer.varint(0);
    writer.varint(number * 2);
  }
}
