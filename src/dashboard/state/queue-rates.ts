/**
 * How fast jobs come into one queue and go out of it, from the readings of a page.
 *
 * Kept over some seconds, so that a queue with a job now and then does not flicker.
 */
import { useRef } from "preact/hooks";
import type { QueueShape } from "../shapes/api-shapes.ts";

/** Over how long, ms. */
const WINDOW_MS = 10_000;

interface Reading {
  readonly atMs: number;
  readonly queue: QueueShape;
}

/** Jobs a second; null until there are two readings. */
export function useRates(queue: QueueShape | undefined): { in: number | null; out: number | null } {
  const readings = useRef<Reading[]>([]);
  const list = readings.current;
  const nowMs = performance.now();
  if (queue !== undefined && list.at(-1)?.queue !== queue) {
    const isOther = queue.jobsIn < (list.at(-1)?.queue.jobsIn ?? 0);
    if (isOther) list.length = 0;
    list.push({ atMs: nowMs, queue });
    while (list.length > 2 && nowMs - (list[0]?.atMs ?? 0) > WINDOW_MS) list.shift();
  }
  const [first, last] = [list[0], list.at(-1)];
  if (first === undefined || last === undefined || first === last) return { in: null, out: null };
  const seconds = (last.atMs - first.atMs) / 1000;
  return {
    in: Math.max(0, last.queue.jobsIn - first.queue.jobsIn) / seconds,
    out: Math.max(0, last.queue.jobsOut - first.queue.jobsOut) / seconds,
  };
}
