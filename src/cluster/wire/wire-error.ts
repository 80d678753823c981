/**
 * The one error that bytes from another node can cause.
 *
 * The readers throw it wherever they are; the frame reader catches it, once, and hands it out as a
 * value. After it nothing more can be believed of that connection: it must be closed. Values that
 * we cannot write are a different thing, a bug of ours, and stop the process like any other.
 */

/** What a node sent is not what the protocol allows; the message says what. */
export class WireError extends Error {
  override readonly name = "WireError";
}
