/**
 * A disk whose syncs are timed, for metrics.
 *
 * Around the real one rather than in it, so that whoever writes the log need not know that somebody
 * looks.
 */
import { performance } from "node:perf_hooks";
import type { LogDisk } from "./log-disk.ts";

/** The disk; `note` is told how long each sync of a file took, in microseconds. */
export function timedDisk(disk: LogDisk, note: (micros: number) => void): LogDisk {
  return {
    ...disk,
    sync: (file, done) => {
      const beganMs = performance.now();
      disk.sync(file, (error) => {
        note((performance.now() - beganMs) * 1000);
        done(error);
      });
    },
  };
}
