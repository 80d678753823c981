/**
 * A seeded random generator (xoshiro128**, Blackman and Vigna 2018): the same seed gives the same
 * run.
 *
 * The simulator, the tests and the benchmarks draw everything from one of these, so that a failure
 * can be repeated from its seed. Fast and well spread, but anyone who sees four outputs can predict
 * the rest: secrets come from the operating system instead.
 */

const TWO_32 = 0x1_0000_0000;

/** One stream of pseudo-random numbers. */
export class Xorshift {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /**
   * Any safe integer is a seed; its 32-bit halves are spread over the 128 bits of state by
   * splitmix32.
   */
  constructor(seed: number) {
    let state = (seed ^ Math.imul(Math.floor(seed / TWO_32), 0x9e3779b9)) | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1; // an all-zero state would stay zero for ever
  }

  /** The next 32 bits, 0 to 2^32 - 1. */
  word(): number {
    const scrambled = Math.imul(this.#b, 5);
    const word = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return word;
  }

  /** A fraction in [0, 1) with 53 random bits. */
  fraction(): number {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** An integer in [0, n); n at least 1 and at most 2^53. */
  below(n: number): number {
    if (n > TWO_32) return Math.floor(this.fraction() * n);
    return Math.floor((this.word() / TWO_32) * n);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.fraction() < p;
  }

  /** One element of a list; throws on an empty one. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError("pick from an empty list");
    return list[this.below(list.length)] as T;
  }

  /** Puts the list itself into random order (Fisher-Yates) and returns it. */
  shuffle<T>(list: T[]): T[] {
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const kept = list[last] as T;
      list[last] = list[other] as T;
      list[other] = kept;
    }
    return list;
  }
}
