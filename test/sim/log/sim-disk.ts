/**
 * A disk in virtual time: slow, full or broken when the simulation says so, and cut off from its power.
 *
 * What is written is in the system's cache (sim-file.ts), and so are changes of names: a killed process finds
 * everything again, a machine that lost its power only what was synced, and by chance some of the rest,
 * each sector and each name for itself. Syncs and deletions are answered later, by `run`, on the clock of the
 * simulation; so a life with a disk is repeated by its seed. What has been dirty for half a minute
 * the system has written by itself.
 *
 * The disk of test/io/log (fake-disk.ts) is cut off at every single call instead, and answers when a test
 * says so; here everything is drawn.
 */
import type { DiskDone, LogDisk } from "../../../src/io/log/log-disk.ts";
import { Heap } from "../../../src/util/heap.ts";
import type { Xorshift } from "../../../src/util/xorshift.ts";
import { type DiskCall, namesIn, PowerCut, systemError } from "../../io/log/fake-disk.ts";
import { DiskWeather } from "./disk-weather.ts";
import { SimFile } from "./sim-file.ts";

/** The system writes by itself what is older. */
const WRITE_BACK_MS = 30_000;

/** A change of names that a power loss may undo. */
interface NameChange {
  readonly atMs: number;
  readonly apply: (names: Map<string, SimFile>) => void;
}

/** Something that ends later. */
interface Pending {
  readonly atMs: number;
  readonly number: number;
  /** What it does to the disk, even if nobody waits for it any more. */
  readonly effect: (() => void) | undefined;
  readonly end: () => void;
  heapIndex: number;
}

/** See above. */
export class SimDisk implements LogDisk {
  readonly weather: DiskWeather;
  /** Bytes of all files at most. */
  bytesMax = 0;
  /** So many calls later it is cut off: nothing has any effect any more. */
  callsLeft = Number.POSITIVE_INFINITY;
  /** Names are lost from the last change back, as on a disk with a journal; else each for itself. */
  keepsOrder = false;
  #bytes = 0;
  readonly #clock: { readonly nowMs: number };
  readonly #random: Xorshift;
  #names = new Map<string, SimFile>();
  #durableNames = new Map<string, SimFile>();
  #changes: NameChange[] = [];
  readonly #open = new Map<number, SimFile>();
  #lastFile = 2;
  readonly #pending = new Heap<Pending>((a, b) => a.atMs - b.atMs || a.number - b.number);
  #numbers = 0;

  /** @param mark is told what has gone wrong on purpose */
  constructor(clock: { readonly nowMs: number }, random: Xorshift, mark: (what: string) => void) {
    this.#clock = clock;
    this.#random = random;
    this.weather = new DiskWeather(clock, random, mark);
  }

  /** It was cut off: its process or its machine is to go now. */
  get isOff(): boolean {
    return this.callsLeft <= 0;
  }

  /** When something ends; Infinity: nothing is under way. */
  get nextAtMs(): number {
    return this.#pending.peek()?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes of all files. */
  get bytesUsed(): number {
    return this.#bytes;
  }

  /** Ends whatever is over by now, in order. */
  run(): void {
    for (;;) {
      const next = this.#pending.peek();
      if (next === undefined || next.atMs > this.#clock.nowMs || this.isOff) return;
      this.#pending.pop();
      next.end();
    }
  }

  /** The process is gone. What it had asked for may still be done, and nobody hears of it. */
  kill(): void {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      if (this.#random.chance(0.5)) next.effect?.();
    }
    this.#open.clear();
    this.callsLeft = Number.POSITIVE_INFINITY;
  }

  /** The machine is gone, and with it what was in the cache, except what had reached the disk by chance. */
  powerOff(): void {
    this.kill();
    const random = this.#random;
    const writtenBackMs = this.#clock.nowMs - WRITE_BACK_MS;
    const share = random.pick([0, 0.5, 0.95, 1]);
    for (const { atMs, apply } of this.#changes) {
      if (atMs < writtenBackMs || random.chance(share)) apply(this.#durableNames);
      else if (this.keepsOrder) break;
    }
    this.#changes = [];
    const files = new Map<SimFile, SimFile>();
    const names = new Map<string, SimFile>();
    for (const [name, file] of this.#durableNames) {
      file.writeBack(writtenBackMs);
      const after = files.get(file) ?? file.afterPowerLoss(random);
      files.set(file, after);
      names.set(name, after);
    }
    this.#names = names;
    this.#durableNames = new Map(names);
    this.#recount();
  }

  create(path: string): number {
    this.#mayFail("create");
    const file = new SimFile();
    this.#change((names) => names.set(path, file));
    this.#recount();
    return this.#opened(file);
  }

  createNew(path: string): number {
    if (this.#names.has(path)) throw systemError("EEXIST");
    return this.create(path);
  }

  open(path: string): number {
    const file = this.#names.get(path);
    if (file === undefined) throw new Error(`no file ${path}`);
    return this.#opened(file);
  }

  write(number: number, bytes: Buffer, offset: number, length: number, position: number): number {
    const file = this.#file(number);
    const { nowMs } = this.#clock;
    const isLast = this.callsLeft === 1;
    const count = isLast ? this.#random.below(length + 1) : this.weather.writable(length);
    if (!isLast) this.#count();
    const before = file.size;
    file.write(bytes, offset, count, position, nowMs);
    this.#bytes += file.size - before;
    this.bytesMax = Math.max(this.bytesMax, this.#bytes);
    if (isLast) this.#count();
    return count;
  }

  read(number: number, target: Buffer, offset: number, length: number, position: number): number {
    return this.#file(number).read(target, offset, length, position);
  }

  truncate(number: number, length: number): void {
    this.#mayFail("truncate");
    this.#file(number).truncate(length, this.#clock.nowMs);
    this.#recount();
  }

  size(number: number): number {
    return this.#file(number).size;
  }

  close(number: number): void {
    this.#file(number);
    this.#open.delete(number);
  }

  sync(number: number, done: DiskDone): void {
    const file = this.#file(number);
    const begun = file.beginSync(this.#clock.nowMs - WRITE_BACK_MS);
    this.#later("sync", this.weather.syncMs(), done, (error) => {
      if (error === undefined) file.endSync(begun);
      else file.endSync(begun, () => this.#random.chance(0.5));
    });
  }

  syncNow(number: number): void {
    const file = this.#file(number);
    this.#count();
    const error = this.weather.fault("sync");
    const begun = file.beginSync(this.#clock.nowMs - WRITE_BACK_MS);
    file.endSync(begun, error && (() => this.#random.chance(0.5)));
    if (error !== undefined) throw error;
  }

  syncFolder(_path: string, done: DiskDone): void {
    const last = this.#changes.at(-1);
    this.#later("syncFolder", this.weather.syncMs(), done, (error) => {
      if (error === undefined) this.#settleNames(last);
    });
  }

  syncFolderNow(_path: string): void {
    this.#mayFail("syncFolder");
    this.#settleNames(this.#changes.at(-1));
  }

  rename(from: string, to: string): void {
    this.#mayFail("rename");
    const file = this.#names.get(from);
    if (file === undefined) throw new Error(`no file ${from}`);
    this.#change((names) => {
      if (names.get(from) === file) names.delete(from);
      names.set(to, file);
    });
    this.#recount();
  }

  unlink(path: string, done: DiskDone): void {
    this.#later("unlink", this.#random.below(20), done, (error) => {
      if (error === undefined) this.#remove(path);
    });
  }

  unlinkNow(path: string): void {
    this.#mayFail("unlink");
    this.#remove(path);
  }

  list(path: string): string[] {
    return namesIn(path, this.#names.keys());
  }

  makeFolder(_path: string): void {
    this.#mayFail("create");
  }

  #change(apply: (names: Map<string, SimFile>) => void): void {
    apply(this.#names);
    this.#changes.push({ atMs: this.#clock.nowMs, apply });
  }

  #remove(path: string): void {
    const file = this.#names.get(path);
    this.#change((names) => {
      if (names.get(path) === file) names.delete(path);
    });
    this.#recount();
  }

  /** All changes of names up to this one are on the disk. */
  #settleNames(last: NameChange | undefined): void {
    const count = last === undefined ? 0 : this.#changes.indexOf(last) + 1;
    for (const { apply } of this.#changes.splice(0, count)) apply(this.#durableNames);
  }

  #later(
    call: DiskCall,
    afterMs: number,
    done: DiskDone,
    effect: (error: Error | undefined) => void,
  ): void {
    this.#count();
    const atMs = this.#clock.nowMs + afterMs;
    const end = (): void => {
      const error = this.weather.fault(call);
      effect(error);
      done(error);
    };
    const number = ++this.#numbers;
    const last = (): void => effect(this.weather.fault(call));
    this.#pending.push({ atMs, number, effect: last, end, heapIndex: -1 });
  }

  #count(): void {
    if (--this.callsLeft <= 0) throw new PowerCut("no power");
  }

  #mayFail(call: DiskCall): void {
    this.#count();
    const error = this.weather.fault(call);
    if (error !== undefined) throw error;
  }

  #recount(): void {
    let bytes = 0;
    for (const { size } of new Set(this.#names.values())) bytes += size;
    this.#bytes = bytes;
  }

  #opened(file: SimFile): number {
    this.#open.set(++this.#lastFile, file);
    return this.#lastFile;
  }

  #file(number: number): SimFile {
    const file = this.#open.get(number);
    if (file === undefined) throw new Error(`file ${number} is not open`);
    return file;
  }
}
