/**
 * Numbers as people read them: `12.3k`, `3m12s`, `1.20M`.
 *
 * What is not known is a dash.
 */
import { humanSize } from "../util/bytes.ts";

const UNKNOWN = "-";
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A count with all its digits. */
export function countText(count: number): string {
  return Number.isFinite(count)
    ? count.toLocaleString("en-US", { maximumFractionDigits: 0 })
    : UNKNOWN;
}

/** Events a second: one digit behind the point where it matters. */
export function rateText(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return UNKNOWN;
  const digits = perSecond > 0 && perSecond < 10 ? 1 : 0;
  return perSecond.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A duration by its two greatest units: `420ms`, `12s`, `3m12s`, `5h02m`, `3d4h`. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return UNKNOWN;
  if (ms < SECOND_MS) return `${Math.round(Math.max(0, ms))}ms`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m${rest(ms, MINUTE_MS, SECOND_MS)}s`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h${rest(ms, HOUR_MS, MINUTE_MS)}m`;
  return `${Math.floor(ms / DAY_MS)}d${Math.floor((ms % DAY_MS) / HOUR_MS)}h`;
}

/** Bytes in a unit that fits. */
export function sizeText(bytes: number): string {
  return Number.isFinite(bytes) ? humanSize(bytes) : UNKNOWN;
}

/** Microseconds as milliseconds with three significant digits. */
export function microsText(micros: number): string {
  if (!Number.isFinite(micros)) return UNKNOWN;
  const ms = micros / 1000;
  return ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3);
}

function rest(ms: number, unit: number, smaller: number): string {
  return String(Math.floor((ms % unit) / smaller)).padStart(2, "0");
}
