/**
 * Segments and blocks: how the log lies in its files. All numbers have their highest byte first.
 *
 *   segment  = header, then blocks to the end of the file; behind them zeros where p is 2, at most 256 KB
 *
 *   header   0       8    10   12        32          40        44        52       68   69
 *            +-------+----+----+---------+-----------+---------+---------+--------+----+----+
 *            | magic | v  | h  | node id |incarnation| segment | created | boot id| p  | 0  |
 *            | 8     | u16| u16| 20      | f64       | u32     | f64     | 16     | u8 | 3  |
 *            +-------+----+----+---------+-----------+---------+---------+--------+----+----+
 *            72     76       80              88    92
 *            +------+--------+---------------+-----+
 *            | mark | before | synced        | crc |
 *            | u32  | u32    | u32 s, u32 b  | u32 |
 *            +------+--------+---------------+-----+
 *
 *   block    0      4     8        12              20
 *            +------+-----+--------+---------------+---------------------
 *            | mark | crc | length | synced        | payload: records
 *            | u32  | u32 | u32    | u32 s, u32 b  | length bytes
 *            +------+-----+--------+---------------+---------------------
 *
 *   v        format version             h     bytes of the header
 *   created  wall clock, ms             p     policy of fsync: 0 no, 1 everysec, 2 always
 *   before   bytes of the segment before this one, 0: not known
 *   crc      of a header: all before it; of a block: all behind it
 *   synced   everything before byte b of segment s was on the disk when this was written; in an empty block at the
 *            end s is the next segment: that it must be there
 *
 * The mark is a random word of the segment. Bytes of a job's body, which clients choose, cannot be taken
 * for a block, and neither can what another segment left on the disk: so whoever looks for blocks
 * behind a damage finds real ones only.
 */
import type { Crc32 } from "../cluster/wire/frame-format.ts";
import { LogError } from "./log-error.ts";
import type { LogPosition } from "./log-position.ts";

/** Version of the segments this code writes; it reads no other. */
export const LOG_FORMAT_VERSION = 1;
/** What every segment begins with. */
export const SEGMENT_MAGIC = Buffer.from("RINGQLOG", "latin1");
/** Bytes of a segment's header. */
export const SEGMENT_HEADER_BYTES = 92;
/** Bytes in front of a block's payload. */
export const BLOCK_HEADER_BYTES = 20;
/** The checksum of a block covers it from here on. */
export const BLOCK_CRC_FROM = 8;
/** A block that holds something takes no record that would make it longer than this. */
export const BLOCK_BYTES = 256 * 1024;

/** Zeros that are written ahead of the blocks at a time, in segments that have room. */
export const ROOM_BYTES = 128 * 1024;
/** Zeros behind the last block that are room and no sign of a crash. */
export const ROOM_BYTES_MAX = 2 * ROOM_BYTES;

const VERSION_AT = 8;
const HEADER_BYTES_AT = 10;
const NODE_ID_AT = 12;
const INCARNATION_AT = 32;
const SEGMENT_AT = 40;
const CREATED_AT = 44;
const BOOT_ID_AT = 52;
const POLICY_AT = 68;
/** Where a header has the mark. */
export const MARK_AT = 72;
const BEFORE_AT = 76;
const HEADER_SYNCED_AT = 80;
const CRC_AT = 88;
const NODE_ID_BYTES = 20;
const BOOT_ID_BYTES = 16;
const BLOCK_CRC_AT = 4;
const LENGTH_AT = 8;
const SYNCED_AT = 12;
/** A position further inside a segment is told as this one: too little is known then, and never too much. */
const U32_MAX = 0xffff_ffff;
/** Of a longer segment the header of the next one cannot tell the bytes. */
export const BEFORE_BYTES_MAX = U32_MAX;

/** When a segment is forced to the disk; in the order of their codes. */
const POLICIES = ["no", "everysec", "always"] as const;
/** When a segment is forced to the disk (`appendfsync`). */
export type FsyncPolicy = (typeof POLICIES)[number];

/** Whether a segment of this policy may end in zeros (io/log/segment-file.ts). */
export function hasRoom(policy: FsyncPolicy): boolean {
  return policy === "always";
}

/** What a segment says of itself. */
export interface SegmentHeader {
  /** 40 lower-case hex digits. */
  readonly nodeId: string;
  readonly incarnation: number;
  /** Segments of a log are numbered without gaps, from 1. */
  readonly segment: number;
  /** Wall clock, ms. */
  readonly createdWallMs: number;
  /** 32 lower-case hex digits that tell one run of the machine from the next; all 0: not known. */
  readonly bootId: string;
  readonly policy: FsyncPolicy;
  /** Random 32 bits, unsigned and not 0: what the blocks of this segment begin with. */
  readonly mark: number;
  /** Bytes of the segment before this one, when this one was begun; 0: not known, or there is none. */
  readonly bytesBefore: number;
  /** Everything before was on the disk when it was begun. */
  readonly synced: LogPosition;
}

/** A block that is whole and intact: its payload is buffer[payloadStart, end). */
export interface Block {
  readonly payloadStart: number;
  readonly end: number;
  /** Everything before was on the disk when it was written. */
  readonly synced: LogPosition;
}

/** What the header of a block says. */
export interface BlockHeader {
  /** Bytes of the block, its header included. */
  readonly bytes: number;
  readonly crc: number;
  readonly synced: LogPosition;
}

/** The header as bytes. */
export function writeSegmentHeader(crc32: Crc32, header: SegmentHeader): Buffer {
  const buffer = Buffer.alloc(SEGMENT_HEADER_BYTES);
  SEGMENT_MAGIC.copy(buffer);
  buffer.writeUInt16BE(LOG_FORMAT_VERSION, VERSION_AT);
  buffer.writeUInt16BE(SEGMENT_HEADER_BYTES, HEADER_BYTES_AT);
  buffer.write(header.nodeId, NODE_ID_AT, NODE_ID_BYTES, "hex");
  buffer.writeDoubleBE(header.incarnation, INCARNATION_AT);
  buffer.writeUInt32BE(header.segment, SEGMENT_AT);
  buffer.writeDoubleBE(header.createdWallMs, CREATED_AT);
  buffer.write(header.bootId, BOOT_ID_AT, BOOT_ID_BYTES, "hex");
  buffer[POLICY_AT] = POLICIES.indexOf(header.policy);
  buffer.writeUInt32BE(header.mark, MARK_AT);
  buffer.writeUInt32BE(header.bytesBefore > BEFORE_BYTES_MAX ? 0 : header.bytesBefore, BEFORE_AT);
  writePosition(buffer, header.synced, HEADER_SYNCED_AT);
  buffer.writeUInt32BE(crc32(buffer.subarray(0, CRC_AT)), CRC_AT);
  return buffer;
}

/** Reads the header with which `buffer` begins. Throws a LogError when there is none of ours. */
export function readSegmentHeader(crc32: Crc32, buffer: Buffer): SegmentHeader {
  if (buffer.length < HEADER_BYTES_AT || buffer.compare(SEGMENT_MAGIC, 0, 8, 0, 8) !== 0) {
    throw new LogError("this is no segment of a log");
  }
  const version = buffer.readUInt16BE(VERSION_AT);
  if (version !== LOG_FORMAT_VERSION) {
    throw new LogError(
      `the segment has format version ${version}, this server reads version ${LOG_FORMAT_VERSION}`,
    );
  }
  if (buffer.length < SEGMENT_HEADER_BYTES) throw new LogError("the segment's header is cut off");
  const policy = POLICIES[buffer[POLICY_AT] as number];
  const mark = buffer.readUInt32BE(MARK_AT);
  const isWhole =
    buffer.readUInt16BE(HEADER_BYTES_AT) === SEGMENT_HEADER_BYTES &&
    crc32(buffer.subarray(0, CRC_AT)) === buffer.readUInt32BE(CRC_AT);
  if (!isWhole || policy === undefined || mark === 0) {
    throw new LogError("the segment's header is damaged");
  }
  return {
    nodeId: buffer.toString("hex", NODE_ID_AT, NODE_ID_AT + NODE_ID_BYTES),
    incarnation: buffer.readDoubleBE(INCARNATION_AT),
    segment: buffer.readUInt32BE(SEGMENT_AT),
    createdWallMs: buffer.readDoubleBE(CREATED_AT),
    bootId: buffer.toString("hex", BOOT_ID_AT, BOOT_ID_AT + BOOT_ID_BYTES),
    policy,
    mark,
    bytesBefore: buffer.readUInt32BE(BEFORE_AT),
    synced: readPosition(buffer, HEADER_SYNCED_AT),
  };
}

/**
 * Whether this is the beginning of a header that never reached the disk as a whole: it ends in nothing. One
 * that was there and has been damaged does not, or once in 256 times.
 */
export function isHeaderUnwritten(buffer: Buffer): boolean {
  return buffer.length < SEGMENT_HEADER_BYTES || buffer[SEGMENT_HEADER_BYTES - 1] === 0;
}

/** Whether this may be the beginning of a header of ours, however short it is; what else is there is foreign. */
export function isHeaderBegun(buffer: Buffer): boolean {
  const start = buffer.subarray(0, SEGMENT_MAGIC.length);
  return start.equals(SEGMENT_MAGIC.subarray(0, start.length));
}

/** Writes the header of a block into the room left for it in front of its payload. */
export function finishBlock(crc32: Crc32, mark: number, synced: LogPosition, block: Buffer): void {
  block.writeUInt32BE(mark, 0);
  block.writeUInt32BE(block.length - BLOCK_HEADER_BYTES, LENGTH_AT);
  writePosition(block, synced, SYNCED_AT);
  block.writeUInt32BE(crc32(block.subarray(LENGTH_AT)), BLOCK_CRC_AT);
}

/** Reads the header of a block of this segment at buffer[at]; undefined: there is none. */
export function blockHeaderAt(mark: number, buffer: Buffer, at: number): BlockHeader | undefined {
  if (buffer.length - at < BLOCK_HEADER_BYTES || buffer.readUInt32BE(at) !== mark) return undefined;
  return {
    bytes: BLOCK_HEADER_BYTES + buffer.readUInt32BE(at + LENGTH_AT),
    crc: buffer.readUInt32BE(at + BLOCK_CRC_AT),
    synced: readPosition(buffer, at + SYNCED_AT),
  };
}

/** The block of this segment that begins at buffer[at]; undefined: none that is whole and intact. */
export function blockAt(crc32: Crc32, mark: number, buffer: Buffer, at: number): Block | undefined {
  const header = blockHeaderAt(mark, buffer, at);
  if (header === undefined || at + header.bytes > buffer.length) return undefined;
  const end = at + header.bytes;
  if (crc32(buffer.subarray(at + BLOCK_CRC_FROM, end)) !== header.crc) return undefined;
  return { payloadStart: at + BLOCK_HEADER_BYTES, end, synced: header.synced };
}

function writePosition(buffer: Buffer, { segment, bytes }: LogPosition, at: number): void {
  buffer.writeUInt32BE(segment, at);
  buffer.writeUInt32BE(Math.min(bytes, U32_MAX), at + 4);
}

function readPosition(buffer: Buffer, at: number): LogPosition {
  return { segment: buffer.readUInt32BE(at), bytes: buffer.readUInt32BE(at + 4) };
}
