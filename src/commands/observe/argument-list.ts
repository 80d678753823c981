/**
 * The arguments of one request as the observers see them: the command's name first, then the rest.
 *
 * SLOWLOG, MONITOR and redaction only look, and never at more than they show: a 500 MB body must
 * not be copied for the 128 bytes of it that the slow log keeps. This is the narrow part of a
 * Request that they read.
 */

/** Where a request's arguments lie. A `Request` is one; the buffer is not kept. */
export interface ArgumentList {
  /** Number of arguments, the command's name included. */
  readonly count: number;
  readonly buffer: Buffer;
  /** Offset in `buffer` of the first byte of argument `index`. */
  start(index: number): number;
  /** Offset behind its last byte. */
  end(index: number): number;
}

/** Bytes of argument `index`. */
export function argumentSize(args: ArgumentList, index: number): number {
  return args.end(index) - args.start(index);
}

/** The first `bytesMax` bytes of argument `index`, or all of it, one character a byte (latin1). */
export function argumentText(args: ArgumentList, index: number, bytesMax: number): string {
  const start = args.start(index);
  return args.buffer.toString("latin1", start, Math.min(args.end(index), start + bytesMax));
}
