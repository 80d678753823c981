/**
 * What INFO tells of the log on disk.
 *
 * Filled by whoever writes the log (io/log), so that this folder knows no files.
 */

/** A log that is being loaded. */
export interface LogLoading {
  readonly startedWallMs: number;
  readonly totalBytes: number;
  readonly loadedBytes: number;
}

/** The log at one moment. Times are seconds, -1: never or none. */
export interface LogFigures {
  /** Set while a log is loaded at start. */
  readonly loading: LogLoading | undefined;
  /** wait-rewrite: it was switched on, and what is in memory is being written to it. */
  readonly state: "off" | "on" | "wait-rewrite";
  readonly isRewriting: boolean;
  /** A rewrite is to begin with the next turn. */
  readonly isRewriteScheduled: boolean;
  readonly lastRewriteSeconds: number;
  readonly currentRewriteSeconds: number;
  readonly hasRewriteFailed: boolean;
  /** Why nothing can be written, in the system's words; "" when all is well. */
  readonly writeError: string;
  readonly bytes: number;
  /** Its size after the last rewrite or at the start. */
  readonly baseBytes: number;
  /** Bytes that wait to be written. */
  readonly bufferBytes: number;
  readonly isSyncing: boolean;
  /** Times that writing had to wait for the disk. */
  readonly delayedSyncs: number;
}
