/**
 * A slab: fixed-size slots in large pages outside the JavaScript heap.
 *
 * A million small objects cost V8 hundreds of bytes each and long collection pauses; a million
 * slots cost their bytes and nothing else. A slot is named by an integer handle that stays valid
 * until it is freed, then is used again. Pages appear when needed. One whose last slot was freed
 * is put aside and used again; `trim` gives those back, so that memory shrinks after a backlog.
 *
 *   handle = page number << shift | slot in page
 *
 *   page   | slot 0 | slot 1 | slot 2 | ...
 *   view of the same bytes as 32-bit words, as 64-bit floats, and as bytes
 *
 * A freed slot holds in its first word the next free slot of its page. The slab does not know what
 * the slots contain, does not clear them, and does not notice a handle that is used after free.
 */
import { assert } from "../util/assert.ts";
import { allowedPageBytes, newPage } from "./page-memory.ts";

/** Usual size of a page. */
const PAGE_BYTES = 1 << 20;
/**
 * Pages of structures that may become large are at least this large: the C library maps and unmaps
 * anything above 32 MB as a whole, while smaller pages stay with the process once it has freed a few.
 * Memory that was never used in a page costs nothing.
 */
export const BULK_PAGE_BYTES = 32 * 1024 * 1024 + 1;
const NONE = -1;

const NO_WORDS = new Int32Array(0);
const NO_FLOATS = new Float64Array(0);
const NO_BYTES = Buffer.alloc(0);

/** Book-keeping of one page; pages with room are linked so that one is found at once. */
interface Page {
  liveSlots: number;
  firstFreeSlot: number;
  /** Slots from here on were never used, so that a new page is not touched before it is filled. */
  freshSlot: number;
  previousOpen: number;
  nextOpen: number;
  isOpen: boolean;
}

/** Fixed-size slots outside the heap, addressed by integer handles. */
export class Slab {
  readonly slotBytes: number;
  /** handle >>> pageShift is the page, handle & slotMask the slot in it. */
  readonly pageShift: number;
  readonly slotMask: number;
  /** Views by page number; an empty view stands for a page that was given back. */
  readonly words: Int32Array[] = [];
  readonly floats: Float64Array[] = [];
  readonly bytes: Buffer[] = [];

  readonly #slotsPerPage: number;
  readonly #pages: Page[] = [];
  readonly #vacantPages: number[] = [];
  #firstOpen = NONE;
  /** Empty pages, kept until `trim`. */
  readonly #spare: ArrayBufferLike[] = [];
  #liveSlots = 0;

  /**
   * @param slotBytes size of a slot in bytes, a multiple of 8
   * @param pageBytesMin size of a page in bytes, rounded up to a power of two of slots
   */
  constructor(slotBytes: number, pageBytesMin = PAGE_BYTES) {
    assert(slotBytes > 0 && slotBytes % 8 === 0, "a slot is a whole number of 64-bit words");
    this.slotBytes = slotBytes;
    const slotsMin = Math.ceil(allowedPageBytes(pageBytesMin) / slotBytes);
    this.pageShift = slotsMin === 1 ? 0 : 32 - Math.clz32(slotsMin - 1);
    this.#slotsPerPage = 1 << this.pageShift;
    this.slotMask = this.#slotsPerPage - 1;
  }

  /** Slots in use. */
  get liveSlots(): number {
    return this.#liveSlots;
  }

  /** Bytes of the slots in use. */
  get usedBytes(): number {
    return this.#liveSlots * this.slotBytes;
  }

  /** Bytes of all pages held, used or not. */
  get pageBytes(): number {
    const pages = this.#pages.length - this.#vacantPages.length + this.#spare.length;
    return pages * this.#slotsPerPage * this.slotBytes;
  }

  /** Handles are below this number; for scans. */
  get handleLimit(): number {
    const last = this.#pages.length - 1;
    return last < 0 ? 0 : (last << this.pageShift) + this.#page(last).freshSlot;
  }

  /** Whether the slot was ever taken; one that was not holds whatever the page held before. */
  wasTaken(handle: number): boolean {
    const page = this.#pages[handle >>> this.pageShift];
    return page !== undefined && (handle & this.slotMask) < page.freshSlot;
  }

  /** The first handle from this one on whose page exists; for scans. */
  skipVacant(handle: number): number {
    let number = handle >>> this.pageShift;
    if (this.words[number]?.length !== 0) return handle;
    while (number < this.words.length && this.words[number]?.length === 0) number++;
    return number << this.pageShift;
  }

  /** Takes a slot; its content is whatever was there before. */
  allocate(): number {
    const number = this.#firstOpen === NONE ? this.#openPage() : this.#firstOpen;
    const page = this.#page(number);
    let slot = page.firstFreeSlot;
    if (slot === NONE) slot = page.freshSlot++;
    else page.firstFreeSlot = this.#linkOf(number, slot);
    page.liveSlots++;
    this.#liveSlots++;
    if (page.liveSlots === this.#slotsPerPage) this.#unlink(page);
    return (number << this.pageShift) | slot;
  }

  /** Gives a slot back. */
  free(handle: number): void {
    const number = handle >>> this.pageShift;
    const slot = handle & this.slotMask;
    const page = this.#page(number);
    (this.words[number] as Int32Array)[slot * (this.slotBytes >>> 2)] = page.firstFreeSlot;
    page.firstFreeSlot = slot;
    page.liveSlots--;
    this.#liveSlots--;
    if (!page.isOpen) this.#link(number, page);
    if (page.liveSlots === 0) this.#putAside(number, page);
  }

  /** Gives the pages that are kept for later back to the system. */
  trim(): void {
    this.#spare.length = 0;
  }

  /** Frees everything at once; all handles become invalid. The pages are kept for later. */
  clear(): void {
    for (const words of this.words) if (words.length > 0) this.#spare.push(words.buffer);
    this.words.length = 0;
    this.floats.length = 0;
    this.bytes.length = 0;
    this.#pages.length = 0;
    this.#vacantPages.length = 0;
    this.#firstOpen = NONE;
    this.#liveSlots = 0;
  }

  #page(number: number): Page {
    return this.#pages[number] as Page;
  }

  #linkOf(number: number, slot: number): number {
    return (this.words[number] as Int32Array)[slot * (this.slotBytes >>> 2)] as number;
  }

  #openPage(): number {
    const number = this.#vacantPages.pop() ?? this.#pages.length;
    const memory = this.#spare.pop() ?? newPage(this.#slotsPerPage * this.slotBytes);
    this.words[number] = new Int32Array(memory);
    this.floats[number] = new Float64Array(memory);
    this.bytes[number] = Buffer.from(memory);
    const page: Page = {
      liveSlots: 0,
      firstFreeSlot: NONE,
      freshSlot: 0,
      previousOpen: NONE,
      nextOpen: NONE,
      isOpen: false,
    };
    this.#pages[number] = page;
    this.#link(number, page);
    return number;
  }

  /** Keeps an empty page for later: memory that is warm costs less than memory from the system. */
  #putAside(number: number, page: Page): void {
    this.#unlink(page);
    this.#spare.push((this.words[number] as Int32Array).buffer);
    this.words[number] = NO_WORDS;
    this.floats[number] = NO_FLOATS;
    this.bytes[number] = NO_BYTES;
    page.freshSlot = 0;
    this.#vacantPages.push(number);
  }

  #link(number: number, page: Page): void {
    page.isOpen = true;
    page.previousOpen = NONE;
    page.nextOpen = this.#firstOpen;
    if (this.#firstOpen !== NONE) this.#page(this.#firstOpen).previousOpen = number;
    this.#firstOpen = number;
  }

  #unlink(page: Page): void {
    page.isOpen = false;
    if (page.previousOpen === NONE) this.#firstOpen = page.nextOpen;
    else this.#page(page.previousOpen).nextOpen = page.nextOpen;
    if (page.nextOpen !== NONE) this.#page(page.nextOpen).previousOpen = page.previousOpen;
  }
}
