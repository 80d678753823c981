/**
 * Figures as people read them: three digits that matter, a unit, and always the same width of thought.
 *
 * A thin space stands between a number and its unit. What is unknown is a dash.
 */

const UNKNOWN = "–";
const SPACE = "\u2009";
const PREFIXES = ["", "k", "M", "G", "T"];
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** All digits: `12,345`. */
export function count(value: number | null | undefined): string {
  return isKnown(value) ? whole.format(value) : UNKNOWN;
}

/** Three digits that matter: `7`, `1.23 k`, `45.6 M`. */
export function short(value: number | null | undefined): string {
  if (!isKnown(value)) return UNKNOWN;
  const { digits, step } = scaled(value, 1000, PREFIXES.length);
  return step === 0 ? digits : `${digits}${SPACE}${PREFIXES[step]}`;
}

/** Per second: `0/s`, `0.4/s`, `1.23 k/s`. */
export function rate(value: number | null | undefined): string {
  return isKnown(value) ? `${short(value)}/s` : UNKNOWN;
}

/** Bytes in steps of 1024: `512 B`, `1.5 MiB`. */
export function bytes(value: number | null | undefined): string {
  if (!isKnown(value)) return UNKNOWN;
  const { digits, step } = scaled(value, 1024, BYTE_UNITS.length);
  return `${digits}${SPACE}${BYTE_UNITS[step]}`;
}

/** A fraction: `33.3 %`. */
export function percent(fraction: number | null | undefined): string {
  if (!isKnown(fraction)) return UNKNOWN;
  const value = fraction * 100;
  return `${value.toFixed(value === 0 || value >= 99.95 ? 0 : 1)}${SPACE}%`;
}

/** A time: `80 µs`, `12 ms`, `3.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number | null | undefined): string {
  if (!isKnown(seconds)) return UNKNOWN;
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds === 0) return `0${SPACE}s`;
  if (seconds < 0.001) return `${digitsOf(seconds * 1e6)}${SPACE}µs`;
  if (seconds < 1) return `${digitsOf(seconds * 1000)}${SPACE}ms`;
  if (seconds < 60) return `${digitsOf(seconds, 1)}${SPACE}s`;
  if (seconds < 3600) return pair(seconds, 60, "min", "s");
  if (seconds < 86_400) return pair(seconds / 60, 60, "h", "min");
  return pair(seconds / 3600, 24, "d", "h");
}

/** How long ago: `now`, `3 min ago`. */
export function ago(seconds: number | null | undefined): string {
  if (!isKnown(seconds)) return UNKNOWN;
  return seconds < 1 ? "now" : `${duration(seconds)} ago`;
}

/** The beginning of an id of a node. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** The name of a queue; the empty one in quotes, or nothing could be seen or clicked. */
export function queueName(name: string): string {
  return name === "" ? '""' : name;
}

/** How the moment of an ISO text reads here, with milliseconds. */
export function moment(iso: string): string {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function isKnown(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function scaled(value: number, base: number, steps: number): { digits: string; step: number } {
  let size = Math.abs(value);
  let step = 0;
  // 999.6 would be written as 1000.
  while (size >= base - 0.5 && step < steps - 1) {
    size /= base;
    step++;
  }
  const sign = value < 0 ? "-" : "";
  return { digits: `${sign}${digitsOf(size, step === 0 ? 1 : 2)}`, step };
}

/** About three digits, without zeros at the end that say nothing. */
function digitsOf(value: number, decimalsMax = 2): string {
  const decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = value.toFixed(Math.min(decimals, decimalsMax));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function pair(value: number, per: number, unit: string, lower: string): string {
  const smaller = Math.floor(value);
  const larger = Math.floor(smaller / per);
  const rest = smaller - larger * per;
  const first = `${larger}${SPACE}${unit}`;
  return rest === 0 ? first : `${first} ${rest}${SPACE}${lower}`;
}
