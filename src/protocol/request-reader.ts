/**
 * Turns the bytes of one client into requests.
 *
 * All clients share one receive buffer, which is overwritten by the next read. Requests that lie in
 * it completely, nearly all of them, are parsed where they are: nothing is copied or allocated for
 * them. Only the beginning of a request whose rest has not arrived, and what follows a request that
 * made the reader stop, move into the reader's own buffer.
 *
 * Memory of a reader: nothing while no bytes wait. The bytes of an incomplete request take at most
 * max(512, 2 x their number), those behind a stop max(16 KB, 4 x their number). To that come 16
 * bytes for each argument of an incomplete request (which has at least 6 on the wire), and while
 * something grows its old and new memory exist together. Announced lengths reserve nothing. A
 * single request is bounded by the limits; what piles up behind a stop is not: whoever stops a
 * reader watches `bufferedBytes` and stops reading the socket.
 */
import { assert } from "../util/assert.ts";
import { PendingBytes } from "./pending-bytes.ts";
import { type ReaderLimits, Request, type RequestHandler } from "./request.ts";
import { COMPLETE, FAILED, INCOMPLETE, RequestParser, SKIPPED } from "./request-parser.ts";

export { CROSS_PROTOCOL, TLS_HELLO } from "./request-parser.ts";

/** For every request that lies completely in one buffer, whichever reader finds it. */
const sharedRequest = new Request();
/** Some reader is calling its handler. */
let isReading = false;

const OFFSET_BYTES = 2 * Int32Array.BYTES_PER_ELEMENT;
/**
 * Bytes tried first to complete a request when it is not known how many it lacks; doubled until it
 * is complete.
 */
const FIRST_PIECE_BYTES = 256;
const HANDLER_FAILED = "ERR Protocol error: reader abandoned";

/** One per connection. Must not be used from within a handler. */
export class RequestReader {
  readonly #limits: ReaderLimits;
  readonly #parser = new RequestParser();
  readonly #pending = new PendingBytes();
  /** The incomplete request at the start of #pending; its offsets count from there. */
  #partial: Request | undefined = undefined;
  #isStopped = false;
  #error: string | undefined = undefined;

  /** `limits` is looked at again for every request: change it when the client authenticates. */
  constructor(limits: ReaderLimits) {
    this.#limits = limits;
  }

  /** Bytes received that belong to no request handed out yet. */
  get bufferedBytes(): number {
    return this.#pending.size;
  }

  /** Bytes of memory held for them. */
  get bufferCapacity(): number {
    return this.#pending.buffer.length + (this.#partial?.starts.length ?? 0) * OFFSET_BYTES;
  }

  /**
   * Takes `chunk[start, end)`; the caller may overwrite it afterwards. Calls `handler` for every
   * complete request, in order, until it returns false. Returns the text of a protocol error, to be
   * sent to the client before closing (but CROSS_PROTOCOL is not sent); the reader is dead then and
   * returns the same again.
   */
  feed(chunk: Buffer, start: number, end: number, handler: RequestHandler): string | undefined {
    if (this.#error !== undefined) return this.#error;
    if (this.#isStopped) {
      this.#pending.append(chunk, start, end, 0);
      return undefined;
    }
    this.#begin();
    try {
      let at = start;
      const partial = this.#partial;
      if (partial !== undefined) at = this.#completePartial(partial, chunk, at, end, handler);
      if (this.#mayGoOn()) at = this.#handOut(chunk, at, end, handler);
      if (at < end && this.#error === undefined) this.#keep(chunk, at, end);
      return this.#error;
    } catch (bug) {
      this.#error = HANDLER_FAILED;
      throw bug;
    } finally {
      this.#finish();
    }
  }

  /**
   * Goes on after a stop with the bytes that have arrived meanwhile. Returns what `feed` returns.
   */
  resume(handler: RequestHandler): string | undefined {
    if (!this.#isStopped || this.#error !== undefined) return this.#error;
    this.#begin();
    this.#isStopped = false;
    const pending = this.#pending;
    try {
      // Parsed where they lie, like a chunk: nothing moves for each of many short requests.
      const at = this.#handOut(pending.buffer, pending.start, pending.end, handler);
      if (at < pending.end && this.#mayGoOn()) {
        this.#partial = copyOffsets(sharedRequest, this.#parser.argumentsRead, at);
      }
      pending.useUpTo(at);
      if (this.#partial !== undefined) pending.moveToFront();
      return this.#error;
    } catch (bug) {
      this.#error = HANDLER_FAILED;
      throw bug;
    } finally {
      this.#finish();
    }
  }

  /** Hands out the complete requests in `buffer[at, end)`. Returns how far they go. */
  #handOut(buffer: Buffer, start: number, end: number, handler: RequestHandler): number {
    const request = sharedRequest;
    const parser = this.#parser;
    const limits = this.#limits;
    let at = start;
    while (at < end) {
      const outcome = parser.parse(request, buffer, at, end, limits);
      if (outcome === INCOMPLETE) break;
      if (outcome === FAILED) {
        this.#error = parser.error;
        break;
      }
      const size = request.totalBytes;
      at += size;
      if (outcome === SKIPPED) {
        this.#isStopped = handler.onSkipped?.(size) === false;
        if (this.#isStopped) return at;
      } else if (!handler.onRequest(request)) {
        this.#isStopped = true;
        return request.isDeferred ? at - size : at;
      }
    }
    return at;
  }

  /**
   * Adds just enough of `chunk` to the incomplete request to complete it, and hands it out.
   * Returns how far the chunk was used.
   */
  #completePartial(
    request: Request,
    chunk: Buffer,
    start: number,
    end: number,
    handler: RequestHandler,
  ): number {
    const pending = this.#pending;
    const parser = this.#parser;
    let at = start;
    for (let pieceBytes = FIRST_PIECE_BYTES; at < end; pieceBytes *= 2) {
      const before = pending.size;
      const wanted = parser.wantedBytes;
      const until = Math.min(end, at + (wanted > before ? wanted - before : pieceBytes));
      pending.append(chunk, at, until, wanted);
      const outcome = parser.parse(request, pending.buffer, 0, pending.end, this.#limits);
      at = until;
      if (outcome === INCOMPLETE) continue;
      if (outcome === FAILED) {
        this.#error = parser.error;
        break;
      }
      at -= pending.end - request.totalBytes; // the rest of the piece is the next request's
      pending.end = request.totalBytes;
      this.#partial = undefined;
      this.#isStopped = outcome === COMPLETE && !handler.onRequest(request);
      if (!this.#isStopped || !request.isDeferred) pending.clear();
      break;
    }
    return at;
  }

  /** Copies what is left of a chunk: behind a stop, or the beginning of a request. */
  #keep(chunk: Buffer, start: number, end: number): void {
    if (!this.#isStopped) {
      this.#partial = copyOffsets(sharedRequest, this.#parser.argumentsRead, start);
    }
    this.#pending.append(chunk, start, end, this.#isStopped ? 0 : this.#parser.wantedBytes);
  }

  #mayGoOn(): boolean {
    return !this.#isStopped && this.#error === undefined;
  }

  #begin(): void {
    assert(!isReading, "no handler calls a reader");
    isReading = true;
  }

  #finish(): void {
    isReading = false;
    sharedRequest.forget();
    if (this.#error !== undefined) {
      this.#pending.clear();
      this.#partial = undefined;
    }
  }
}

/**
 * A Request of its own for one that will be completed later: `count` arguments, counted from
 * `base`.
 */
function copyOffsets(request: Request, count: number, base: number): Request {
  const copy = new Request();
  while (copy.starts.length < count) copy.growArguments();
  for (let i = 0; i < count; i++) {
    copy.starts[i] = (request.starts[i] ?? 0) - base;
    copy.ends[i] = (request.ends[i] ?? 0) - base;
  }
  return copy;
}
