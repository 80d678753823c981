/**
 * Which jobs are left at the end of a file, and where each was written last.
 *
 * A plain Map cannot hold more than 16 million entries and takes several times the room; this is a hash
 * table in typed arrays (linear probing; an entry that goes lets those behind it move up), 64 to 130 bytes
 * a job at worst. It knows nothing of the jobs but their ids.
 */
import { JOB_ID_WORDS } from "../core/job-id.ts";
import { hashId, hashKeys } from "../core/keyed-hash.ts";

const CELLS_MIN = 1024;
const NOTHING = -1;

/** Offsets by job id. */
export class Survivors {
  readonly #keys: Int32Array;
  #ids = new Int32Array(CELLS_MIN * JOB_ID_WORDS);
  /** NOTHING in a cell that is free. */
  #offsets = new Float64Array(CELLS_MIN).fill(NOTHING);
  #count = 0;

  /** @param secret 32 unpredictable bits: whoever made the ids must not choose the cells */
  constructor(secret: number) {
    this.#keys = hashKeys(secret);
  }

  /** How many are left. */
  get count(): number {
    return this.#count;
  }

  /** Where this job was written last; -1: it is not left. */
  offsetOf(id: Int32Array): number {
    return this.#offsets[this.#find(id)] as number;
  }

  /** The job is written at this offset (0 or more). False: it was left already, from elsewhere. */
  set(id: Int32Array, offset: number): boolean {
    let cell = this.#find(id);
    const isNew = this.#offsets[cell] === NOTHING;
    if (isNew) {
      if (this.#count * 2 >= this.#offsets.length) {
        this.#grow();
        cell = this.#find(id);
      }
      this.#ids.set(id, cell * JOB_ID_WORDS);
      this.#count++;
    }
    this.#offsets[cell] = offset;
    return isNew;
  }

  /** The job is not left. False: it was not before. */
  delete(id: Int32Array): boolean {
    let free = this.#find(id);
    if (this.#offsets[free] === NOTHING) return false;
    this.#count--;
    const mask = this.#offsets.length - 1;
    for (let cell = (free + 1) & mask; this.#offsets[cell] !== NOTHING; cell = (cell + 1) & mask) {
      const home = hashId(this.#keys, this.#idIn(cell)) & mask;
      // Whoever is found on the way over the free cell moves there.
      if (((cell - home) & mask) < ((cell - free) & mask)) continue;
      this.#ids.set(this.#idIn(cell), free * JOB_ID_WORDS);
      this.#offsets[free] = this.#offsets[cell] as number;
      free = cell;
    }
    this.#offsets[free] = NOTHING;
    return true;
  }

  /** The cell of this job, or the free one where it would be. */
  #find(id: Int32Array): number {
    const mask = this.#offsets.length - 1;
    let cell = hashId(this.#keys, id) & mask;
    while (this.#offsets[cell] !== NOTHING && !this.#isIn(cell, id)) cell = (cell + 1) & mask;
    return cell;
  }

  #isIn(cell: number, id: Int32Array): boolean {
    const at = cell * JOB_ID_WORDS;
    for (let word = 0; word < JOB_ID_WORDS; word++) {
      if (this.#ids[at + word] !== id[word]) return false;
    }
    return true;
  }

  #idIn(cell: number): Int32Array {
    return this.#ids.subarray(cell * JOB_ID_WORDS, (cell + 1) * JOB_ID_WORDS);
  }

  #grow(): void {
    const ids = this.#ids;
    const offsets = this.#offsets;
    this.#ids = new Int32Array(ids.length * 2);
    this.#offsets = new Float64Array(offsets.length * 2).fill(NOTHING);
    for (let cell = 0; cell < offsets.length; cell++) {
      if (offsets[cell] === NOTHING) continue;
      const id = ids.subarray(cell * JOB_ID_WORDS, (cell + 1) * JOB_ID_WORDS);
      const place = this.#find(id);
      this.#ids.set(id, place * JOB_ID_WORDS);
      this.#offsets[place] = offsets[cell] as number;
    }
  }
}
