/**
 * What the end of a log says of what may be missing behind it.
 *
 * A log that breaks off between two blocks looks whole. Whether it is shows in how its last segment was
 * written and closed, and in whether the machine has stopped since.
 */
import type { SegmentHeader } from "./log-format.ts";
import type { RecordKind } from "./record-types.ts";

/** Told of a log from its first segment to its last record. */
export class LogEnd {
  #segment: SegmentHeader | undefined;
  /** The last one with a block, and those behind it, which are only begun. */
  #last: SegmentHeader | undefined;
  #begun: SegmentHeader[] = [];
  #isClosed = false;

  segment(header: SegmentHeader): void {
    this.#segment = header;
    this.#begun.push(header);
  }

  block(): void {
    this.#last = this.#segment;
    this.#begun = [];
  }

  record(kind: RecordKind): void {
    this.#isClosed = kind === "closed";
  }

  /**
   * Nothing is missing that was promised when it was written: the node was stopped in good order, or with
   * `always`, or the machine goes on. A segment without blocks may have had some, and says nothing for what
   * is before it.
   * @param bootId of the machine now, as in a segment's header
   */
  isSure(bootId: string): boolean {
    const isKnown = !/^0*$/.test(bootId);
    const isSafe = (header: SegmentHeader): boolean =>
      header.policy === "always" || (isKnown && header.bootId === bootId);
    const isLastSafe = this.#last === undefined || this.#isClosed || isSafe(this.#last);
    return isLastSafe && this.#begun.every(isSafe);
  }
}
