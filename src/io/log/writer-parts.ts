/**
 * What the writer of the log is made with, and what it tells.
 *
 * Apart from it so that the writer's own file has room for what it does.
 */
import type { Journal } from "../../journal/journal.ts";
import type { Logger } from "../logger.ts";
import type { LogFolder, SegmentSize } from "./log-folder.ts";
import type { HeadingPlace, SegmentHeading } from "./segment-heading.ts";
import type { WriterSettings } from "./sync-policy.ts";

/** Kinds of waiting that the latency monitor knows. */
export type LogDelay = "aof-write" | "aof-write-pending-fsync" | "aof-fsync-always";

/** What a log is written with. */
export interface WriterParts {
  readonly folder: LogFolder;
  readonly journal: Pick<
    Journal,
    | "take"
    | "close"
    | "changes"
    | "isIdle"
    | "workAtMs"
    | "segmentBegun"
    | "beginRewrite"
    | "isRewriting"
    | "syncedTo"
  >;
  /** Makes the header of a segment, with a mark of its own. */
  readonly header: (place: HeadingPlace) => SegmentHeading;
  readonly settings: () => WriterSettings;
  readonly clock: { readonly nowMs: number };
  /** Monotonic µs, read now. */
  readonly elapsedMicros: () => number;
  readonly log: Pick<Logger, "warning" | "notice">;
  readonly events: WriterEvents;
  /** Segments that count already, and the highest number in the folder. */
  readonly before: readonly SegmentSize[];
  readonly lastNumber: number;
  readonly segmentBytes?: number | undefined;
  /** Of zeros written ahead of blocks at a time, where there are any. */
  readonly roomBytes?: number | undefined;
}

/** What the writer tells. */
export interface WriterEvents {
  /** Something has ended on the disk: finish a turn. */
  touch(): void;
  measured(delay: LogDelay, ms: number): void;
  /** The manifest names the pass's first segment. */
  rewritten(firstSegment: number): void;
}
