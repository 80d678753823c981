/**
 * The progress of a disk as a test decides it, for whoever holds back what is not safe to say.
 *
 * Before each turn the test sets what has become of the disk; nothing changes by itself.
 */
import type { PromiseKeeper } from "../../src/io/log/promise-keeper.ts";

/** A disk that has everything, until told otherwise. */
export class FakePromises implements PromiseKeeper {
  isNeeded = false;
  isDurable = true;
  hasBegunCommit = false;
  hasEndedCommit = false;

  /** Something was written, and is not safe. */
  busy(): void {
    this.#set(false, false, false);
  }

  /** A commit begins with this turn. */
  begins(): void {
    this.#set(false, true, false);
  }

  /** The commit has ended; more was written meanwhile, or not. */
  ended(isAllSafe: boolean): void {
    this.#set(isAllSafe, false, true);
  }

  #set(isDurable: boolean, hasBegunCommit: boolean, hasEndedCommit: boolean): void {
    this.isDurable = isDurable;
    this.hasBegunCommit = hasBegunCommit;
    this.hasEndedCommit = hasEndedCommit;
  }
}
