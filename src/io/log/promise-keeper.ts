/**
 * What those who speak to others must know of the log: whether what they say is safe.
 *
 * Whatever is said while it is not safe is held back. When a commit begins, all that is held back by
 * then is sealed: it is said when that commit ends, and what comes later waits for a later one.
 */

/** Knows how far the disk has got. */
export interface PromiseKeeper {
  /** There is a log: what was said since the last turn is not in it yet. */
  readonly isNeeded: boolean;
  /** Everything that has happened up to now is as safe as promised: all may be said. */
  readonly isDurable: boolean;
  /** In this turn something has begun that will make all of it safe. */
  readonly hasBegunCommit: boolean;
  /** Such a thing has ended well since the last turn. */
  readonly hasEndedCommit: boolean;
}

/** Of a node without a log: nothing is promised beyond memory. */
export const nothingPromised: PromiseKeeper = {
  isNeeded: false,
  isDurable: true,
  hasBegunCommit: false,
  hasEndedCommit: false,
};
