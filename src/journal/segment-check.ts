/**
 * What is in a segment of our log, and what is wrong with it.
 *
 * A segment is looked at alone: whether a torn end is normal depends on what follows in the log, which the
 * caller knows. Of a segment with a damaged header the mark of its blocks may still be found, and with
 * it all that is whole.
 */
import type { Crc32 } from "../cluster/wire/frame-format.ts";
import type { ByteSource } from "./byte-window.ts";
import { LogError } from "./log-error.ts";
import {
  hasRoom,
  isHeaderBegun,
  isHeaderUnwritten,
  MARK_AT,
  ROOM_BYTES_MAX,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "./log-format.ts";
import type { LogPosition } from "./log-position.ts";
import type { RecordKind } from "./record-types.ts";
import { SegmentBytes } from "./segment-bytes.ts";
import { SegmentWalk } from "./segment-walk.ts";

/** A piece of a segment that is not what it should be: bytes [offset, end). */
export interface SegmentDamage {
  readonly offset: number;
  readonly end: number;
  readonly reason: string;
}

/** What was found. */
export interface SegmentCheck {
  readonly bytes: number;
  /** Undefined when it cannot be read; `damages` says why then. */
  readonly header: SegmentHeader | undefined;
  /** Of its blocks; 0: not known, and none of them found. */
  readonly mark: number;
  /** Everything before was on the disk, as its blocks tell. */
  readonly synced: LogPosition;
  /** Whole blocks, and their records by kind. */
  readonly blocks: number;
  readonly records: ReadonlyMap<RecordKind, number>;
  readonly damages: readonly SegmentDamage[];
  /** No whole block follows from here to the end. */
  readonly torn: SegmentDamage | undefined;
  /** Zeros at the end that were written ahead of blocks. */
  readonly roomBytes: number;
  /** There is at most the beginning of a header, or what looks like one that never reached the disk. */
  readonly isUnwritten: boolean;
  /** The file was made and its header not written. */
  readonly isBlank: boolean;
}

/** Looks through a segment. */
export function checkSegment(crc32: Crc32, source: ByteSource): SegmentCheck {
  const bytes = new SegmentBytes(crc32, source);
  const { size } = bytes;
  const damages: SegmentDamage[] = [];
  let header: SegmentHeader | undefined;
  try {
    header = readSegmentHeader(crc32, bytes.head);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    const end = Math.min(SEGMENT_HEADER_BYTES, size);
    damages.push({ offset: 0, end, reason: error.message });
  }
  const mark = header?.mark ?? findMark(bytes);
  bytes.mark = mark;
  const walk = new SegmentWalk(bytes);
  let blocks = 0;
  let torn: SegmentDamage | undefined;
  let roomBytes = 0;
  for (let step = walk.next(); step !== "end"; step = walk.next()) {
    const { offset, end, reason } = walk;
    if (step === "torn" && walk.isBlank && isRoom(header, end - offset)) roomBytes = end - offset;
    else if (step === "torn") torn = { offset, end, reason };
    else if (step === "damaged") damages.push({ offset, end, reason });
    else {
      blocks++;
      const untold = walk.untoldBefore - walk.untoldFrom;
      if (untold > 0)
        damages.push({ offset, end: offset, reason: `${untold} nodes not told before` });
    }
  }
  const isShort = size <= SEGMENT_HEADER_BYTES && isHeaderBegun(bytes.head);
  const isBlank = header === undefined && blocks === 0 && (isShort || bytes.isZero(0, size));
  return {
    bytes: size,
    header,
    mark,
    synced: walk.synced,
    blocks,
    records: walk.records,
    damages,
    torn,
    roomBytes,
    isUnwritten: header === undefined && isHeaderUnwritten(bytes.head),
    isBlank,
  };
}

function isRoom(header: SegmentHeader | undefined, bytes: number): boolean {
  return header !== undefined && hasRoom(header.policy) && bytes <= ROOM_BYTES_MAX;
}

/** The mark of the blocks behind a header that cannot be read; 0: none is found. */
function findMark(bytes: SegmentBytes): number {
  for (const at of [MARK_AT, SEGMENT_HEADER_BYTES]) {
    if (bytes.size < at + 4) continue;
    for (const word of bytes.pieces(at, at + 4)) bytes.mark = word.readUInt32BE();
    if (bytes.blockAt(SEGMENT_HEADER_BYTES) !== undefined) return bytes.mark;
    if (bytes.mark !== 0 && bytes.nextBlockBehind(SEGMENT_HEADER_BYTES) >= 0) return bytes.mark;
  }
  return 0;
}
