/**
 * One client's connection: bytes in, requests run, replies out once a turn.
 *
 * Thin by intent: what a request means is decided in commands/, when things are sent is decided by the
 * turn. What is left here is flow control. A client that does not take its replies is not read any
 * further; one that is blocked may send ahead up to a limit; one that exceeds its output limit is
 * closed. A connection that ends gives back the jobs whose replies never left.
 */
import type { Socket } from "node:net";
import { dispatch } from "../commands/dispatch.ts";
import type { ServerState } from "../commands/server-state.ts";
import { type Carrier, Session } from "../commands/session.ts";
import { beginBatch, endBatch } from "../commands/stopwatch.ts";
import type { BufferPool } from "../protocol/buffer-pool.ts";
import { ReplyWriter } from "../protocol/reply-writer.ts";
import type { ReaderLimits, Request, RequestHandler } from "../protocol/request.ts";
import { CROSS_PROTOCOL, RequestReader } from "../protocol/request-reader.ts";
import { ClientOutput } from "./client-output.ts";

/** What a client may send ahead of a request that waits before it is not read any further. */
const SENT_AHEAD_BYTES_MAX = 1024 * 1024;

/** What a connection needs of the server it belongs to. */
export interface ConnectionOwner {
  readonly server: ServerState;
  readonly pool: BufferPool;
  /** A turn has begun, or goes on. */
  touch(): void;
  /** Flush this connection at the end of the turn. */
  noteDirty(connection: ClientConnection): void;
  /** Let this connection go on with its buffered requests, now or at a moment (monotonic ms). */
  noteResumable(connection: ClientConnection, atMs: number): void;
  /** Ask for `checkOutput` again at the end of the turn: much is waiting to be sent. */
  noteSlow(connection: ClientConnection): void;
  noteClosed(connection: ClientConnection): void;
}

/** Where a connection comes from. */
export interface Endpoints {
  readonly remoteAddress: string;
  readonly localIp: string;
  readonly localPort: number;
  readonly isUnixSocket: boolean;
  readonly isLoopback: boolean;
}

/** A client's connection and the session it carries. */
export class ClientConnection implements Carrier, RequestHandler {
  readonly remoteAddress: string;
  readonly localIp: string;
  readonly localPort: number;
  readonly isUnixSocket: boolean;
  readonly isLoopback: boolean;
  readonly session: Session;
  readonly #owner: ConnectionOwner;
  readonly #reader: RequestReader;
  #socket: Socket | undefined;
  #output: ClientOutput | undefined;
  #isDirty = false;
  #isClosed = false;
  /** The client will send nothing more; what it asked for is still answered. */
  #hasEnded = false;
  /** Requests wait for a moment, or for the answer to a blocked one. */
  #isHeld = false;
  /** Requests stopped because replies pile up. */
  #isBehind = false;
  #isReadingPaused = false;
  #accountedBytes = 0;

  constructor(owner: ConnectionOwner, endpoints: Endpoints, limits: ReaderLimits) {
    this.#owner = owner;
    this.remoteAddress = endpoints.remoteAddress;
    this.localIp = endpoints.localIp;
    this.localPort = endpoints.localPort;
    this.isUnixSocket = endpoints.isUnixSocket;
    this.isLoopback = endpoints.isLoopback;
    const { clients, host } = owner.server;
    this.session = new Session({
      id: clients.nextId(),
      carrier: this,
      reply: new ReplyWriter(owner.pool),
      limits,
      nowMs: host.nowMs,
      isAuthenticated: false,
    });
    this.#reader = new RequestReader(limits);
    clients.add(this.session);
  }

  /** Takes the socket over; bytes come through `received`. */
  attach(socket: Socket): void {
    this.#socket = socket;
    this.#output = new ClientOutput(this.#owner.server, this.session, socket, {
      sent: () => this.#sent(),
      // Gone for us, whatever its half of the connection does.
      finished: () => this.#closed(),
    });
    socket.on("end", () => this.#ended());
    // The cause does not matter: 'close' follows, and a client may vanish in any way it likes.
    socket.on("error", () => {});
    socket.on("close", () => this.#closed());
  }

  get fd(): number {
    const handle = (this.#socket as unknown as { _handle?: { fd?: number } } | undefined)?._handle;
    return handle?.fd ?? -1;
  }

  get bufferedBytes(): number {
    return this.#reader.bufferedBytes;
  }

  get bufferCapacity(): number {
    return this.#reader.bufferCapacity;
  }

  get unsentBytes(): number {
    return this.#output?.unsentBytes ?? 0;
  }

  /** It is not its own fault that the client is silent. */
  get isWaiting(): boolean {
    return this.#isHeld || this.session.isBlocked;
  }

  /** Bytes arrived; the buffer is only valid during the call. */
  received(buffer: Buffer, bytes: number): void {
    const { session } = this;
    const { server } = this.#owner;
    if (this.#isClosed || session.isClosing) return;
    this.#owner.touch();
    session.usedAtMs = server.host.nowMs;
    server.stats.netInputBytes += bytes;
    beginBatch(server);
    const error = this.#reader.feed(buffer, 0, bytes, this);
    endBatch(server);
    this.#handled(error);
  }

  onRequest(request: Request): boolean {
    const mayGoOn = dispatch(this.#owner.server, this.session, request);
    if (!mayGoOn && !this.session.isBlocked && !this.session.isClosing && !request.isDeferred) {
      this.#isBehind = true;
    }
    return mayGoOn;
  }

  /** Goes on with requests that arrived while the client was blocked or held. */
  runBuffered(): void {
    if (this.#isClosed || this.session.isClosing) return;
    this.#isHeld = false;
    if (this.session.isBlocked) return;
    beginBatch(this.#owner.server);
    const error = this.#reader.resume(this);
    endBatch(this.#owner.server);
    this.#handled(error);
    if (this.#hasEnded) this.#ended();
  }

  replyReady(): void {
    if (this.#isDirty || this.#isClosed) return;
    this.#isDirty = true;
    this.#owner.touch();
    this.#owner.noteDirty(this);
  }

  resume(): void {
    this.holdUntil(0);
  }

  holdUntil(atMs: number): void {
    this.#isHeld = true;
    this.#owner.noteResumable(this, atMs);
  }

  closeAfterReply(): void {
    this.#close();
    this.replyReady();
  }

  destroy(): void {
    this.#close();
    this.#socket?.destroy();
  }

  /**
   * Closes a client that leaves too much unread for too long. Returns when to look again (monotonic
   * ms), Infinity when only another write can make it necessary.
   */
  checkOutput(): number {
    const output = this.#output;
    if (output === undefined || this.#isClosed) return Number.POSITIVE_INFINITY;
    if (!output.isOverLimit()) return output.nextCheckMs;
    const { stats, host } = this.#owner.server;
    stats.outputLimitDisconnections++;
    host.log("warning", "client closed: it does not read its replies", {
      client: this.remoteAddress,
      unsentBytes: output.unsentBytes,
    });
    this.destroy();
    return Number.POSITIVE_INFINITY;
  }

  /** Hands everything written in this turn to the kernel in one piece. */
  flush(): void {
    this.#isDirty = false;
    if (this.#isClosed) return;
    this.#output?.flush();
    const isUnsent = this.unsentBytes > 0;
    if (isUnsent && this.checkOutput() !== Number.POSITIVE_INFINITY) this.#owner.noteSlow(this);
    this.#account();
  }

  /** All replies are in the kernel: a client that was behind may go on. */
  #sent(): void {
    this.#account();
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.resume();
  }

  #handled(error: string | undefined): void {
    if (error !== undefined) this.#owner.server.stats.protocolErrors++;
    if (error === CROSS_PROTOCOL) {
      this.destroy();
      return;
    }
    if (error !== undefined) {
      this.session.reply.error(error);
      this.#close();
    }
    this.#regulateReading();
    if (this.session.reply.length > 0 || this.session.isClosing) this.replyReady();
    this.#account();
  }

  /** Whoever takes no replies, or sends far ahead of a request that waits, is not read for now. */
  #regulateReading(): void {
    const aheadMax = Math.min(SENT_AHEAD_BYTES_MAX, this.session.limits.requestBytesMax);
    const isAhead = this.isWaiting && this.#reader.bufferedBytes > aheadMax;
    const mustPause = this.#isBehind || isAhead;
    if (mustPause === this.#isReadingPaused) return;
    this.#isReadingPaused = mustPause;
    if (mustPause) this.#socket?.pause();
    else this.#socket?.resume();
  }

  /** The client closed its half: it still gets what it asked for, but does not wait for jobs. */
  #ended(): void {
    this.#hasEnded = true;
    const wasBlocked = this.session.isBlocked;
    this.#leaveWait();
    if (wasBlocked || (!this.#isHeld && !this.#isBehind)) this.closeAfterReply();
  }

  /** No further request is run, and nothing more is shown to a monitor. */
  #close(): void {
    this.session.isClosing = true;
    this.#owner.server.clients.monitors.delete(this.session);
  }

  #leaveWait(): void {
    const { waiter } = this.session;
    this.session.waiter = undefined;
    if (waiter === undefined) return;
    this.#owner.touch();
    this.#owner.server.broker.cancelWait(waiter);
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.session.isClosing = true;
    this.#owner.touch();
    const { broker, clients } = this.#owner.server;
    this.#leaveWait();
    this.session.unwritten.takeBack(broker);
    clients.remove(this.session);
    broker.bufferBytes -= this.#accountedBytes;
    this.#owner.noteClosed(this);
  }

  /** Buffers that are held for this client count against the memory limit. */
  #account(): void {
    if (this.#isClosed) return;
    const bytes = this.#reader.bufferCapacity + this.unsentBytes;
    if (bytes === this.#accountedBytes) return;
    this.#owner.server.broker.bufferBytes += bytes - this.#accountedBytes;
    this.#accountedBytes = bytes;
  }
}
