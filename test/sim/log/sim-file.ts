/**
 * The bytes of one file on a simulated disk: as processes see them, and as they are on the platter.
 *
 * Between both lies the cache of the system, in sectors: what was written is *dirty* until a sync, or
 * until the system has written it by itself. A sync covers what was dirty when it began. One that fails
 * leaves some sectors on the disk and forgets that the others are not, as real systems do: the next sync
 * says that all is well. Knows no names and no time of its own.
 */
import type { Xorshift } from "../../../src/util/xorshift.ts";

/** What a disk writes as a whole. */
const SECTOR_BYTES = 512;
const BYTES_MIN = 4096;

/** A sector that was written and is not on the disk. */
interface Dirty {
  /** Which of the writes was the last one. */
  readonly write: number;
  readonly sinceMs: number;
}

/** What a sync will bring to the disk. */
interface FileSync {
  readonly sectors: readonly {
    readonly sector: number;
    readonly write: number;
    readonly bytes: Buffer;
  }[];
  readonly size: number;
  /** The last write that it covers. */
  readonly write: number;
}

/** One file, whatever it is called. */
export class SimFile {
  size = 0;
  #bytes: Buffer = Buffer.alloc(BYTES_MIN);
  #durableSize = 0;
  #durable: Buffer = Buffer.alloc(BYTES_MIN);
  readonly #dirty = new Map<number, Dirty>();
  #writes = 0;
  /** Which of the writes a sync has brought to the disk last, by sector, and for the size. */
  readonly #durableWrites = new Map<number, number>();
  #durableSizeWrite = 0;

  read(target: Buffer, offset: number, length: number, position: number): number {
    if (position >= this.size) return 0;
    return this.#bytes.copy(target, offset, position, Math.min(position + length, this.size));
  }

  write(source: Buffer, offset: number, length: number, position: number, nowMs: number): void {
    const end = position + length;
    this.#bytes = grown(this.#bytes, end);
    source.copy(this.#bytes, position, offset, offset + length);
    this.size = Math.max(this.size, end);
    this.#touch(position, end, nowMs);
  }

  truncate(length: number, nowMs: number): void {
    if (length >= this.size) return;
    this.#bytes.fill(0, length, this.size);
    this.size = length;
    this.#writes++;
    for (const sector of this.#dirty.keys()) {
      if (sector * SECTOR_BYTES >= length) this.#dirty.delete(sector);
    }
    if (length % SECTOR_BYTES > 0) this.#touch(length - 1, length, nowMs);
  }

  /** A sync begins. If it fails, what the system had written by itself, being older than that, is there all the same. */
  beginSync(writtenBackMs: number): FileSync {
    this.writeBack(writtenBackMs);
    const sectors = [...this.#dirty].map(([sector, { write }]) => ({
      sector,
      write,
      bytes: Buffer.from(this.#sectorOf(this.#bytes, sector)),
    }));
    return { sectors, size: this.size, write: this.#writes };
  }

  /** It ends well; or it fails, and only what `survives` is on the disk. */
  endSync(sync: FileSync, survives: () => boolean = always): void {
    for (const { sector, write, bytes } of sync.sectors) {
      // One that began later may have ended before.
      const isNewest = write >= (this.#durableWrites.get(sector) ?? 0);
      if (isNewest && survives()) {
        this.#store(sector, bytes);
        this.#durableWrites.set(sector, write);
      }
      if (this.#dirty.get(sector)?.write === write) this.#dirty.delete(sector);
    }
    const isNewest = sync.write >= this.#durableSizeWrite;
    if (!isNewest || !(survives === always || survives())) return;
    this.#setDurableSize(sync.size);
    this.#durableSizeWrite = sync.write;
  }

  /** The system has written by itself what was dirty before that moment. */
  writeBack(beforeMs: number): void {
    for (const [sector, { sinceMs, write }] of this.#dirty) {
      if (sinceMs >= beforeMs) continue;
      this.#store(sector, this.#sectorOf(this.#bytes, sector));
      this.#durableWrites.set(sector, write);
      this.#dirty.delete(sector);
      const end = Math.min(this.size, (sector + 1) * SECTOR_BYTES);
      if (end <= this.#durableSize) continue;
      this.#setDurableSize(end);
      this.#durableSizeWrite = this.#writes;
    }
  }

  /**
   * The power is gone: what was dirty has reached the disk or has not, each sector for itself or all up to
   * one; the length is the old one, the new one, or, of a file that grew, any between, with zeros.
   */
  afterPowerLoss(random: Xorshift): SimFile {
    const next = new SimFile();
    const [old, now] = [this.#durableSize, this.size];
    const between = now > old ? old + random.below(now - old + 1) : now;
    const size = random.pick([old, now, between]);
    const bytes = Buffer.alloc(Math.max(BYTES_MIN, size));
    this.#durable.copy(bytes, 0, 0, size);
    const isPrefix = random.chance(0.4);
    const share = random.pick([0, 0.5, 0.9, 1]);
    for (const sector of [...this.#dirty.keys()].sort((a, b) => a - b)) {
      const start = sector * SECTOR_BYTES;
      if (start >= size) continue;
      if (!random.chance(share)) {
        if (isPrefix) break;
        continue;
      }
      // An earlier state of it may be there: what was appended last is missing.
      const whole = Math.min(SECTOR_BYTES, size - start);
      const length = random.chance(0.2) ? random.below(whole + 1) : whole;
      this.#bytes.copy(bytes, start, start, start + length);
    }
    next.#bytes = bytes;
    next.#durable = Buffer.from(bytes);
    next.size = size;
    next.#durableSize = size;
    return next;
  }

  #touch(start: number, end: number, nowMs: number): void {
    this.#writes++;
    for (let sector = Math.floor(start / SECTOR_BYTES); sector * SECTOR_BYTES < end; sector++) {
      const sinceMs = this.#dirty.get(sector)?.sinceMs ?? nowMs;
      this.#dirty.set(sector, { write: this.#writes, sinceMs });
    }
  }

  #store(sector: number, bytes: Buffer): void {
    const start = sector * SECTOR_BYTES;
    this.#durable = grown(this.#durable, start + bytes.length);
    bytes.copy(this.#durable, start);
  }

  #setDurableSize(size: number): void {
    this.#durable = grown(this.#durable, size);
    this.#durable.fill(0, size, Math.max(size, this.#durableSize));
    this.#durableSize = size;
  }

  #sectorOf(bytes: Buffer, sector: number): Buffer {
    return bytes.subarray(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES);
  }
}

function always(): boolean {
  return true;
}

function grown(bytes: Buffer, size: number): Buffer {
  if (size <= bytes.length) return bytes;
  const larger = Buffer.alloc(Math.max(size, bytes.length * 2));
  bytes.copy(larger);
  return larger;
}
