/**
 * Blocks that were taken from the journal and could not be written, in order.
 *
 * The journal has forgotten them, so they are kept until the disk takes them, or until everything alive is
 * written anew. While there are any, nothing else is taken: it is one turn's worth, not more.
 */
import { hasRoom, ROOM_BYTES } from "../../journal/log-format.ts";
import type { LogPosition } from "../../journal/log-position.ts";
import type { SegmentChain } from "./segment-chain.ts";
import type { WriterParts } from "./writer-parts.ts";

type BlockParts = Pick<WriterParts, "header" | "journal" | "roomBytes">;

/** Writes blocks to a chain, and keeps what it refuses. */
export class UnwrittenBlocks {
  readonly #chain: SegmentChain;
  readonly #parts: BlockParts;
  readonly #synced: () => LogPosition;
  #blocks: Buffer[] = [];

  /** @param synced tells where everything before is on the disk */
  constructor(chain: SegmentChain, parts: BlockParts, synced: () => LogPosition) {
    this.#synced = synced;
    this.#chain = chain;
    this.#parts = parts;
  }

  /** What is taken from now on goes to a new segment. Throws the system's error; nothing has changed then. */
  beginSegment(): void {
    const { roomBytes = ROOM_BYTES } = this.#parts;
    let mark = 0;
    this.#chain.begin((segment, bytesBefore) => {
      const { policy, ...heading } = this.#parts.header({
        segment,
        bytesBefore,
        synced: this.#synced(),
      });
      mark = heading.mark;
      return { header: heading.bytes, roomBytes: hasRoom(policy) ? roomBytes : 0, policy };
    });
    this.#parts.journal.segmentBegun(mark);
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  get bytes(): number {
    return this.#blocks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Writes what there is. This and what follows throw the system's error. */
  write(): void {
    while (this.#blocks.length > 0) {
      this.#chain.append(this.#blocks[0] as Buffer);
      this.#blocks.shift();
    }
  }

  /** Writes what there is, and what the journal has: at this time (monotonic ms), or as fast as can be. */
  take(nowMs?: number): void {
    this.write();
    this.#parts.journal.syncedTo(this.#synced());
    this.#append(this.#parts.journal.take(nowMs));
  }

  /** Writes that the node was stopped in good order. */
  close(): void {
    this.#parts.journal.syncedTo(this.#synced());
    this.#append(this.#parts.journal.close());
  }

  /** All that is alive is written anew; what is not alive need not be told. */
  clear(): void {
    this.#blocks = [];
  }

  /** Writes these, which are the journal's only until its next `take`: what cannot be written is copied. */
  #append(blocks: readonly Buffer[]): void {
    for (const [i, block] of blocks.entries()) {
      try {
        this.#chain.append(block);
      } catch (error) {
        this.#blocks = blocks.slice(i).map((unwritten) => Buffer.from(unwritten));
        throw error;
      }
    }
  }
}
