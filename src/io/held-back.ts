/**
 * Says what is safe, and holds the rest back until it is: for clients' replies and for other nodes.
 *
 *   dirty ──flush──▶ said        if all that has happened is safe, or it promises nothing
 *     └────flush──▶ held ──seal──▶ sealed ──release──▶ said
 *                    a commit begins    it has ended
 *
 * What a speaker wrote before a commit began is covered by it; what it writes afterwards waits for a
 * later one. Those who have nothing held back go on as if there were no disk. Who is in which row changes
 * with every turn, so these are arrays, and speakers carry the mark themselves.
 */
import type { PromiseKeeper } from "./log/promise-keeper.ts";

/** Somebody who says things to somebody else. */
export interface Speaker {
  /** It is in a row of those held back; the owner's business. */
  isHeldBack: boolean;
  /**
   * Says what may be said: everything if all is safe, else what promises nothing. Returns whether
   * anything is held back.
   */
  flush(isAllSafe: boolean): boolean;
  /** What is held back now may be said at the next `release`. */
  seal(): void;
  /** Says what was sealed. Returns whether anything else is held back. */
  release(): boolean;
}

/** Speakers of one kind. */
export class HeldBack<S extends Speaker> {
  #dirty: S[] = [];
  #held: S[] = [];
  #sealed: S[] = [];

  /** It has something to say at the end of the turn. */
  noteDirty(speaker: S): void {
    this.#dirty.push(speaker);
  }

  /** The end of a turn. `between` is called whenever speaking may have made others speak. */
  flush(promises: PromiseKeeper, between: () => void = doNothing): void {
    const isAllSafe = promises.isDurable;
    if (promises.hasEndedCommit || isAllSafe) this.#release();
    if (isAllSafe) this.#resume();
    between();
    while (this.#dirty.length > 0) {
      const dirty = this.#dirty;
      this.#dirty = [];
      for (const speaker of dirty) if (speaker.flush(isAllSafe)) this.#hold(speaker);
      between();
    }
    if (promises.hasBegunCommit) this.#seal();
  }

  #hold(speaker: S): void {
    if (speaker.isHeldBack) return;
    speaker.isHeldBack = true;
    this.#held.push(speaker);
  }

  #seal(): void {
    for (const speaker of this.#held) this.#sealed.push(speaker);
    this.#held = [];
    // Those of a commit that failed are covered by this one, too.
    for (const speaker of this.#sealed) speaker.seal();
  }

  #release(): void {
    const sealed = this.#sealed;
    if (sealed.length === 0) return;
    this.#sealed = [];
    for (const speaker of sealed) {
      speaker.isHeldBack = false;
      if (speaker.release()) this.#hold(speaker);
    }
  }

  #resume(): void {
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = [];
    for (const speaker of held) {
      speaker.isHeldBack = false;
      if (speaker.flush(true)) this.#hold(speaker);
    }
  }
}

function doNothing(): void {}
