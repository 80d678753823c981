/**
 * Ids of jobs that something was done with lately, each with a number: remembered for as long as what
 * is done elsewhere may come behind it.
 *
 * Under load that is every job, so there is no object for any of them: a ring of plain numbers, in the
 * order in which they came, and a map from a word of the id to a place in it. Not all of them at all
 * costs: of a million in a few seconds the last ones are known.
 */
import type { Host } from "../../core/host.ts";
import { JOB_ID_WORDS } from "../../core/job-id.ts";

const CAPACITY_MIN = 64;
const CAPACITY_MAX = 16_384;
/** A random word of the id. */
const KEY_WORD = 3;
const NONE = -1;

/** Remembers ids. */
export class RecentIds {
  readonly #host: Host;
  readonly #rememberedMs: number;
  /** Places by a word of the id. */
  readonly #places = new Map<number, number>();
  #ids = new Int32Array(0);
  #numbers = new Int32Array(0);
  /** When each was remembered, monotonic ms. */
  #atMs = new Float64Array(0);
  /** The place of the oldest one, which is the next to be written. */
  #next = 0;

  constructor(host: Host, rememberedMs: number) {
    this.#host = host;
    this.#rememberedMs = rememberedMs;
  }

  /** Remembers an id with a number from 0 on, instead of what was remembered of it. */
  remember(id: Int32Array, number: number): void {
    if (this.#isOldestRecent) this.#grow();
    const place = this.#next;
    this.#next = (place + 1) % this.#numbers.length;
    const before = this.#keyAt(place);
    if (this.#places.get(before) === place) this.#places.delete(before);
    for (let word = 0; word < JOB_ID_WORDS; word++) {
      this.#ids[place * JOB_ID_WORDS + word] = id[word] as number;
    }
    this.#numbers[place] = number;
    this.#atMs[place] = this.#host.nowMs;
    this.#places.set(id[KEY_WORD] as number, place);
  }

  /** The number of an id, or -1. */
  numberOf(id: Int32Array): number {
    if (this.#places.size === 0) return NONE;
    const place = this.#places.get(id[KEY_WORD] as number);
    if (place === undefined || !this.#isRecent(place)) return NONE;
    for (let word = 0; word < JOB_ID_WORDS; word++) {
      if (this.#ids[place * JOB_ID_WORDS + word] !== id[word]) return NONE;
    }
    return this.#numbers[place] as number;
  }

  /** Forgets the ids with that number. */
  forgetNumber(number: number): void {
    this.#numbers.forEach((other, place) => {
      if (other === number) this.#numbers[place] = NONE;
    });
  }

  #isRecent(place: number): boolean {
    return (this.#atMs[place] as number) > this.#host.nowMs - this.#rememberedMs;
  }

  /** Whether it takes more places not to forget something too early, and there may be more. */
  get #isOldestRecent(): boolean {
    const capacity = this.#numbers.length;
    return capacity === 0 || (capacity < CAPACITY_MAX && this.#isRecent(this.#next));
  }

  #keyAt(place: number): number {
    return this.#ids[place * JOB_ID_WORDS + KEY_WORD] as number;
  }

  /** Twice as many places; the oldest comes first, and the new ones behind the youngest. */
  #grow(): void {
    const size = this.#numbers.length;
    const capacity = Math.max(CAPACITY_MIN, 2 * size);
    this.#ids = rotated(
      this.#ids,
      this.#next * JOB_ID_WORDS,
      new Int32Array(capacity * JOB_ID_WORDS),
    );
    this.#numbers = rotated(this.#numbers, this.#next, new Int32Array(capacity));
    this.#atMs = rotated(this.#atMs, this.#next, new Float64Array(capacity));
    this.#atMs.fill(Number.NEGATIVE_INFINITY, size);
    this.#next = size;
    for (let place = 0; place < size; place++) this.#places.set(this.#keyAt(place), place);
  }
}

/** Fills an array with another one from a place on, its beginning coming last. */
function rotated<Numbers extends Int32Array | Float64Array>(
  from: Numbers,
  first: number,
  into: Numbers,
): Numbers {
  into.set(from.subarray(first));
  into.set(from.subarray(0, first), from.length - first);
  return into;
}
