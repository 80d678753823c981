/**
 * One request of a client: a list of arguments, the command name first.
 *
 * A Request owns no argument bytes. It says where each argument lies in the buffer that was read
 * from the socket, because a slice or string per argument would cost ten times the parsing (and
 * keep 64 KB alive for a 5-byte name). It is valid only while the handler runs; who needs something
 * for longer takes `text` or `bytes`.
 */
import { equalsIgnoringCase, latin1Text, parseInteger } from "../util/byte-text.ts";

/** Limits of what a client may send. May be changed between requests: AUTH raises them. */
export interface ReaderLimits {
  /** Arguments in a request. */
  argsMax: number;
  /** Bytes of one argument. */
  bulkBytesMax: number;
  /** Bytes of an inline request, and of a header line, before their line end. */
  inlineBytesMax: number;
  /** Bytes of a whole request on the wire; at most 2^31 - 1. */
  requestBytesMax: number;
  /** True while the client has yet to authenticate: refused lengths then say so. */
  isUnauthenticated?: boolean;
}

const ARGS_MAX = 1 << 20; // as Redis, "invalid multibulk length" above
const BULK_BYTES_MAX = 512 * 1024 * 1024; // as Redis, "invalid bulk length" above
const LINE_BYTES_MAX = 64 * 1024; // as Redis, "too big ..." above
const REQUEST_BYTES_MAX = 1024 * 1024 * 1024; // the reference's query buffer
const UNAUTHENTICATED_BYTES_MAX = 64 * 1024;
const UNAUTHENTICATED_ARGS_MAX = 1024;

/** The protocol's own limits, for clients that may do everything. */
export function fullLimits(): ReaderLimits {
  return {
    argsMax: ARGS_MAX,
    bulkBytesMax: BULK_BYTES_MAX,
    inlineBytesMax: LINE_BYTES_MAX,
    requestBytesMax: REQUEST_BYTES_MAX,
    isUnauthenticated: false,
  };
}

/** Enough for AUTH and HELLO, and nothing a stranger could fill the memory with. */
export function unauthenticatedLimits(): ReaderLimits {
  return {
    argsMax: UNAUTHENTICATED_ARGS_MAX,
    bulkBytesMax: UNAUTHENTICATED_BYTES_MAX,
    inlineBytesMax: UNAUTHENTICATED_BYTES_MAX,
    requestBytesMax: UNAUTHENTICATED_BYTES_MAX,
    isUnauthenticated: true,
  };
}

/** Takes complete requests. */
export interface RequestHandler {
  /**
   * Runs one request. False stops the reader behind it (or, after `request.defer()`, before it)
   * until `resume`. Must not call `feed` or `resume` of any reader: all readers share the Request.
   * When it throws, the reader is dead.
   */
  onRequest(request: Request): boolean;
  /** An empty request of so many bytes was stepped over. False stops the reader behind it. */
  onSkipped?(bytes: number): boolean;
}

const NOTHING = Buffer.alloc(0);
const FIRST_CAPACITY = 16;

/**
 * One complete request; valid only during the handler call. Arguments are numbered from 0, the
 * command name.
 */
export class Request {
  /** Where the arguments are. Not this request's own: never keep it or a slice of it. */
  buffer: Buffer = NOTHING;
  /** Number of arguments, at least 1. */
  count = 0;
  /** Offset of the first byte of each argument; entries from `count` on are leftovers. */
  starts: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** Offset behind the last byte of each argument. */
  ends: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** Bytes the request took on the wire. */
  totalBytes = 0;
  /** Set by `defer`. */
  isDeferred = false;

  /** Offset in `buffer` of the first byte of argument `i`. */
  start(i: number): number {
    return this.starts[this.#checked(i)] ?? 0;
  }

  /** Offset in `buffer` behind the last byte of argument `i`. */
  end(i: number): number {
    return this.ends[this.#checked(i)] ?? 0;
  }

  /** Bytes of argument `i`. */
  size(i: number): number {
    return this.end(i) - this.start(i);
  }

  /** A latin1 copy of argument `i`. */
  text(i: number): string {
    return latin1Text(this.buffer, this.start(i), this.end(i));
  }

  /** A copy of argument `i` in memory of its own, safe to keep for years. */
  bytes(i: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.size(i));
    this.buffer.copy(copy, 0, this.start(i), this.end(i));
    return copy;
  }

  /** Whether argument `i` is `word`, ignoring the case of letters. */
  is(i: number, word: Uint8Array): boolean {
    return equalsIgnoringCase(this.buffer, this.start(i), this.end(i), word);
  }

  /** Argument `i` as an integer, NaN when it is none (the rules of `parseInteger`). */
  integer(i: number): number {
    return parseInteger(this.buffer, this.start(i), this.end(i));
  }

  /**
   * The handler could not run the request yet: when it now returns false, `resume` hands out the
   * same request again. For commands that must wait for the replies of earlier ones.
   */
  defer(): void {
    this.isDeferred = true;
  }

  /**
   * Lets go of the buffer; a handler that kept the request gets errors now instead of foreign
   * bytes.
   */
  forget(): void {
    this.buffer = NOTHING;
    this.count = 0;
  }

  /** Doubles the room for arguments. Only the parser calls this. */
  growArguments(): void {
    const capacity = this.starts.length * 2;
    this.starts = grown(this.starts, capacity);
    this.ends = grown(this.ends, capacity);
  }

  /** Behind the last argument lie offsets of somebody else's request. */
  #checked(i: number): number {
    if (i >= this.count) throw new RangeError(`argument ${i} of ${this.count}`);
    return i;
  }
}

function grown(offsets: Int32Array, capacity: number): Int32Array {
  const copy = new Int32Array(capacity);
  copy.set(offsets);
  return copy;
}
