/**
 * Writing and syncing the log at once, for an import: never beside a sync in the background.
 *
 * Clients who ask meanwhile cause turns, and turns begin syncs. Of two syncs of one file only one is told of
 * a failure: a file would be noted as imported whose jobs are not on the disk. Without a limit, as nobody
 * is served before it has ended.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeLog } from "./node-log.ts";

const LOOK_MS = 5;

/** Writes what has happened. Rejects with the system's error. */
export async function writeAlone(log: NodeLog): Promise<void> {
  await quiet(log);
  log.writeNow();
}

/** Resolves when all that was written is on the disk. Rejects with the system's error. */
export async function syncAlone(log: NodeLog): Promise<void> {
  await quiet(log);
  log.syncNow();
  // If one has failed in the background, turns write everything anew.
  while (!log.isDurable) {
    log.parts.touch();
    await sleep(LOOK_MS);
  }
}

async function quiet(log: NodeLog): Promise<void> {
  while (log.isSyncing) await sleep(LOOK_MS);
}
