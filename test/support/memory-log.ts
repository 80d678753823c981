/**
 * A log on a perfect disk: the real journal and the real replay, with an array between them.
 *
 * What was taken from the journal is there for ever and whole, unless its end is torn off on purpose; what
 * was not is lost with its process.
 * Files, damage and disks that are full or slow are tested where they are met (test/io/log).
 */
import { crc32 } from "node:zlib";
import type { Broker } from "../../src/core/broker.ts";
import type { Host } from "../../src/core/host.ts";
import { Journal } from "../../src/journal/journal.ts";
import { BLOCK_HEADER_BYTES, type SegmentHeader } from "../../src/journal/log-format.ts";
import type { LogNodes } from "../../src/journal/log-nodes.ts";
import { LOG_BEGIN } from "../../src/journal/log-position.ts";
import { Replay } from "../../src/journal/replay.ts";

const BOOT_ID_DIGITS = 32;

interface Segment {
  readonly header: SegmentHeader;
  readonly blocks: Buffer[];
}

/** A process that keeps the log. */
export interface LoggingProcess {
  readonly broker: Broker;
  /** Its clocks; the wall clock must be right. */
  readonly host: Host;
  readonly nodes: LogNodes;
}

/** The log of one node, whose processes come one after the other. */
export class MemoryLog {
  readonly #segments: Segment[] = [];
  #journal: Journal | undefined;
  #boots = 1;

  /** There is something to be loaded. */
  get isUsed(): boolean {
    return this.#segments.length > 0;
  }

  /** A new process, with an empty broker: loads all that there is, and keeps the log from now on. */
  begin({ broker, host, nodes }: LoggingProcess): void {
    const journal = new Journal({ broker, host, nodes, crc32 });
    if (this.isUsed) {
      const replay = new Replay({ broker, host, nodes });
      for (const { header, blocks } of this.#segments) {
        replay.segment(header);
        for (const block of blocks) replay.block(block.subarray(BLOCK_HEADER_BYTES));
      }
      journal.adopt(replay.finish(this.#bootId).differing);
    }
    const segment = this.#segments.length + 1;
    const about = { nodeId: broker.nodeId, incarnation: segment, createdWallMs: host.wallMs };
    const place = { segment, mark: segment, bytesBefore: 0, synced: LOG_BEGIN };
    const header = { ...about, ...place, bootId: this.#bootId, policy: "everysec" } as const;
    this.#segments.push({ header, blocks: [] });
    journal.segmentBegun(header.mark);
    broker.journal = journal;
    this.#journal = journal;
  }

  /** The machine fails, and the last blocks were not on its disk; those of earlier processes were. */
  tear(blocks: number): void {
    this.#segments.at(-1)?.blocks.splice(-blocks);
    this.#boots++;
  }

  get #bootId(): string {
    return this.#boots.toString(16).padStart(BOOT_ID_DIGITS, "0");
  }

  /** The end of a turn. */
  persist(): void {
    const blocks = this.#segments.at(-1)?.blocks;
    for (const block of this.#journal?.take() ?? []) blocks?.push(Buffer.from(block));
  }
}
