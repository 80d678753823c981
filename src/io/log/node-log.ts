/**
 * The log of a node: loaded at the start, switched on and off, written, rewritten, closed.
 *
 *   off -> wait-rewrite -> on -> off          (CONFIG SET appendonly; a server that starts with yes begins on)
 *
 * Files, syncs and trouble are the writer's (log-writer.ts), what stands in the log is the journal's. While it
 * is off nothing is noted, and nobody waits for a disk.
 */
import type { JobLog } from "../../commands/job-log.ts";
import type { LogFigures } from "../../info/log-figures.ts";
import type { Journal } from "../../journal/journal.ts";
import { SEGMENT_HEADER_BYTES } from "../../journal/log-format.ts";
import { causeText } from "../system-error.ts";
import { logFigures } from "./log-figures.ts";
import { deleteOldSegments, type SegmentSize } from "./log-folder.ts";
import { LogGrowth } from "./log-growth.ts";
import type { LoadedLog } from "./log-start.ts";
import { LogSwitch } from "./log-switch.ts";
import type { LogWriter } from "./log-writer.ts";
import type { NodeLogParts } from "./node-log-parts.ts";
import { makeNodeWriter } from "./node-writer.ts";
import type { PromiseKeeper } from "./promise-keeper.ts";
import { isFragmented } from "./segment-chain.ts";
import { Headings } from "./segment-heading.ts";

const NOT_CLOSED = "the log was not closed in good order";

/** One node's log. */
export class NodeLog implements JobLog, PromiseKeeper {
  loading: LogFigures["loading"];
  readonly growth: LogGrowth;
  readonly parts: NodeLogParts;
  #state: LogFigures["state"] = "off";
  /** A log that is off is written once (BGREWRITEAOF). */
  #isOnce = false;
  #journal: Journal | undefined;
  #writer: LogWriter | undefined;
  readonly #switch: LogSwitch;
  /** It is on, and all that was said before it was is as safe as promised. */
  #isSettled = false;
  readonly #headings: Headings;

  constructor(parts: NodeLogParts) {
    this.parts = parts;
    this.growth = new LogGrowth(parts.segmentBytes);
    this.#headings = new Headings(parts);
    this.#switch = new LogSwitch(parts, parts.host);
  }

  get isLoading(): boolean {
    return this.loading !== undefined;
  }

  get isOn(): boolean {
    return this.#state === "on";
  }

  get refusal(): string {
    return this.isOn ? (this.#writer?.trouble.reason ?? "") : "";
  }

  get isNeeded(): boolean {
    return this.isOn || this.#switch.isHolding;
  }

  get isDurable(): boolean {
    if (!this.isOn) return !this.#switch.isHolding;
    return this.#writer === undefined || this.#writer.isDurable;
  }

  get hasBegunCommit(): boolean {
    return this.isOn && this.#writer?.hasBegunCommit === true;
  }

  get hasEndedCommit(): boolean {
    return this.#writer?.hasEndedCommit === true;
  }

  /** A server that starts with the log on; what was loaded is in the broker. Throws the system's error. */
  begin({ sizes, manifest, differing, synced, pass }: LoadedLog): void {
    const { folder } = this.parts;
    if (manifest === undefined) folder.prepare();
    // Where jobs are withheld, a segment that holds nothing may be the reason.
    const kept =
      differing.length > 0 ? sizes : folder.withoutEmpty(sizes, SEGMENT_HEADER_BYTES, synced);
    folder.settle(kept, synced);
    const writer = this.#open(kept);
    // A pass with which the log begins was finished.
    const isCutOff =
      pass !== undefined && pass.firstSegment > (kept[0]?.number ?? pass.firstSegment);
    this.#journal?.adopt(differing, isCutOff ? pass : undefined);
    writer.begin(differing.length > 0);
    const firstSegment = kept[0]?.number ?? writer.chain.currentNumber;
    if (manifest?.state !== "on" || manifest.firstSegment !== firstSegment) {
      folder.setManifest({ firstSegment, state: "on" });
    }
    this.#state = "on";
    this.#isSettled = true;
    this.growth.baseBytes = writer.chain.bytes;
    deleteOldSegments(folder, this.parts.log, firstSegment);
    if (isCutOff) this.#resumePass(writer, pass.firstSegment);
    else if (isFragmented(kept)) this.#beginPass(writer);
  }

  /** A sync is under way; before `close` it had better end. */
  get isSyncing(): boolean {
    return this.#writer?.sync.isUnderWay === true;
  }

  /** Writes what has happened, before the end of the turn. Like `syncNow` it throws the system's error. */
  writeNow(): void {
    this.#writer?.writeNow();
  }

  syncNow(): void {
    this.#writer?.syncNow();
  }

  /** The end of a turn. Returns when the next one is needed (monotonic ms). */
  endTurn(): number {
    const switchedAtMs = this.#switch.endTurn();
    const writer = this.#writer;
    if (writer === undefined) return switchedAtMs;
    const { isOn } = this;
    if (isOn && !writer.pass.isUnderWay) this.#rewriteIfGrown(writer);
    writer.endTurn();
    this.#goOnIfWritten(writer);
    if (this.isOn && (writer.isDurable || (isOn && writer.hasEndedCommit))) this.#isSettled = true;
    return writer.nextWakeAtMs;
  }

  /** CONFIG SET appendonly; the error's text when that failed. */
  turn(isOn: boolean): string | undefined {
    if (this.isLoading) return "the log is being loaded";
    return isOn ? this.#turnOn(false) : this.#turnOff();
  }

  rewrite(): boolean {
    const writer = this.#writer;
    if (writer?.pass.isUnderWay || this.#switch.goingOn !== undefined) return false;
    if (writer === undefined) this.#turnOn(true);
    else this.#beginPass(writer);
    this.parts.touch();
    return true;
  }

  rewriteNow(): string | undefined {
    const error = this.#writer === undefined ? this.#turnOn(false) : undefined;
    if (error !== undefined) return error;
    this.#isOnce = false;
    try {
      this.#switch.finishNow();
      this.#writer?.rewriteNow();
      return undefined;
    } catch (failure) {
      return causeText(failure);
    }
  }

  /**
   * This node has another id or a new memory, and has forgotten its jobs: what it writes from now on goes to
   * another segment, which is begun when the nodes file names that id (and the former one, whose log must
   * not stop the next start until the pass has ended).
   */
  identityChanged(): void {
    if (this.#writer !== undefined && this.#headings.isOutdated) this.#beginPass(this.#writer);
  }

  /** The end of the process: all that happened is on the disk when this returns, if that can be had. */
  close(): void {
    if (this.#writer === undefined && this.#switch.isIdle) return;
    try {
      if (this.#headings.obstacle !== "") throw new Error(this.#headings.obstacle);
      if (this.#isOnce) this.#switch.stopTurningOn();
      this.#switch.finishNow();
      const writer = this.#writer;
      if (this.isOn ? this.#headings.isOutdated : !this.#isOnce) writer?.rewriteNow();
      if (this.isOn && this.isSyncing) throw new Error("the disk has not answered the last sync");
      if (this.isOn) writer?.closeNow();
      else writer?.leave();
      this.#detach();
    } catch (error) {
      // It stays on: what is not safe is not said.
      this.parts.log.warning(NOT_CLOSED, { reason: causeText(error) });
    }
  }

  figures(): LogFigures {
    const state = this.isOn && !this.#isSettled ? "wait-rewrite" : this.#state;
    const { goingOn } = this.#switch;
    const beginning = { state: this.#isOnce ? ("off" as const) : state, goingOn };
    return logFigures(this, beginning, this.#writer, this.parts.host);
  }

  #turnOn(isOnce: boolean): string | undefined {
    if (this.isOn) return undefined;
    this.#isOnce = isOnce;
    if (this.#writer !== undefined || this.#switch.goingOn !== undefined) return undefined;
    const { host, log, touch } = this.parts;
    try {
      this.#switch.turnOn(() => this.#beginPass(this.#open([])));
    } catch (error) {
      log.warning("the log cannot be switched on", { reason: causeText(error) });
      this.#detach();
      return "Unable to turn on AOF. Check server logs.";
    }
    this.#state = "wait-rewrite";
    this.growth.passBegan(host.nowMs);
    touch();
    return undefined;
  }

  #turnOff(): undefined {
    const writer = this.#writer;
    // Switching it off is a way out when the disk is broken.
    const isWell = writer?.leave() ?? true;
    if (!isWell) this.parts.log.warning(NOT_CLOSED, { reason: writer?.trouble.reason });
    this.#detach();
    if (writer === undefined) return undefined;
    this.#switch.turnOff(!isWell);
    this.parts.touch();
    return undefined;
  }

  #open(before: readonly SegmentSize[]): LogWriter {
    const { parts } = this;
    const made = makeNodeWriter(parts, this.#headings, before, (writer, firstSegment) => {
      if (this.#writer === writer) this.#rewritten(firstSegment);
    });
    this.#journal = made.journal;
    this.#writer = made.writer;
    return made.writer;
  }

  #beginPass(writer: LogWriter): void {
    writer.pass.want();
    this.growth.passBegan(this.parts.host.nowMs);
  }

  /** Where it was cut off: a new one each time would leave a copy behind each time. */
  #resumePass(writer: LogWriter, firstSegment: number): void {
    this.parts.log.notice("the rewrite that was cut off goes on", { firstSegment });
    writer.pass.began(firstSegment);
    this.growth.passBegan(this.parts.host.nowMs);
  }

  #rewriteIfGrown(writer: LogWriter): void {
    const { writtenBytes, bytes: logBytes } = writer.chain;
    const sizes = { writtenBytes, logBytes, liveBytes: this.#journal?.liveBytes ?? 0 };
    const rule = this.growth.due(this.parts.settings, sizes);
    if (rule === undefined) return;
    this.parts.log.notice("the log has grown, it is rewritten", { ...rule });
    this.#beginPass(writer);
  }

  #rewritten(firstSegment: number): void {
    const { host, log, folder } = this.parts;
    const bytes = this.#writer?.chain.bytes ?? 0;
    const ms = this.growth.passEnded(host.nowMs, bytes);
    log.notice("the log was rewritten", { bytes, ms });
    deleteOldSegments(folder, log, firstSegment);
    if (this.#isOnce) this.#turnOff();
    else this.#goOnIfWritten(this.#writer);
  }

  /** It counts as on when what was said without waiting for it is in it: a disk that is full again may refuse that. */
  #goOnIfWritten(writer: LogWriter | undefined): void {
    if (writer?.pass.isUnderWay !== false || !writer.unwritten.isEmpty) return;
    if (this.#journal?.isIdle) this.#state = "on";
  }

  #detach(): void {
    this.parts.broker.journal = undefined;
    this.#journal = undefined;
    this.#writer = undefined;
    this.#switch.stopTurningOn();
    this.#isSettled = false;
    this.#state = "off";
    this.#isOnce = false;
  }
}
