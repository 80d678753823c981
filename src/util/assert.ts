/**
 * Failures that must not happen.
 *
 * Expected failures (a bad argument, a full queue, a torn file) are values. What these two report
 * is a bug in ringq itself: the process stops rather than go on with a state nobody understands.
 */

/** Throws when `condition` is false. `message` names what should have been true. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/**
 * Ends a switch over a union: the compiler complains when a case is missing, and so does the
 * running program.
 */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
