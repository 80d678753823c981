/**
 * Sizes in bytes as people write and read them: `64mb` in a configuration file, `755.73K` in INFO.
 *
 * Three notations, all inherited from Redis: what a directive accepts (k is 1000, kb is 1024), what
 * CONFIG REWRITE prints (only exact multiples get a unit) and the rounded form beside every exact
 * number in INFO.
 */

const KB = 1024;
const MB = KB * 1024;
const GB = MB * 1024;

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["k", 1000],
  ["kb", KB],
  ["m", 1_000_000],
  ["mb", MB],
  ["g", 1_000_000_000],
  ["gb", GB],
]);

/**
 * Bytes meant by `text`: digits and an optional unit b, k, kb, m, mb, g, gb in any case.
 * Undefined when it is anything else (signs, blanks, fractions), or above 2^53 - 1.
 */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d+)([a-z]*)$/i.exec(text);
  if (parts === null) return undefined;
  const unit = UNITS.get((parts[2] ?? "").toLowerCase());
  if (unit === undefined) return undefined;
  const size = Number(parts[1]) * unit;
  return Number.isSafeInteger(size) ? size : undefined;
}

/** The shortest exact form that `parseSize` reads back: 1gb, 1536mb, 3kb, 1000. */
export function printSize(bytes: number): string {
  if (bytes !== 0) {
    if (bytes % GB === 0) return `${bytes / GB}gb`;
    if (bytes % MB === 0) return `${bytes / MB}mb`;
    if (bytes % KB === 0) return `${bytes / KB}kb`;
  }
  return String(bytes);
}

/** Rounded, as INFO's `used_memory_human` prints it: 512B, 755.73K, 1.20M, 3.00G, 1.50T. */
export function humanSize(bytes: number): string {
  if (bytes < KB) return `${bytes}B`;
  if (bytes < MB) return `${(bytes / KB).toFixed(2)}K`;
  if (bytes < GB) return `${(bytes / MB).toFixed(2)}M`;
  if (bytes < GB * KB) return `${(bytes / GB).toFixed(2)}G`;
  return `${(bytes / (GB * KB)).toFixed(2)}T`;
}
