/**
 * Understands one request at a time: an array of bulk strings (`*2\r\n$4\r\nPING\r\n$1\r\nx\r\n`)
 * or an inline line (`PING x\r\n`).
 *
 * Requests come from strangers. redis-parser, which reads replies elsewhere, is not used for them:
 * it reserves memory for announced lengths (11 bytes cost 240 MB), recurses into nested arrays
 * until the stack ends, waits for ever on broken numbers, never checks the end of a payload, and
 * knows no inline requests.
 *
 * A request may arrive in any number of pieces. What has been understood is remembered as offsets
 * from the request's first byte, so that a further piece continues there: no byte of a payload is
 * looked at, and of a line only the last header's digits are read again. Nothing is reserved for
 * what is merely announced. Results do not depend on how a request was cut, errors included.
 *
 * Two rules are stricter than the reference: the two bytes behind a payload must be CR LF, and a
 * bare LF ends a header line as a wrong number instead of being waited upon for ever.
 */
import { latin1Bytes, latin1Text } from "../util/byte-text.ts";
import { splitInline } from "./inline-request.ts";
import type { ReaderLimits, Request } from "./request.ts";

/** What came of looking at the bytes there are. */
export type Outcome = 0 | 1 | 2 | 3;
/** More bytes are needed; `wantedBytes` and `argumentsRead` say how far it is. */
export const INCOMPLETE = 0;
/** The Request is filled in. */
export const COMPLETE = 1;
/**
 * Something without a request in it: an empty line or array. `totalBytes` of the Request says how
 * long.
 */
export const SKIPPED = 2;
/** Not a request; `error` says why, and there is no way to find the next one. */
export const FAILED = 3;

/**
 * The `error` of a request that looks like HTTP. Nothing is answered to those: the sender is a
 * tricked browser.
 */
export const CROSS_PROTOCOL = "HTTP request on the client port";

/** The `error` of what is the beginning of a TLS handshake. The other end understands that it is none. */
export const TLS_HELLO = "ERR Protocol error: TLS on a port without it, see tls-port";

const STAR = 42;
const DOLLAR = 36;
const ZERO = 48;
const CR = 13;
const LF = 10;
/** First bytes of a TLS record that begins a handshake, of any version. */
const TLS_HANDSHAKE = 22;
const TLS_MAJOR = 3;
const POST = latin1Bytes("POST");
const HOST = latin1Bytes("HOST:");

/** So many digits cannot overflow 31 bits and reach every length that is allowed. */
const DIGITS_MAX = 9;

// What #header answers besides a number.
const UNFINISHED = -1;
const NEGATIVE = -2;
const MALFORMED = -3;
const TOO_LONG = -4;

const NOT_READ = -1;

/** State of the request under way. Knows nothing about chunks: that is the reader's work. */
export class RequestParser {
  /** Why the last outcome was FAILED, ready to be sent behind a `-`. */
  error = "";
  /**
   * After INCOMPLETE within a payload: the request will have at least so many bytes. Otherwise 0.
   */
  wantedBytes = 0;
  /** After INCOMPLETE: arguments whose offsets are in the Request already. */
  argumentsRead = 0;
  /** Arguments announced by the array header. */
  #announced = NOT_READ;
  /** Offset of the first header line not understood yet. */
  #position = 0;
  /** No LF of the line under way before this offset. */
  #scanned = 0;
  /** Behind the header line that #header has just read, in the buffer's own counting. */
  #next = 0;

  /**
   * Looks at the request whose first byte is `buffer[base]` and of which the bytes up to `end` are
   * there. After INCOMPLETE, call again with the same bytes at any `base` and more of them, and
   * with a Request that holds the offsets of the arguments read, as counted from the new base.
   */
  parse(
    request: Request,
    buffer: Buffer,
    base: number,
    end: number,
    limits: ReaderLimits,
  ): Outcome {
    if (buffer[base] !== STAR) return this.#inline(request, buffer, base, end, limits);
    if (this.#announced === NOT_READ) {
      const outcome = this.#arrayHeader(request, buffer, base, end, limits);
      if (outcome !== COMPLETE) return outcome;
    }
    return this.#array(request, buffer, base, end, limits);
  }

  /** COMPLETE here means: `#announced` is the number of elements, at least one. */
  #arrayHeader(
    request: Request,
    buffer: Buffer,
    base: number,
    end: number,
    limits: ReaderLimits,
  ): Outcome {
    const count = this.#header(buffer, base, base, end, limits);
    if (count === UNFINISHED) return INCOMPLETE;
    if (count === TOO_LONG) return this.#fail("too big mbulk count string");
    if (count === MALFORMED) return this.#fail("invalid multibulk length");
    if (count > limits.argsMax) return this.#failLength("multibulk", limits);
    const size = this.#next - base;
    if (count <= 0) {
      request.totalBytes = size;
      this.#reset();
      return SKIPPED;
    }
    this.#announced = count;
    this.#position = size;
    return COMPLETE;
  }

  #array(
    request: Request,
    buffer: Buffer,
    base: number,
    end: number,
    limits: ReaderLimits,
  ): Outcome {
    const count = this.#announced;
    const bulkBytesMax = limits.bulkBytesMax;
    const lastAllowed = base + limits.requestBytesMax;
    let index = this.argumentsRead;
    let at = base + this.#position;
    while (index < count) {
      if (at === end) return this.#pause(index, at - base, 0);
      if (buffer[at] !== DOLLAR) return this.#failType(buffer, at);
      const size = this.#header(buffer, base, at, end, limits);
      if (size === UNFINISHED) return this.#pause(index, at - base, 0);
      if (size < 0 || size > bulkBytesMax) return this.#failBulk(size, limits);
      const start = this.#next;
      const behind = start + size;
      if (behind + 2 > lastAllowed) return this.#fail("too big request");
      if (behind + 2 > end) return this.#pause(index, at - base, behind + 2 - base);
      if (buffer[behind] !== CR || buffer[behind + 1] !== LF) {
        return this.#fail("expected CRLF after bulk string");
      }
      if (index === request.starts.length) request.growArguments();
      request.starts[index] = start;
      request.ends[index] = behind;
      index++;
      at = behind + 2;
    }
    return this.#complete(request, buffer, count, at - base);
  }

  /**
   * The number in the header line that begins at `at` (its first byte is known), or one of the four
   * codes. This is the hot spot: two to four bytes per header in nearly all cases.
   */
  #header(buffer: Buffer, base: number, at: number, end: number, limits: ReaderLimits): number {
    let cursor = at + 2;
    let value = cursor < end ? (buffer[at + 1] ?? 0) - ZERO : -1;
    if (value >= 0 && value <= 9) {
      const stop = value === 0 ? cursor : Math.min(end, at + 1 + DIGITS_MAX); // no leading zeros
      while (cursor < stop) {
        const digit = (buffer[cursor] ?? 0) - ZERO;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
        cursor++;
      }
      if (cursor + 1 < end && buffer[cursor] === CR && buffer[cursor + 1] === LF) {
        this.#next = cursor + 2;
        return value;
      }
    }
    return this.#oddHeader(buffer, base, at, end, limits);
  }

  /** Header lines that are unfinished, negative or wrong. */
  #oddHeader(buffer: Buffer, base: number, at: number, end: number, limits: ReaderLimits): number {
    const lineEnd = this.#findLineEnd(buffer, base, at, end, limits.inlineBytesMax);
    if (lineEnd < 0) return lineEnd;
    this.#next = lineEnd + 1;
    const isNegative = /^-[1-9][0-9]{0,17}\r$/.test(latin1Text(buffer, at + 1, lineEnd));
    return isNegative ? NEGATIVE : MALFORMED;
  }

  /** Position of the LF that ends the line at `at`, or UNFINISHED, or TOO_LONG. */
  #findLineEnd(buffer: Buffer, base: number, at: number, end: number, bytesMax: number): number {
    const stop = Math.min(end, at + bytesMax + 1);
    for (let cursor = Math.max(at, base + this.#scanned); cursor < stop; cursor++) {
      if (buffer[cursor] === LF) return cursor;
    }
    if (end - at > bytesMax) return TOO_LONG;
    this.#scanned = end - base;
    this.wantedBytes = 0;
    return UNFINISHED;
  }

  #inline(
    request: Request,
    buffer: Buffer,
    base: number,
    end: number,
    limits: ReaderLimits,
  ): Outcome {
    if (buffer[base] === TLS_HANDSHAKE && base + 1 < end && buffer[base + 1] === TLS_MAJOR) {
      this.error = TLS_HELLO;
      return FAILED;
    }
    const bytesMax = Math.min(limits.inlineBytesMax, limits.requestBytesMax - 1);
    const lineEnd = this.#findLineEnd(buffer, base, base, end, bytesMax);
    if (lineEnd === UNFINISHED) return INCOMPLETE;
    if (lineEnd === TOO_LONG) return this.#fail("too big inline request");
    const hasCr = lineEnd > base && buffer[lineEnd - 1] === CR;
    const last = hasCr ? lineEnd - 1 : lineEnd;
    const count = splitInline(request, buffer, base, last);
    if (count < 0) return this.#fail("unbalanced quotes in request");
    if (count > limits.argsMax) return this.#fail("too big inline request");
    this.#complete(request, request.buffer, count, lineEnd + 1 - base);
    if (count === 0) return SKIPPED;
    if (!request.is(0, POST) && !request.is(0, HOST)) return COMPLETE;
    this.error = CROSS_PROTOCOL;
    return FAILED;
  }

  #complete(request: Request, buffer: Buffer, count: number, totalBytes: number): Outcome {
    request.buffer = buffer;
    request.count = count;
    request.totalBytes = totalBytes;
    request.isDeferred = false;
    this.#reset();
    return COMPLETE;
  }

  #pause(argumentsRead: number, position: number, wantedBytes: number): Outcome {
    this.argumentsRead = argumentsRead;
    this.#position = position;
    this.wantedBytes = wantedBytes;
    return INCOMPLETE;
  }

  #reset(): void {
    this.#announced = NOT_READ;
    this.#position = 0;
    this.#scanned = 0;
    this.argumentsRead = 0;
  }

  #fail(what: string): Outcome {
    this.error = `ERR Protocol error: ${what}`;
    return FAILED;
  }

  #failType(buffer: Buffer, at: number): Outcome {
    return this.#fail(`expected '$', got '${latin1Text(buffer, at, at + 1)}'`);
  }

  #failBulk(size: number, limits: ReaderLimits): Outcome {
    if (size === TOO_LONG) return this.#fail("too big bulk count string");
    if (size < 0) return this.#fail("invalid bulk length");
    return this.#failLength("bulk", limits);
  }

  #failLength(of: string, limits: ReaderLimits): Outcome {
    const why = limits.isUnauthenticated === true ? "unauthenticated" : "invalid";
    return this.#fail(`${why} ${of} length`);
  }
}
