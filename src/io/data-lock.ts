/**
 * One server per data directory: the file `ringq.lock` in it, created exclusively.
 *
 * The operating system's own file locks are out of reach here (Node has none), and they fail on
 * network storage anyway. So the file says who holds it (lock-owner.ts), its holder touches it
 * every few seconds, and a newcomer decides by these rules:
 *
 * 1. The holder can be seen (same boot, same process namespace): the lock counts while that very
 *    process runs, however long it has not touched the file, and not a moment longer.
 * 2. It cannot be seen (another container or machine, a reboot since, an unreadable record): the
 *    lock counts unless nobody touches it for 15 s. Clocks of two machines differ, so the newcomer
 *    watches for 15 s; only on the same boot does the time before it came count.
 * 3. A stale lock is removed by whoever holds `ringq.lock.takeover` (also created exclusively),
 *    after looking once more. So two newcomers cannot remove each other's fresh lock.
 * 4. A holder whose file was taken or replaced (it was frozen for too long) is told, and must stop.
 *    After a freeze its next write may come before its next touch, so it looks before it writes.
 */
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createLock,
  describeHolder,
  type FoundLock,
  isUntouched,
  readLock,
  removeLock,
} from "./lock-file.ts";
import { isSameBoot, type LockOwner, livenessOf, markHeldHere, newOwner } from "./lock-owner.ts";
import { systemErrorText } from "./system-error.ts";

const LOCK_NAME = "ringq.lock";

/** How the lock is kept and watched, milliseconds. */
export interface LockTiming {
  /** Between two touches by the holder. */
  readonly refreshMs: number;
  /** Untouched for so long, the lock of a holder that cannot be seen is stale. */
  readonly staleAfterMs: number;
  /** Between two looks of a waiting newcomer. */
  readonly pollMs: number;
}

const DEFAULT_TIMING: LockTiming = { refreshMs: 3000, staleAfterMs: 15_000, pollMs: 100 };

/** What the owner of the lock wants to hear. */
export interface LockOptions {
  /** The lock was lost while held: another server may be writing here. Called at most once. */
  readonly onLost?: (message: string) => void;
  /** Taking the lock needs a while, for the reason given. Called at most once. */
  readonly onWait?: (message: string) => void;
  readonly timing?: LockTiming;
}

/** A lock that is held. */
export interface DataLock {
  readonly path: string;
  /**
   * Looks at the file, now. False when it is ours no longer, told to `onLost` or released: nothing
   * may be written into the directory any more.
   */
  isHeld(): boolean;
  /** Removes the file. Also done when the process exits; a second call does nothing. */
  release(): void;
}

/** Another server holds the lock; the process should end with `exitCode`. */
export class DataLockedError extends Error {
  override readonly name = "DataLockedError";
  /** As beanstalkd: its own code, so that a supervisor can tell this from a crash. */
  readonly exitCode = 10;
}

/**
 * Takes the lock of a data directory. Rejects with a DataLockedError when another server holds it,
 * with an Error naming the directory when the file cannot be written.
 */
export async function lockDataFolder(folder: string, options: LockOptions = {}): Promise<DataLock> {
  const path = join(folder, LOCK_NAME);
  const self = newOwner();
  const timing = options.timing ?? DEFAULT_TIMING;
  // Before the file is there: a second attempt in this process must not take it for a dead one's.
  markHeldHere(self, true);
  try {
    await acquire(path, self, timing, options.onWait);
  } catch (error) {
    markHeldHere(self, false);
    if (error instanceof DataLockedError) throw error;
    const reason = systemErrorText(error);
    throw new Error(`cannot lock data directory ${folder}: ${reason}`, { cause: error });
  }
  return new HeldLock(path, self, timing, options.onLost);
}

/** Loops until the file is ours or certainly somebody else's. */
async function acquire(
  path: string,
  self: LockOwner,
  timing: LockTiming,
  onWait: ((message: string) => void) | undefined,
): Promise<void> {
  const watch = new Watch(self, timing.staleAfterMs);
  // Nobody is watched for longer; this ends the loop over a file that is there and not there.
  const giveUpAtMs = performance.now() + 2 * timing.staleAfterMs + 1000;
  let hasTold = false;
  while (!createLock(path, self)) {
    const found = readLock(path);
    const verdict = found === undefined ? "gone" : watch.judge(found);
    if (found !== undefined && verdict === "held") throw lockedError(path, found);
    if (found !== undefined && verdict === "stale" && removeStale(path, found, self, timing)) {
      continue;
    }
    if (verdict === "unsure" && !hasTold) {
      hasTold = true;
      onWait?.(`waiting to see whether ${describeHolder(found)} still uses the data directory`);
    }
    if (performance.now() > giveUpAtMs) throw new Error(`${path} can be neither read nor created`);
    await sleep(timing.pollMs);
  }
}

/** Decides about one lock by rules 1 and 2; remembers what it saw last. */
class Watch {
  readonly #self: LockOwner;
  readonly #staleAfterMs: number;
  #seen: FoundLock | undefined;
  #untouchedSinceMs = 0;

  constructor(self: LockOwner, staleAfterMs: number) {
    this.#self = self;
    this.#staleAfterMs = staleAfterMs;
  }

  judge(found: FoundLock): "held" | "stale" | "unsure" {
    const liveness = found.owner === undefined ? "unknown" : livenessOf(found.owner, this.#self);
    if (liveness !== "unknown") return liveness === "alive" ? "held" : "stale";
    const before = this.#seen;
    const nowMs = performance.now();
    if (before === undefined || !isUntouched(before, found)) {
      this.#seen = found;
      this.#untouchedSinceMs = nowMs - this.#ageMs(found);
      // The same lock, touched while we looked. A different one is watched from its beginning.
      if (before?.text === found.text) return "held";
    }
    return nowMs - this.#untouchedSinceMs >= this.#staleAfterMs ? "stale" : "unsure";
  }

  /** How long ago it was touched, if its clock is ours; else it may have been just now. */
  #ageMs(found: FoundLock): number {
    const isSameClock = found.owner !== undefined && isSameBoot(found.owner, this.#self);
    return isSameClock ? Math.max(Date.now() - found.mtimeMs, 0) : 0;
  }
}

/** Rule 3. Returns whether the way may be free: create at once. */
function removeStale(path: string, stale: FoundLock, self: LockOwner, timing: LockTiming): boolean {
  const takeover = `${path}.takeover`;
  if (!createLock(takeover, self)) {
    // Somebody is at it, or died in the middle of it.
    const other = readLock(takeover);
    if (other !== undefined && isAbandoned(other, self, timing)) removeLock(takeover);
    return false;
  }
  try {
    const found = readLock(path);
    if (found !== undefined && isUntouched(stale, found)) removeLock(path);
    return true;
  } finally {
    removeLock(takeover);
  }
}

/** A takeover lasts well below a second: a dead one's, or an old one, is nobody's. */
function isAbandoned(takeover: FoundLock, self: LockOwner, timing: LockTiming): boolean {
  const liveness = takeover.owner === undefined ? "unknown" : livenessOf(takeover.owner, self);
  if (liveness !== "unknown") return liveness === "dead";
  return Math.abs(Date.now() - takeover.mtimeMs) > timing.staleAfterMs;
}

function lockedError(path: string, found: FoundLock): DataLockedError {
  return new DataLockedError(`the data directory is in use by ${describeHolder(found)} (${path})`);
}

/** Every lock of this process, for the one listener that releases them when it exits. */
const heldLocks = new Set<HeldLock>();

function releaseAll(): void {
  for (const lock of heldLocks) lock.release();
}

/** A held lock: touches its file until it is released. */
class HeldLock implements DataLock {
  readonly path: string;
  readonly #self: LockOwner;
  readonly #onLost: ((message: string) => void) | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(
    path: string,
    self: LockOwner,
    timing: LockTiming,
    onLost: ((message: string) => void) | undefined,
  ) {
    this.path = path;
    this.#self = self;
    this.#onLost = onLost;
    if (heldLocks.size === 0) process.on("exit", releaseAll);
    heldLocks.add(this);
    this.#timer = setInterval(() => this.#touch(), timing.refreshMs);
    this.#timer.unref();
  }

  isHeld(): boolean {
    if (heldLocks.has(this)) this.#touch();
    return heldLocks.has(this);
  }

  release(): void {
    if (!this.#letGo()) return;
    try {
      if (this.#isOurs(readLock(this.path))) removeLock(this.path);
    } catch {
      // Nobody can be told at this point, and a newcomer sees that we are gone (rule 1).
    }
  }

  #touch(): void {
    let found: FoundLock | undefined;
    try {
      // Somebody tidied up: put it back, unless a newcomer was faster.
      if (readLock(this.path) === undefined) createLock(this.path, this.#self);
      found = readLock(this.path);
      if (found === undefined) return;
      if (this.#isOurs(found)) {
        const now = new Date();
        utimesSync(this.path, now, now);
        return;
      }
    } catch {
      // A disk that fails for a moment is no reason to stop; the next touch may succeed.
      return;
    }
    this.#letGo();
    this.#onLost?.(`the data directory was taken over by ${describeHolder(found)}`);
  }

  #isOurs(found: FoundLock | undefined): boolean {
    return found?.owner?.token === this.#self.token;
  }

  /** Stops keeping the lock. Returns false when that had happened before. */
  #letGo(): boolean {
    if (!heldLocks.delete(this)) return false;
    if (heldLocks.size === 0) process.removeListener("exit", releaseAll);
    markHeldHere(this.#self, false);
    clearInterval(this.#timer);
    return true;
  }
}
