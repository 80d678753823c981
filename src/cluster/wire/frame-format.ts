/**
 * Frames: what travels between two nodes. All numbers have their highest byte first.
 *
 *     0       4       8   9   10        16          22        24
 *     +-------+-------+---+---+---------+-----------+---------+---------------------------
 *     | crc   | length| v | t | sequence| confirmed | records | payload
 *     | u32   | u32   | u8| u8| u48     | u48       | u16     |
 *     +-------+-------+---+---+---------+-----------+---------+---------------------------
 *             |       |<------------------ length bytes ------------------------------->|
 *             |<----------------------- what the CRC-32 covers ------------------------>|
 *
 *     v          protocol version; neighbours understand each other
 *     t          what the payload is, see FrameType
 *     sequence   number of the first control record in this frame, or of the next to come
 *     confirmed  the sender has everything up to this one of our control records; 0: none
 *     records    how many there are in the payload
 *
 *     t = opening         varint: the id of the sender's stream; the first frame of every link
 *     t = records         records in the order in which they were sent, as codec.ts draws them
 *     t = urgentRecords   the same, but sent ahead of all others and without a sequence
 *     t = piece           a part of one record too large for a frame; more of it follows
 *     t = lastPiece       its end. Urgent frames may come between the pieces, others may not
 *
 * A frame of records ends once it holds 64 KB; a larger record travels in pieces of 64 KB. So no
 * frame is longer than 128 KB, although the length would allow more, and no more than that is ever
 * waited for by an urgent record.
 * Control and bulk share one order: a copy of a job sent before its cancellation must not arrive
 * after it.
 */
import { WireError } from "./wire-error.ts";

/** The CRC-32 of IEEE 802.3 over `bytes`, continuing `value`. */
export type Crc32 = (bytes: Uint8Array, value?: number) => number;

/** Version of frames and messages. Nodes one version apart must understand each other. */
export const PROTOCOL_VERSION = 3;

/** Bytes in front of the payload. */
export const HEADER_BYTES = 24;
/** The part of the header that its length does not count. */
const UNCOUNTED_BYTES = 8;
/** A frame takes no further record beyond this size; a larger record is sent in pieces of it. */
export const CHUNK_BYTES = 64 * 1024;
/** No record is smaller: a code and a length. */
export const RECORD_BYTES_MIN = 2;
/**
 * The largest record a reader takes unless told otherwise: packed jobs (PACKED_BYTES_MAX of
 * job-messages.ts), which is a job of 512 MB with a long queue name, and what goes with it.
 */
export const RECORD_BYTES_MAX = 601 * 1024 * 1024;

/** What the payload of a frame is. */
export type FrameType = "opening" | "records" | "urgentRecords" | "piece" | "lastPiece";
const TYPES: readonly FrameType[] = ["opening", "records", "urgentRecords", "piece", "lastPiece"];

/** A frame's header without its checksum. */
export interface FrameHeader {
  readonly type: FrameType;
  readonly payloadBytes: number;
  readonly sequence: number;
  readonly confirmed: number;
  readonly records: number;
}

/**
 * Writes a header to `buffer[0, 24)`, without its checksum; `finishChecksum` must follow.
 * @param version other than ours in tests only
 */
export function writeHeader(buffer: Buffer, header: FrameHeader, version = PROTOCOL_VERSION): void {
  buffer.writeUInt32BE(HEADER_BYTES - UNCOUNTED_BYTES + header.payloadBytes, 4);
  buffer[8] = version;
  buffer[9] = TYPES.indexOf(header.type);
  buffer.writeUIntBE(header.sequence, 10, 6);
  buffer.writeUIntBE(header.confirmed, 16, 6);
  buffer.writeUInt16BE(header.records, 22);
}

/** Writes the checksum of `front`, which begins with a header, and of what follows elsewhere, if any. */
export function finishChecksum(crc32: Crc32, front: Buffer, rest?: Buffer): void {
  const sum = crc32(front.subarray(4));
  front.writeUInt32BE(rest === undefined ? sum : crc32(rest, sum), 0);
}

/**
 * Reads the header at `buffer[at]`. Throws a WireError when it is not one of ours or the payload is
 * to be longer than `payloadBytesMax`.
 */
export function readHeader(buffer: Buffer, at: number, payloadBytesMax: number): FrameHeader {
  const version = buffer[at + 8] as number;
  if (Math.abs(version - PROTOCOL_VERSION) > 1) {
    throw new WireError(
      `bus protocol version ${version} does not go with ours, ${PROTOCOL_VERSION}`,
    );
  }
  const type = TYPES[buffer[at + 9] as number];
  if (type === undefined) throw new WireError(`no frame has type ${buffer[at + 9]}`);
  const payloadBytes = buffer.readUInt32BE(at + 4) - (HEADER_BYTES - UNCOUNTED_BYTES);
  if (payloadBytes < 0 || payloadBytes > payloadBytesMax) {
    throw new WireError(`frame with ${payloadBytes} bytes, allowed are ${payloadBytesMax}`);
  }
  const records = buffer.readUInt16BE(at + 22);
  if (records * RECORD_BYTES_MIN > payloadBytes) {
    throw new WireError(`${records} records in ${payloadBytes} bytes`);
  }
  const sequence = buffer.readUIntBE(at + 10, 6);
  return { type, payloadBytes, sequence, confirmed: buffer.readUIntBE(at + 16, 6), records };
}

/** Whether the checksum of the frame `buffer[start, end)` is right. */
export function isIntact(crc32: Crc32, buffer: Buffer, start: number, end: number): boolean {
  return crc32(buffer.subarray(start + 4, end)) === buffer.readUInt32BE(start);
}
