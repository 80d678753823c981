/**
 * Times within which things must be so, from the configuration of a life.
 *
 * Generous where the invariant says "about", because what is checked is that it becomes so at all, not
 * how fast a simulated network is.
 */
import type { ClusterConfig } from "../config.ts";

/** Turns, rounding of clocks, and the way to a client. */
const PROCESSING_MS = 10;
/** Clocks of two nodes differ by this share at most. */
const DRIFT = 4e-4;

/** From one node to another and back, with what both need for it. */
export function roundTripMs(config: ClusterConfig): number {
  return 2 * config.delayMaxMs + PROCESSING_MS;
}

/** So long a node that is gone is counted on, and by what is under way from who counts on it. */
export function noticeMs(config: ClusterConfig): number {
  return config.nodeTimeoutMs + roundTripMs(config);
}

/** By how much two nodes may differ about a span of time. */
export function driftMs(spanMs: number): number {
  return spanMs * DRIFT + PROCESSING_MS;
}
