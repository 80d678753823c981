/**
 * What INFO tells of a node's log, gathered for one reading.
 *
 * How it is shown, and what of it when, stands in info/fields-log.ts.
 */
import type { LogFigures } from "../../info/log-figures.ts";
import type { LogGrowth } from "./log-growth.ts";
import type { LogWriter } from "./log-writer.ts";

/** Where a log is on its way to be on; `goingOn`: nothing can be written yet. */
export interface LogBeginning {
  readonly state: LogFigures["state"];
  readonly goingOn: { readonly trouble: string } | undefined;
}

/** Of a log that is on its way in, or written, or off. */
export function logFigures(
  log: { readonly loading: LogFigures["loading"]; readonly growth: LogGrowth },
  { state, goingOn }: LogBeginning,
  writer: LogWriter | undefined,
  clock: { readonly nowMs: number },
): LogFigures {
  const { growth, loading } = log;
  const writeError = writer?.trouble.reason ?? goingOn?.trouble ?? "";
  const isRewriting = writer?.pass.isUnderWay === true || goingOn !== undefined;
  return {
    loading,
    state,
    isRewriting,
    isRewriteScheduled: writer?.pass.state === "wanted" || goingOn !== undefined,
    lastRewriteSeconds: growth.lastPassSeconds,
    currentRewriteSeconds: isRewriting ? growth.passSeconds(clock.nowMs) : -1,
    hasRewriteFailed: isRewriting && writeError !== "",
    writeError,
    bytes: writer?.chain.bytes ?? 0,
    baseBytes: growth.baseBytes,
    bufferBytes: writer?.unwritten.bytes ?? 0,
    isSyncing: writer?.sync.isUnderWay ?? false,
    delayedSyncs: writer?.postponement.count ?? 0,
  };
}
