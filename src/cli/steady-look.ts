/**
 * Looking at files that a server may be changing meanwhile: what is seen at two moments does not fit together.
 *
 * A file that has gone since the list was read seems to be missing. So whoever looks compares what was said of the
 * files before and afterwards, and looks again. A server that changes that all the time is not waited for.
 */

const LOOKS_MAX = 4;

/** What was seen. */
export interface SteadyLook<T> {
  readonly found: T;
  /** Nothing came or went meanwhile. */
  readonly isSteady: boolean;
}

/**
 * Looks until nothing has changed meanwhile, a few times at most. Throws what the last look does.
 * @param stateOf what lies there, as a text that differs when it does
 */
export function lookSteadily<T>(stateOf: () => string, look: () => T): SteadyLook<T> {
  for (let left = LOOKS_MAX - 1; ; left--) {
    const before = stateOf();
    try {
      const found = look();
      const isSteady = stateOf() === before;
      if (isSteady || left === 0) return { found, isSteady };
    } catch (error) {
      if (left === 0 || stateOf() === before) throw error;
    }
  }
}
