/**
 * Writes the log: at the end of every turn what changed in it, and waits for the disk as it is told to.
 *
 * What was written survives the process; what was synced survives the machine. `appendfsync` says which is promised, and `isDurable`
 * whether that is kept for everything up to now: before, nobody is told anything (held-back.ts). With `always` one sync at a time covers
 * all that was written before it; what happens meanwhile is written in one piece afterwards. What a failed sync means stands in doubt.ts.
 */
import { Doubt } from "./doubt.ts";
import { LogSync } from "./log-sync.ts";
import { LogTrouble } from "./log-trouble.ts";
import { RewritePass } from "./rewrite-pass.ts";
import { SEGMENT_BYTES, SegmentChain } from "./segment-chain.ts";
import {
  isSyncDue,
  mustWaitForSync,
  nextWakeAt,
  Postponement,
  SLOW_SYNC_MS,
  SYNC_EVERY_MS,
  settingsInForce,
  type WriterSettings,
} from "./sync-policy.ts";
import { UnwrittenBlocks } from "./unwritten-blocks.ts";
import type { WriterParts } from "./writer-parts.ts";

/** The writing end of a log. */
export class LogWriter {
  readonly chain: SegmentChain;
  readonly pass: RewritePass;
  readonly trouble: LogTrouble;
  /** In this turn a sync has begun that covers everything said up to now. */
  hasBegunCommit = false;
  /** Since the last turn, a sync has ended well that covered all when it began. */
  hasEndedCommit = false;
  readonly postponement = new Postponement();
  readonly #parts: WriterParts;
  readonly sync: LogSync;
  readonly #segmentBytes: number;
  readonly unwritten: UnwrittenBlocks;
  /** The last turn's changes are in the journal still. */
  #hasUntaken = false;
  #syncedBytes = 0;
  #hasNewlyEnded = false;
  #syncedAtMs = 0;
  readonly #doubt = new Doubt();
  readonly #safePosition = () => this.chain.positionOf(this.#doubt.safeBytes(this.#syncedBytes));
  #isClosed = false;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.chain = new SegmentChain(parts.folder, parts.before, parts.lastNumber, parts.log);
    this.unwritten = new UnwrittenBlocks(this.chain, parts, this.#safePosition);
    this.pass = new RewritePass(parts.folder, parts.log);
    this.trouble = new LogTrouble(parts.log);
    this.sync = new LogSync(parts);
    this.#segmentBytes = parts.segmentBytes ?? SEGMENT_BYTES;
  }

  /** Everything that has happened is as safe as promised. */
  get isDurable(): boolean {
    if (this.#doubt.isThere || this.#hasUntaken || !this.unwritten.isEmpty) return false;
    return this.#settings.policy !== "always" || this.#syncedBytes === this.chain.writtenBytes;
  }

  get #settings(): WriterSettings {
    return settingsInForce(this.#parts.settings(), this.chain, this.#syncedBytes);
  }

  /** Opens the first segment of this process, for good; `hasNews`: with what the journal has by now. */
  begin(hasNews: boolean): void {
    this.#doubt.end();
    this.unwritten.beginSegment();
    if (hasNews) this.unwritten.take();
    this.syncNow();
  }

  /** The end of a turn: writes what changed, as far as the disk can. */
  endTurn(): void {
    this.hasBegunCommit = false;
    this.hasEndedCommit = this.#hasNewlyEnded;
    this.#hasNewlyEnded = false;
    const { nowMs } = this.#parts.clock;
    const settings = this.#settings;
    const isSlow = settings.policy !== "no" && this.sync.ageMs(nowMs) >= SLOW_SYNC_MS;
    this.trouble.setSlow(isSlow, this.sync.ageMs(nowMs));
    this.#hasUntaken = true;
    if (!this.#mustWait(settings, nowMs) && this.trouble.mayTry(nowMs)) this.#write(nowMs);
    if (this.#hasUntaken) this.#hasUntaken = !this.#parts.journal.isIdle;
    if (this.#isSyncDue(settings, nowMs)) this.#beginSync(nowMs);
    if (this.pass.mayInstall(this.#syncedBytes, nowMs)) this.#install(nowMs);
  }

  /** When the next turn is needed if nothing else happens (monotonic ms). */
  get nextWakeAtMs(): number {
    const { nowMs } = this.#parts.clock;
    const isBehind =
      this.#settings.policy === "everysec" && this.#syncedBytes < this.chain.writtenBytes;
    return nextWakeAt(nowMs, {
      retryAtMs: Math.min(this.trouble.retryAtMs, this.pass.retryAtMs),
      slowAtMs: this.sync.slowAtMs,
      workAtMs: this.#parts.journal.workAtMs(nowMs),
      syncAtMs: isBehind ? this.#syncedAtMs + SYNC_EVERY_MS : Number.POSITIVE_INFINITY,
    });
  }

  /** Writes what there is, at once. This and what follows throw the system's error. */
  writeNow(): void {
    this.unwritten.write();
    this.#leaveFullSegment();
    this.unwritten.take();
    this.#notePass();
  }

  /** Waits for the disk. */
  syncNow(): void {
    try {
      this.chain.syncNow();
    } catch (error) {
      this.#startOver(error);
      throw error;
    }
    this.#syncedBytes = this.chain.writtenBytes;
    this.chain.tellFollowed(this.#safePosition());
  }

  /** Writes what there is and that the node stopped in good order, and waits for the disk. */
  closeNow(): void {
    if (this.#doubt.isThere) this.rewriteNow();
    this.unwritten.take();
    // Once it is safe, the last block says so, and the next start need not write it again.
    this.syncNow();
    this.unwritten.close();
    this.chain.trim();
    this.syncNow();
    this.#end();
  }

  /** Writes what there is, waits for nothing, and ends. Whether the disk was well. */
  leave(): boolean {
    const { nowMs } = this.#parts.clock;
    try {
      if (this.trouble.reason === "" && !mustWaitForSync("everysec", this.sync.ageMs(nowMs))) {
        this.unwritten.take();
        if (!this.sync.isUnderWay) this.#beginSync(nowMs);
      }
    } catch (error) {
      this.trouble.writeFailed(error, nowMs);
    }
    this.#end();
    return this.trouble.reason === "";
  }

  /** Rewrites the log from the beginning to the end, and waits for the disk. */
  rewriteNow(): void {
    const { journal, folder } = this.#parts;
    this.unwritten.write();
    this.#beginAttempt();
    this.#beginCopy();
    do {
      this.unwritten.take();
      this.#leaveFullSegment();
    } while (journal.isRewriting);
    this.syncNow();
    this.#doubt.installing();
    folder.setManifest({ firstSegment: this.pass.firstSegment, state: "on" });
    this.pass.stop();
    this.#passEnded();
  }

  #passEnded(): void {
    this.chain.dropBefore(this.pass.firstSegment);
    this.#doubt.end();
    this.trouble.madeGood();
    this.#parts.events.rewritten(this.pass.firstSegment);
  }

  /** Whether what there is to write has to wait for the sync under way. */
  #mustWait({ policy }: WriterSettings, nowMs: number): boolean {
    const isTooLate = this.#doubt.isThere || mustWaitForSync(policy, this.sync.ageMs(nowMs));
    // A header that says `always` vouches for all that is before it.
    const isBehind = this.chain.policy !== "always" && this.#syncedBytes < this.chain.writtenBytes;
    const mustWait = (policy === "always" && isBehind) || (this.sync.isUnderWay && isTooLate);
    const waitedMs = this.postponement.note(mustWait, policy, nowMs);
    if (waitedMs !== undefined) this.#parts.events.measured("aof-write-pending-fsync", waitedMs);
    return mustWait || (policy === "always" && this.sync.isGathering);
  }

  #write(nowMs: number): void {
    const { journal, elapsedMicros, events } = this.#parts;
    const { state } = this.pass;
    const isPassDue = state === "wanted" || this.pass.hasProbed(this.#syncedBytes);
    if (state === "probing" && !isPassDue) return;
    if (journal.isIdle && this.unwritten.isEmpty && !isPassDue && state !== "copying") {
      this.trouble.written();
      return;
    }
    const beganMicros = elapsedMicros();
    try {
      this.unwritten.write();
      if (state === "wanted") this.#beginAttempt();
      else if (this.#mustBeginSegment) this.unwritten.beginSegment();
      if (state === "wanted" && this.#doubt.isThere) {
        this.pass.probes(this.chain.currentNumber, this.chain.writtenBytes);
      } else {
        if (isPassDue) this.#beginCopy();
        this.unwritten.take(nowMs);
        this.#hasUntaken = false;
        this.#notePass();
      }
      this.trouble.written();
    } catch (error) {
      this.trouble.writeFailed(error, nowMs);
    }
    events.measured("aof-write", (elapsedMicros() - beganMicros) / 1000);
  }

  /** Not in the middle of what one sync must cover, so that a torn end is always that of the last file. */
  get #mustBeginSegment(): boolean {
    const isFull = this.chain.currentBytes >= this.#segmentBytes;
    if (!isFull && this.#parts.settings().policy === this.chain.policy) return false;
    return this.#settings.policy !== "always" || this.#syncedBytes === this.chain.writtenBytes;
  }

  /** Where nobody is served meanwhile: no matter how much is written, segments stay small. */
  #leaveFullSegment(): void {
    if (this.chain.currentBytes < this.#segmentBytes) return;
    this.syncNow();
    this.unwritten.beginSegment();
  }

  /** The first segment of a pass. */
  #beginAttempt(): void {
    this.#doubt.makeRoom(this.chain);
    this.unwritten.beginSegment();
    this.#doubt.attempted(this.chain.currentNumber);
  }

  #beginCopy(): void {
    this.#parts.journal.beginRewrite();
    this.pass.began(this.chain.currentNumber);
  }

  #notePass(): void {
    if (this.pass.state !== "copying" || this.#parts.journal.isRewriting) return;
    this.pass.copied(this.chain.writtenBytes);
  }

  #isSyncDue(settings: WriterSettings, nowMs: number): boolean {
    if (this.sync.isUnderWay) return false; // A disk that is full syncs what it has.
    if (this.pass.needsSync(this.#syncedBytes)) return true;
    return isSyncDue(settings, {
      waitingBytes: this.chain.writtenBytes - this.#syncedBytes,
      sinceMs: nowMs - this.#syncedAtMs,
      isCopying: this.pass.state === "copying",
    });
  }

  #beginSync(nowMs: number): void {
    const task = this.chain.takeSyncTask();
    if (task === undefined) return;
    const coveredBytes = this.chain.writtenBytes;
    const isCommit = !this.#doubt.isThere && !this.#hasUntaken && this.unwritten.isEmpty;
    this.hasBegunCommit = isCommit;
    this.#syncedAtMs = nowMs;
    this.sync.begin(task, nowMs, (error) => {
      this.chain.syncEnded();
      if (this.#isClosed) return;
      if (error !== undefined) this.#startOver(error);
      else {
        this.#syncedBytes = Math.max(this.#syncedBytes, coveredBytes);
        this.chain.tellFollowed(this.#safePosition());
        this.#hasNewlyEnded = isCommit && !this.#doubt.isThere;
      }
      this.#parts.events.touch();
    });
  }

  #end(): void {
    this.pass.stop();
    this.chain.abandon();
    this.#isClosed = true;
  }

  #startOver(error: unknown): void {
    this.trouble.syncFailed(error, this.#parts.clock.nowMs);
    this.#doubt.begin();
    this.unwritten.clear();
    this.chain.abandon();
    this.#syncedBytes = this.chain.writtenBytes;
    this.pass.want();
  }

  #install(nowMs: number): void {
    this.#doubt.installing();
    this.pass.install(nowMs, (isDone) => {
      if (isDone) this.#passEnded();
      this.#parts.events.touch();
    });
  }
}
