/**
 * The header of a new segment: whose log it is, since when, and on which run of which machine.
 *
 * The journal knows how a header looks (journal/log-format.ts), the node what stands in it.
 */
import { crc32 } from "node:zlib";
import type { Broker } from "../../core/broker.ts";
import type { Host } from "../../core/host.ts";
import { type FsyncPolicy, writeSegmentHeader } from "../../journal/log-format.ts";
import type { LogPosition } from "../../journal/log-position.ts";

/** What a header tells. */
export interface HeadingParts {
  readonly broker: Broker;
  readonly host: Host;
  readonly settings: { readonly appendfsync: FsyncPolicy };
  /** The incarnation in which the memory began that is logged. */
  readonly incarnation: () => number;
  /** Of this run of the machine. */
  readonly bootId: string;
  /**
   * Why there must be no other header; "": nothing speaks against it. The lock of the folder can be lost at
   * any time, and the nodes file comes first, which says whose log this is.
   */
  readonly obstacle: () => string;
}

/** A header as bytes, and the mark that the blocks behind it begin with. */
export interface SegmentHeading {
  readonly bytes: Buffer;
  readonly mark: number;
  /** What is promised of the segment. */
  readonly policy: FsyncPolicy;
}

/** Where a segment is begun. */
export interface HeadingPlace {
  readonly segment: number;
  /** Of the segment before; 0: there is none. */
  readonly bytesBefore: number;
  /** Everything before is on the disk. */
  readonly synced: LogPosition;
}

/** The headers of one log, of which the last one holds for the segment at hand. */
export class Headings {
  readonly #parts: HeadingParts;
  #nodeId = "";
  #incarnation = 0;

  constructor(parts: HeadingParts) {
    this.#parts = parts;
  }

  /** The last one is that of another node or of another memory. */
  get isOutdated(): boolean {
    const { broker, incarnation } = this.#parts;
    return this.#nodeId !== broker.nodeId || this.#incarnation !== incarnation();
  }

  /** Why there must be no other one; "": nothing speaks against it. */
  get obstacle(): string {
    return this.#parts.obstacle();
  }

  /** Makes the next one. Throws an Error that says why there must be none. */
  next(place: HeadingPlace): SegmentHeading {
    if (this.obstacle !== "") throw new Error(this.obstacle);
    const { broker, incarnation } = this.#parts;
    this.#nodeId = broker.nodeId;
    this.#incarnation = incarnation();
    return segmentHeading(this.#parts, place);
  }
}

/** The header of a segment, with a mark of its own. */
function segmentHeading(parts: HeadingParts, place: HeadingPlace): SegmentHeading {
  const { broker, host, incarnation, bootId, settings } = parts;
  const mark = host.randomWord() || 1;
  const policy = settings.appendfsync;
  const bytes = writeSegmentHeader(crc32, {
    nodeId: broker.nodeId,
    incarnation: incarnation(),
    ...place,
    createdWallMs: host.wallMs,
    bootId,
    policy,
    mark,
  });
  return { bytes, mark, policy };
}
