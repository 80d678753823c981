/**
 * A segment of our log as bytes in which blocks can be found, however long it is.
 *
 * Segments are some 64 MB as a rule, but one that got very large jobs, or a copy of everything, is longer, and
 * no buffer may be as long as it. So it is seen through a window, and checksums are computed piece by
 * piece: only the records of a single block are ever in memory as a whole.
 */
import type { Crc32 } from "../cluster/wire/frame-format.ts";
import { type ByteSource, ByteWindow } from "./byte-window.ts";
import {
  BLOCK_CRC_FROM,
  BLOCK_HEADER_BYTES,
  type Block,
  blockHeaderAt,
  SEGMENT_HEADER_BYTES,
} from "./log-format.ts";

/** Looked at in one piece, unless it is a block's records. */
const PIECE_BYTES = 512 * 1024;
const MARK_BYTES = 4;

/** One segment. */
export class SegmentBytes {
  /** What its blocks begin with; 0: not known, so none is found. */
  mark = 0;
  readonly #crc32: Crc32;
  readonly #window: ByteWindow;

  constructor(crc32: Crc32, source: ByteSource) {
    this.#crc32 = crc32;
    this.#window = new ByteWindow(source);
  }

  get size(): number {
    return this.#window.size;
  }

  /** As much of its header as there is. */
  get head(): Buffer {
    return this.#window.view(0, SEGMENT_HEADER_BYTES);
  }

  /** The block that begins at `at`; undefined: none that is whole and intact. */
  blockAt(at: number): Block | undefined {
    const header = blockHeaderAt(this.mark, this.#window.view(at, BLOCK_HEADER_BYTES), 0);
    if (this.mark === 0 || header === undefined) return undefined;
    const end = at + header.bytes;
    if (end > this.size) return undefined;
    let checksum = 0;
    for (const piece of this.pieces(at + BLOCK_CRC_FROM, end)) {
      checksum = this.#crc32(piece, checksum);
    }
    if (checksum !== header.crc) return undefined;
    return { payloadStart: at + BLOCK_HEADER_BYTES, end, synced: header.synced };
  }

  /** Where the first block behind a damage at `at` begins; -1: there is none. */
  nextBlockBehind(at: number): number {
    const pattern = Buffer.alloc(MARK_BYTES);
    pattern.writeUInt32BE(this.mark);
    let found = this.#window.find(pattern, at + 1);
    while (found >= 0 && this.blockAt(found) === undefined) {
      found = this.#window.find(pattern, found + 1);
    }
    return found;
  }

  /** The records of a block, valid until anything else is asked. */
  payload({ payloadStart, end }: Block): Buffer {
    return this.#window.view(payloadStart, end - payloadStart);
  }

  /** Bytes [from, end) in order, each piece valid until anything else is asked. */
  *pieces(from: number, end: number): Generator<Buffer> {
    for (let at = from; at < end; at += PIECE_BYTES) {
      yield this.#window.view(at, Math.min(PIECE_BYTES, end - at));
    }
  }

  /** Whether bytes [from, end) are nothing but zeros. */
  isZero(from: number, end: number): boolean {
    for (const piece of this.pieces(from, end)) if (piece.some((byte) => byte !== 0)) return false;
    return true;
  }
}
