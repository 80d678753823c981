/**
 * The ring, asked for again and again by those pages that draw it.
 *
 * It changes when nodes come and go, which is rare: a look every few seconds is enough.
 */
import { useMemo } from "preact/hooks";
import type { RingShape } from "../shapes/api-shapes.ts";
import { inIdOrder } from "../shapes/ring-order.ts";
import { usePolled } from "./poll.ts";

const PAUSE_MS = 5000;

/** The ring, and where `key` lies on it: the id of a job, or a queue's name. */
export function useRing(key?: string): {
  ring: RingShape | undefined;
  problem: string | undefined;
} {
  const path = key === undefined ? "/api/ring" : `/api/ring?key=${encodeURIComponent(key)}`;
  const { value, problem } = usePolled<RingShape>(path, PAUSE_MS);
  const ring = useMemo(() => (value === undefined ? undefined : inIdOrder(value)), [value]);
  return { ring, problem };
}
