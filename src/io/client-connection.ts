/**
 * One client's connection: bytes in, requests run, replies out once a turn.
 *
 * Thin by intent: what a request means is decided in commands/, when things are sent by the turn. What
 * is left here is flow control, and what the end of a connection means.
 *
 * A client that does not take its replies is not read any further. Its death goes unnoticed then and costs
 * no job: nothing of it runs before it has taken all it was sent, and the write that waits fails when
 * it is gone. Nor is one read that has much to run, now or when its jobs have their copies. A blocked
 * client may be given a job at any moment, so it is read always, that its end is known first: it may send
 * ahead up to client-query-buffer-limit, and is closed beyond. What has run is answered.
 *
 * A client that closes its half may be `printf ... | nc`, which wants its answers, or dead. So everything it
 * sent before runs, but no job is handed to it from then on: GETJOB, the blocked one included, answers
 * at once as if its time were over, ADDJOB when it has waited a little for copies. A connection that ends
 * gives back the jobs whose replies never left, and ends what waits for copies.
 */
import type { Socket } from "node:net";
import { type Carrier, Session } from "../commands/session.ts";
import type { Waiter } from "../core/waiting-room.ts";
import { ReplyWriter } from "../protocol/reply-writer.ts";
import type { ReaderLimits } from "../protocol/request.ts";
import { CROSS_PROTOCOL } from "../protocol/request-reader.ts";
import { ClientAccount } from "./client-account.ts";
import { ClientInput } from "./client-input.ts";
import { ClientOutput } from "./client-output.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import type { Endpoints } from "./endpoints.ts";
import type { Speaker } from "./held-back.ts";
import { type InputExcess, SENT_TOO_FAR_AHEAD } from "./input-limit.ts";
import { TOO_MUCH_UNREAD } from "./output-limit.ts";

/** A client that has closed its half may be gone: its jobs have so long to get their copies. */
const COPIES_MS_AFTER_END = 1000;

/** A client's connection and the session it carries. */
export class ClientConnection implements Carrier, Speaker {
  readonly remoteAddress: string;
  readonly localIp: string;
  readonly localPort: number;
  readonly isUnixSocket: boolean;
  readonly isLoopback: boolean;
  readonly session: Session;
  /** When it may go on (monotonic ms), while its owner has it noted for that. */
  resumeAtMs = 0;
  bagIndex = -1;
  isHeldBack = false;
  readonly #owner: ConnectionOwner;
  readonly #input: ClientInput;
  #socket: Socket | undefined;
  #output: ClientOutput | undefined;
  #isDirty = false;
  #isClosed = false;
  /** Requests wait for a moment, or for the answer to a blocked one. */
  #isHeld = false;
  #isReadingPaused = false;
  readonly #account: ClientAccount;

  constructor(owner: ConnectionOwner, endpoints: Endpoints, limits: ReaderLimits) {
    this.#owner = owner;
    this.#account = new ClientAccount(owner);
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
    this.#input = new ClientInput(owner.server, this.session);
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
    return this.#input.bufferedBytes;
  }

  get bufferCapacity(): number {
    return this.#input.bufferCapacity;
  }

  get unsentBytes(): number {
    return (this.#output?.unsentBytes ?? 0) + (this.session.pending?.heldBytes ?? 0);
  }

  get isWaiting(): boolean {
    const { isBlocked, isAwaitingReplies } = this.session;
    return this.#isHeld || this.isHeldBack || isBlocked || isAwaitingReplies;
  }

  /** Bytes arrived; the buffer is only valid during the call. */
  received(buffer: Buffer, bytes: number): void {
    if (this.#isClosed || this.session.isClosing) return;
    this.#owner.touch();
    const { server } = this.#owner;
    this.session.usedAtMs = server.host.nowMs;
    server.stats.netInputBytes += bytes;
    this.#handled(this.#input.feed(buffer, bytes));
  }

  /** Goes on with requests that arrived while the client was blocked or held. */
  runBuffered(): void {
    if (this.#isClosed || this.session.isClosing) return;
    if (this.session.isHalfClosed && !this.#mayGoOnAtOnce) this.session.pending?.abandon("timeout");
    this.#isHeld = false;
    if (this.session.isBlocked) return;
    const error = this.#input.run();
    if (this.#input.isPortionOver) this.resume();
    this.#handled(error);
    this.#closeIfServed();
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
    this.resumeAtMs = atMs;
    this.#owner.noteResumable(this);
  }

  closeAfterReply(): void {
    this.session.pending?.abandon("leaving");
    this.#close();
    this.replyReady();
  }

  destroy(): void {
    this.#close();
    this.#socket?.destroy();
  }

  /** Closes a client that has sent too much: what ran is answered, what did not run is dropped. */
  closeOverfull(excess: InputExcess): void {
    this.#leaveWait();
    this.session.pending?.abandon("gone");
    this.#input.refuse(excess);
    this.closeAfterReply();
    this.#noteBuffers();
  }

  /**
   * Closes a client that leaves too much unread for too long. Returns when to look again (monotonic
   * ms), Infinity when only another write can make it necessary.
   */
  checkOutput(): number {
    if (this.#output === undefined || this.#isClosed) return Number.POSITIVE_INFINITY;
    if (!this.#output.isOverLimit()) return this.#output.nextCheckMs;
    this.closeUnread(TOO_MUCH_UNREAD);
    return Number.POSITIVE_INFINITY;
  }

  closeUnread(why: string): void {
    this.#output?.noteOverLimit(why);
    this.destroy();
  }

  /** Hands everything written in this turn to the kernel in one piece, if that is safe to say. */
  flush(isAllSafe: boolean): boolean {
    this.#isDirty = false;
    return this.#sending((output) => output.flush(isAllSafe));
  }

  seal(): void {
    this.#output?.seal();
  }

  release(): boolean {
    return this.#sending((output) => output.release());
  }

  #sending(send: (output: ClientOutput) => boolean): boolean {
    const isHeldBack = !this.#isClosed && this.#output !== undefined && send(this.#output);
    const isUnsent = this.unsentBytes > 0;
    if (isUnsent && this.checkOutput() !== Number.POSITIVE_INFINITY) this.#owner.noteSlow(this);
    this.#noteBuffers();
    return isHeldBack;
  }

  /** A client that was behind may go on. */
  #sent(): void {
    this.#noteBuffers();
    if (this.#input.isBehind) this.resume();
  }

  #handled(error: string | undefined): void {
    if (error !== undefined) this.#owner.noteProtocolError(this, error);
    if (error === CROSS_PROTOCOL) {
      this.destroy();
      return;
    }
    if (error !== undefined) {
      this.session.pending?.abandon("gone");
      this.session.reply.error(error);
      this.#close();
    }
    this.#regulateReading();
    if (this.session.reply.length > 0 || this.session.isClosing) this.replyReady();
    this.#noteBuffers();
    if (this.#input.isTooFarAhead) this.closeOverfull(SENT_TOO_FAR_AHEAD);
  }

  #regulateReading(): void {
    const mustPause = this.#input.isFull(this.#isHeld);
    if (mustPause === this.#isReadingPaused) return;
    this.#isReadingPaused = mustPause;
    if (mustPause) this.#socket?.pause();
    else this.#socket?.resume();
  }

  #ended(): void {
    this.session.isHalfClosed = true;
    this.#owner.touch();
    this.#leaveWait()?.receiver.waitEnded("in vain");
    this.#closeIfServed();
  }

  /** A client that will send nothing more goes when all it asked for has run and is answered. */
  #closeIfServed(): void {
    const { session } = this;
    if (!session.isHalfClosed) return;
    if (session.isAwaitingReplies) {
      const { host } = this.#owner.server;
      if (!this.#mayGoOnAtOnce) this.holdUntil(host.nowMs + COPIES_MS_AFTER_END);
    } else if (!this.isWaiting && !this.#input.isBehind) {
      this.closeAfterReply();
    }
  }

  /** It goes on at the end of this turn. */
  get #mayGoOnAtOnce(): boolean {
    return this.#isHeld && this.resumeAtMs === 0;
  }

  #close(): void {
    this.session.isClosing = true;
    this.#input.drop();
    this.#owner.server.clients.monitors.delete(this.session);
  }

  #leaveWait(): Waiter | undefined {
    const { waiter } = this.session;
    this.session.waiter = undefined;
    if (waiter === undefined) return undefined;
    this.#owner.touch();
    this.#owner.server.broker.serving.cancel(waiter);
    return waiter;
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.session.isClosing = true;
    this.#owner.touch();
    const { broker, clients } = this.#owner.server;
    this.#leaveWait();
    this.session.pending?.close();
    this.session.unwritten.takeBack(broker);
    clients.remove(this.session);
    this.#account.set(0, 0);
    this.#owner.noteClosed(this);
  }

  #noteBuffers(): void {
    if (!this.#isClosed) this.#account.set(this.bufferCapacity, this.unsentBytes);
  }
}
