/**
 * Forcing the log to the disk: one attempt at a time, beside everything else.
 *
 * Whoever begins one notes what had been written by then: that much, and no more, is durable when it
 * ends well. Files that were filled meanwhile come first; a file that is new is
 * there for good only when the folder is synced too. After a failure nobody can know what the disk has:
 * the system throws dirty pages away and forgets the error, so asking again and being told "fine" means
 * nothing. That is for the caller to mend (log-writer.ts).
 */
import { Gathering } from "./gathering.ts";
import type { LogDisk } from "./log-disk.ts";
import { SLOW_SYNC_MS } from "./sync-policy.ts";
import type { WriterParts } from "./writer-parts.ts";

/** What one attempt covers. */
export interface SyncTask {
  /** Full segments, oldest first. */
  readonly filled: readonly number[];
  /** The segment that is being written. */
  readonly current: number;
  /** A segment is new. */
  readonly withFolder: boolean;
}

type SyncParts = Pick<WriterParts, "folder" | "settings" | "elapsedMicros" | "events" | "journal">;

/** At most one attempt. */
export class LogSync {
  readonly #parts: SyncParts;
  readonly #disk: LogDisk;
  readonly #folder: string;
  readonly #gathering = new Gathering();
  #beganAtMs: number | undefined;

  constructor(parts: SyncParts) {
    this.#parts = parts;
    this.#disk = parts.folder.disk;
    this.#folder = parts.folder.path;
  }

  /** When the attempt under way counts as slow (monotonic ms). */
  get slowAtMs(): number | undefined {
    return this.#beganAtMs === undefined ? undefined : this.#beganAtMs + SLOW_SYNC_MS;
  }

  get isUnderWay(): boolean {
    return this.#beganAtMs !== undefined;
  }

  /** For how long the attempt under way has lasted, ms; 0: there is none. */
  ageMs(nowMs: number): number {
    return this.#beganAtMs === undefined ? 0 : nowMs - this.#beganAtMs;
  }

  /** None is under way, and the next one had better wait for those whom the last one let go. */
  get isGathering(): boolean {
    const { journal, elapsedMicros } = this.#parts;
    return !this.isUnderWay && this.#gathering.isWorthwhile(journal.changes, elapsedMicros());
  }

  /** Begins; `done` is told how it ended, after the last call to the disk. */
  begin(task: SyncTask, nowMs: number, done: (error: Error | undefined) => void): void {
    this.#beganAtMs = nowMs;
    let failure: Error | undefined;
    const { settings, elapsedMicros, events, journal } = this.#parts;
    const { policy } = settings();
    const beganMicros = elapsedMicros();
    const ended = (error: Error | undefined): void => {
      this.#beganAtMs = undefined;
      const endedMicros = elapsedMicros();
      this.#gathering.synced(beganMicros, endedMicros, journal.changes);
      const ms = (endedMicros - beganMicros) / 1000;
      if (policy === "always") events.measured("aof-fsync-always", ms);
      done(failure ?? error);
    };
    const syncCurrent = (): void => {
      if (!task.withFolder) {
        this.#disk.sync(task.current, ended);
        return;
      }
      this.#disk.syncFolder(this.#folder, (error) => {
        failure ??= error;
        this.#disk.sync(task.current, ended);
      });
    };
    const syncFilled = (at: number): void => {
      const file = task.filled[at];
      if (file === undefined) {
        syncCurrent();
        return;
      }
      this.#disk.sync(file, (error) => {
        failure ??= error;
        syncFilled(at + 1);
      });
    };
    syncFilled(0);
  }
}

/** What a close has to say was said by the sync before it. */
export function closeQuietly(disk: LogDisk, file: number): void {
  try {
    disk.close(file);
  } catch {
    // The descriptor is free all the same.
  }
}
