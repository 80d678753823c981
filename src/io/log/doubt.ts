/**
 * Whether what was written can be trusted, and what has become of the attempts to make it good.
 *
 * A failed sync leaves doubt about everything since the last good one; then all that is alive is written
 * anew behind it. When that attempt fails as well, nobody needs what it has written, and the next one
 * takes its place: else a disk that goes on failing would be filled with copies.
 */
import type { SegmentChain } from "./segment-chain.ts";

/** About one chain. */
export class Doubt {
  /** What was written since the last good sync may be lost, and is being written anew. */
  isThere = false;
  /** Nothing at first, not even what is before. */
  #safeBytes = -1;
  /** The log begins with what this process has written, or with what it has made safe. */
  #hasBase = false;
  /** Where the attempts begin; undefined: there was none, or the manifest may name it. */
  #attemptFrom: number | undefined;

  /**
   * How much is on the disk for sure with all that is before it, given how much syncs have covered; since
   * there is doubt, no more.
   */
  safeBytes(syncedBytes: number): number {
    if (this.#hasBase && !this.isThere) this.#safeBytes = syncedBytes;
    return this.#safeBytes;
  }

  /** A sync has failed. */
  begin(): void {
    this.isThere = true;
  }

  /** Before the first segment of an attempt is begun: removes the former one. Throws the system's error. */
  makeRoom(chain: SegmentChain): void {
    if (!this.isThere || this.#attemptFrom === undefined) return;
    chain.abandon();
    chain.deleteFrom(this.#attemptFrom);
  }

  /** This is the first segment of an attempt. */
  attempted(firstSegment: number): void {
    if (this.isThere) this.#attemptFrom = firstSegment;
  }

  /** The manifest is about to name the attempt: from here on it must not be removed. */
  installing(): void {
    this.#attemptFrom = undefined;
  }

  /** The manifest does, or what is before the first segment is safe. */
  end(): void {
    this.#hasBase = true;
    this.isThere = false;
    this.#attemptFrom = undefined;
  }
}
