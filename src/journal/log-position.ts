/**
 * A place in the log: so many bytes into a segment.
 *
 * Every block names one: everything before it was on the disk when the block was written. So whoever finds
 * damage knows whether a power failure can have left it, or something has gone that was safe already.
 */

/** Everything before byte `bytes` of segment `segment`. */
export interface LogPosition {
  readonly segment: number;
  readonly bytes: number;
}

/** Before the first segment. */
export const LOG_BEGIN: LogPosition = { segment: 0, bytes: 0 };

/** Whether one lies behind the other. */
export function isBehind(one: LogPosition, other: LogPosition): boolean {
  if (one.segment !== other.segment) return one.segment > other.segment;
  return one.bytes > other.bytes;
}

/** The one that lies behind. */
export function furtherOf(one: LogPosition, other: LogPosition): LogPosition {
  return isBehind(other, one) ? other : one;
}
