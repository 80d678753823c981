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
  /** Where the attempts begin; undefined: there was none, or the manifest may name it. */
  #attemptFrom: number | undefined;

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

  /** The manifest does. */
  end(): void {
    this.isThere = false;
    this.#attemptFrom = undefined;
  }
}
