/**
 * Closes the log at the end of the process, when its last background sync has ended.
 *
 * Of two syncs of one file only one is told of a failure. If the log were closed while one is under way,
 * the closing one could say that all is well, and clients would be told so. Does not wait for ever: a log
 * that is closed all the same ends as after a kill, and nothing more is said.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeLog } from "./node-log.ts";
import { SLOW_SYNC_MS } from "./sync-policy.ts";

const LOOK_MS = 5;

/** Waits until `endMs` (monotonic), or for the time of a slow sync if that is longer. */
export async function closeLog(log: NodeLog | undefined, endMs: number): Promise<void> {
  const untilMs = Math.max(endMs, performance.now() + SLOW_SYNC_MS);
  while (log?.isSyncing && performance.now() < untilMs) await sleep(LOOK_MS);
  log?.close();
}
