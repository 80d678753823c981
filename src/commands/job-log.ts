/**
 * The log on disk as commands see it: what it refuses, how it is doing, and what can be asked of it.
 *
 * What it is and how it works is the business of io/log. A server without one has `noLog`.
 */
import type { LogFigures } from "../info/log-figures.ts";

/** What can be asked of the log. */
export interface JobLog {
  /** Why jobs cannot be changed now: the reason in the system's words; "": they can. */
  readonly refusal: string;
  /** It is being loaded; almost nothing is answered meanwhile. */
  readonly isLoading: boolean;
  figures(): LogFigures;
  /** Begins to rewrite it, also one that is off. False: that is being done already. */
  rewrite(): boolean;
  /** Rewrites it, also one that is off, and waits for the disk. The error's text when that failed. */
  rewriteNow(): string | undefined;
}

const nothing: LogFigures = {
  loading: undefined,
  state: "off",
  isRewriting: false,
  isRewriteScheduled: false,
  lastRewriteSeconds: -1,
  currentRewriteSeconds: -1,
  hasRewriteFailed: false,
  writeError: "",
  bytes: 0,
  baseBytes: 0,
  bufferBytes: 0,
  isSyncing: false,
  delayedSyncs: 0,
};

/** Of a server that has no disk: jobs live in memory only. */
export const noLog: JobLog = {
  refusal: "",
  isLoading: false,
  figures: () => nothing,
  rewrite: () => true,
  rewriteNow: () => undefined,
};
