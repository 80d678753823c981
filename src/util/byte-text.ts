/**
 * Reading words and numbers straight from a range of bytes, without making a string first.
 *
 * Requests are looked at where they lie in the receive buffer: a string per argument would cost
 * more than everything else done with it. Text is latin1 throughout: one character per byte, so
 * that any bytes survive the way into a string and back.
 */

/**
 * Bytes of a latin1 string; characters above 255 lose their upper half. For constants and tests.
 */
export function latin1Bytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** A latin1 copy of `buffer[start, end)`. */
export function latin1Text(buffer: Buffer, start: number, end: number): string {
  return buffer.toString("latin1", start, end);
}

/** Negative when `a` comes first, as for sorting. For short ones: calling out of the engine takes 0.3 us. */
export function comparedBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Every byte with A-Z turned into a-z. */
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 65 && byte <= 90 ? byte + 32 : byte,
);

/** Whether `buffer[start, end)` is `word` when the case of letters A-Z does not count. */
export function equalsIgnoringCase(
  buffer: Uint8Array,
  start: number,
  end: number,
  word: Uint8Array,
): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (LOWER[buffer[start + i] ?? 0] !== LOWER[word[i] ?? 0]) return false;
  }
  return true;
}

const ZERO = 48;
const PLUS = 43;
const MINUS = 45;

/**
 * The decimal integer written in `buffer[start, end)`: an optional sign, digits, leading zeros
 * allowed. NaN for anything else, empty ranges, blanks and NUL bytes included, and outside +-(2^53
 * - 1).
 */
export function parseInteger(buffer: Uint8Array, start: number, end: number): number {
  const sign = buffer[start];
  let at = sign === MINUS || sign === PLUS ? start + 1 : start;
  if (at >= end) return Number.NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = (buffer[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
  }
  return sign === MINUS && value !== 0 ? -value : value;
}
