/**
 * The way in of one connection: bytes arrive, requests run.
 *
 * They run as they come, and stop behind one that waits, or that leaves too much for the client to
 * read. What arrives meanwhile is kept. Afterwards it runs in portions, one a turn: 64 MB of small
 * requests at once would keep everybody else waiting for seconds. Whether a client may go on sending
 * is for the connection to say.
 */
import { dispatch } from "../commands/dispatch.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { Session } from "../commands/session.ts";
import { beginBatch, endBatch } from "../commands/stopwatch.ts";
import type { Request, RequestHandler } from "../protocol/request.ts";
import { RequestReader } from "../protocol/request-reader.ts";
import type { InputExcess } from "./input-limit.ts";

/** Kept bytes that run in one turn, as many as one read brings; a longer request runs alone. */
const PORTION_BYTES = 64 * 1024;
/** A client that is not blocked and has more to run is not read any further until it ran. */
const HELD_BYTES_MAX = 1024 * 1024;

/** Reads and runs one session's requests. */
export class ClientInput implements RequestHandler {
  readonly #server: ServerState;
  readonly #session: Session;
  #reader: RequestReader;
  #portionBytes = 0;
  /** Requests stopped because replies pile up. */
  isBehind = false;
  /** Requests stopped because it is somebody else's turn. */
  isPortionOver = false;

  constructor(server: ServerState, session: Session) {
    this.#server = server;
    this.#session = session;
    this.#reader = new RequestReader(session.limits);
  }

  /** Bytes that have not run. */
  get bufferedBytes(): number {
    return this.#reader.bufferedBytes;
  }

  /** Memory held for them. */
  get bufferCapacity(): number {
    return this.#reader.bufferCapacity;
  }

  /**
   * Bytes arrived; the buffer is only valid during the call. Returns the text of a protocol error,
   * as `run` does.
   */
  feed(buffer: Buffer, bytes: number): string | undefined {
    this.#portionBytes = Number.POSITIVE_INFINITY;
    beginBatch(this.#server);
    const error = this.#reader.feed(buffer, 0, bytes, this);
    endBatch(this.#server);
    return error;
  }

  /** Goes on with what was kept. */
  run(): string | undefined {
    this.isBehind = false;
    this.isPortionOver = false;
    this.#portionBytes = PORTION_BYTES;
    beginBatch(this.#server);
    const error = this.#reader.resume(this);
    endBatch(this.#server);
    return error;
  }

  /**
   * No more is to be read: replies pile up, or much is kept of a client that must wait, because it is
   * held or because earlier replies are due. A blocked one is read always.
   */
  isFull(isHeld: boolean): boolean {
    if (this.isBehind) return true;
    const { isBlocked, pending, limits } = this.#session;
    if (isBlocked || !(isHeld || pending?.isHoldingUp === true)) return false;
    return this.bufferedBytes > Math.min(HELD_BYTES_MAX, limits.requestBytesMax);
  }

  /** More was sent ahead of a request that waits than one client may. */
  get isTooFarAhead(): boolean {
    const bytesMax = this.#server.config.settings["client-query-buffer-limit"];
    return this.#session.isBlocked && this.bufferedBytes > bytesMax;
  }

  /** Throws away what was kept, and tells the log and the client why. */
  refuse({ message, reply }: InputExcess): void {
    const { host, stats } = this.#server;
    const client = this.#session.carrier.remoteAddress;
    host.log("warning", message, { client, bufferedBytes: this.bufferedBytes });
    stats.inputLimitDisconnections++;
    this.drop();
    this.#session.reply.error(reply);
  }

  /** Throws away what was kept. */
  drop(): void {
    this.#reader = new RequestReader(this.#session.limits);
  }

  onRequest(request: Request): boolean {
    const session = this.#session;
    const mayGoOn = dispatch(this.#server, session, request);
    if (!mayGoOn) {
      this.isBehind = !session.isBlocked && !session.isClosing && !request.isDeferred;
      return false;
    }
    return this.onSkipped(request.totalBytes);
  }

  /** Empty requests cost time as well: 60 MB of line ends took eight seconds. */
  onSkipped(bytes: number): boolean {
    this.#portionBytes -= bytes;
    this.isPortionOver = this.#portionBytes <= 0;
    return !this.isPortionOver;
  }
}
