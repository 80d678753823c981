/**
 * The arena: job bodies outside the JavaScript heap.
 *
 * Bodies are copied once, on arrival, into a slot of the smallest size class that fits. Classes grow
 * by an eighth, so at most about 12 % of a slot is unused. Bodies above LARGE_BYTES get a buffer of
 * their own, which goes back to the system as a whole. A body is named by a reference that only has
 * meaning together with its length; the arena stores neither, the job record does.
 */
import { BULK_PAGE_BYTES, Slab } from "./slab.ts";
import { WORD_COPY_BYTES_MAX, WordCopy } from "./word-copy.ts";

/** Bodies above this size live in a buffer of their own. */
const LARGE_BYTES = 65_536;
/** Up to here classes are 8 bytes apart, above each is an eighth larger than the one before. */
const FINE_BYTES = 128;

/** A size class starts with small pages; once this much is stored it goes on with large ones. */
const STARTER_BYTES = 1 << 20;
const STARTER_PAGE_BYTES = 1 << 18;

const classBytes = sizeClasses();
/** For a size in 8-byte units, the class that holds it. */
const classOfUnits = classTable();

/**
 * The slots of one size class. A node sees many sizes of which few are frequent: a class that is
 * rarely used must not hold a large page, one that is used a lot must be able to give its memory
 * back. A reference is a handle times two, plus one if it is in the large pages.
 */
class SizeClass {
  readonly #starter: Slab;
  readonly #bulk: Slab;
  #starterSlotsMax: number;

  constructor(slotBytes: number) {
    this.#starter = new Slab(slotBytes, STARTER_PAGE_BYTES);
    this.#bulk = new Slab(slotBytes, BULK_PAGE_BYTES);
    this.#starterSlotsMax = Math.ceil(STARTER_BYTES / slotBytes);
  }

  get pageBytes(): number {
    return this.#starter.pageBytes + this.#bulk.pageBytes;
  }

  slabOf(reference: number): Slab {
    return (reference & 1) === 0 ? this.#starter : this.#bulk;
  }

  allocate(): number {
    if (this.#starter.liveSlots < this.#starterSlotsMax) return this.#starter.allocate() * 2;
    return this.#bulk.allocate() * 2 + 1;
  }

  trim(): void {
    this.#starter.trim();
    this.#bulk.trim();
  }

  clear(): void {
    this.#starter.clear();
    this.#bulk.clear();
  }
}

/** Byte strings outside the heap, addressed by (reference, length). */
export class Arena {
  readonly #classes: (SizeClass | undefined)[] = classBytes.map(() => undefined);
  readonly #large: (Buffer | undefined)[] = [];
  readonly #vacantLarge: number[] = [];
  readonly #in = new WordCopy();
  readonly #out = new WordCopy();
  #largeBytes = 0;
  #smallBytes = 0;

  /** Bytes accounted for: slots in use and large bodies. */
  get usedBytes(): number {
    return this.#smallBytes + this.#largeBytes;
  }

  /** Bytes held from the system, unused slots included. */
  get pageBytes(): number {
    let total = this.#largeBytes;
    for (const sizeClass of this.#classes) total += sizeClass?.pageBytes ?? 0;
    return total;
  }

  /** Copies source[start, end) in and returns its reference. */
  store(source: Buffer, start: number, end: number): number {
    const length = end - start;
    if (length === 0) return 0;
    if (length > LARGE_BYTES) return this.#storeLarge(source, start, end);
    const sizeClass = this.#classFor(length);
    const reference = sizeClass.allocate();
    const slab = sizeClass.slabOf(reference);
    const handle = reference >>> 1;
    this.#smallBytes += slab.slotBytes;
    const at = (handle & slab.slotMask) * slab.slotBytes;
    const page = handle >>> slab.pageShift;
    if (length > WORD_COPY_BYTES_MAX) {
      source.copy(slab.bytes[page] as Buffer, at, start, end);
    } else {
      this.#in.toWords(source, start, length, slab.words[page] as Int32Array, at >>> 2);
    }
    return reference;
  }

  /** Copies the bytes into target at the offset; the caller has made room. */
  copyTo(reference: number, length: number, target: Buffer, offset: number): void {
    if (length === 0) return;
    if (length > LARGE_BYTES) {
      (this.#large[reference] as Buffer).copy(target, offset);
      return;
    }
    const slab = this.#classFor(length).slabOf(reference);
    const handle = reference >>> 1;
    const at = (handle & slab.slotMask) * slab.slotBytes;
    const page = handle >>> slab.pageShift;
    if (length > WORD_COPY_BYTES_MAX) {
      (slab.bytes[page] as Buffer).copy(target, offset, at, at + length);
    } else {
      this.#out.fromWords(slab.words[page] as Int32Array, at >>> 2, length, target, offset);
    }
  }

  /** Forgets the bytes. */
  free(reference: number, length: number): void {
    if (length === 0) return;
    if (length > LARGE_BYTES) {
      this.#large[reference] = undefined;
      this.#vacantLarge.push(reference);
      this.#largeBytes -= length;
      return;
    }
    const slab = this.#classFor(length).slabOf(reference);
    this.#smallBytes -= slab.slotBytes;
    slab.free(reference >>> 1);
  }

  /** Gives back empty pages that were kept for the next body. */
  trim(): void {
    for (const sizeClass of this.#classes) sizeClass?.trim();
  }

  /** Forgets everything. */
  clear(): void {
    for (const sizeClass of this.#classes) sizeClass?.clear();
    this.#large.length = 0;
    this.#vacantLarge.length = 0;
    this.#largeBytes = 0;
    this.#smallBytes = 0;
  }

  /** Bytes accounted for a body of this length; lets checks recount. */
  static slotBytesFor(length: number): number {
    if (length === 0) return 0;
    if (length > LARGE_BYTES) return length;
    return classBytes[classOfUnits[(length + 7) >>> 3] as number] as number;
  }

  #classFor(length: number): SizeClass {
    const index = classOfUnits[(length + 7) >>> 3] as number;
    let sizeClass = this.#classes[index];
    if (sizeClass === undefined) {
      sizeClass = new SizeClass(classBytes[index] as number);
      this.#classes[index] = sizeClass;
    }
    return sizeClass;
  }

  #storeLarge(source: Buffer, start: number, end: number): number {
    const body = Buffer.allocUnsafeSlow(end - start);
    source.copy(body, 0, start, end);
    const reference = this.#vacantLarge.pop() ?? this.#large.length;
    this.#large[reference] = body;
    this.#largeBytes += body.length;
    return reference;
  }
}

function sizeClasses(): number[] {
  const sizes: number[] = [];
  let size = 8;
  while (size < LARGE_BYTES) {
    sizes.push(size);
    const step = size < FINE_BYTES ? 8 : (size >>> 3) & ~7;
    size += Math.max(8, step);
  }
  sizes.push(LARGE_BYTES);
  return sizes;
}

function classTable(): Uint8Array {
  const table = new Uint8Array(LARGE_BYTES / 8 + 1);
  let index = 0;
  for (let units = 1; units < table.length; units++) {
    while ((classBytes[index] as number) < units * 8) index++;
    table[units] = index;
  }
  return table;
}
