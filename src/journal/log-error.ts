/**
 * The one error that bytes of a log can cause.
 *
 * Whoever reads a log catches it and says where it happened: the file and the offset are known there.
 * It is never a bug of ours, but a file that something else has damaged, or that is no log at all.
 */

/** The bytes are not what a log may hold; the message says why, in words for an operator. */
export class LogError extends Error {
  override readonly name = "LogError";
}
