/**
 * How long most of something took, from counts in buckets that double.
 *
 * Two readings of the same counters give what happened between them.
 */
import type { BucketsShape } from "./api-shapes.ts";

/** What happened between two readings; a counter that went back was started anew. */
export function bucketsBetween(before: BucketsShape | undefined, now: BucketsShape): BucketsShape {
  const grown = now.buckets.map((count, at) => count - (before?.buckets[at] ?? 0));
  return grown.some((count) => count < 0) ? now : { ...now, buckets: grown };
}

/** Seconds within which this fraction of it was done, at most; null when nothing happened. */
export function quantile({ unitSeconds, buckets }: BucketsShape, fraction: number): number | null {
  const all = buckets.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let seen = 0;
  for (const [at, count] of buckets.entries()) {
    const before = seen;
    seen += count;
    if (seen < all * fraction || count === 0) continue;
    const from = at === 0 ? 0 : 2 ** (at - 1);
    const within = (all * fraction - before) / count;
    return (from + (2 ** at - from) * within) * unitSeconds;
  }
  return 2 ** buckets.length * unitSeconds;
}
