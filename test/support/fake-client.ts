/**
 * A client of a fake server: a session whose bytes are carried by function calls.
 *
 * It reads everything at once unless `isStuck` is set; then replies pile up as they would in a socket
 * that nobody reads.
 */
import { dispatch } from "../../src/commands/dispatch.ts";
import { type Carrier, Session } from "../../src/commands/session.ts";
import { ReplyWriter } from "../../src/protocol/reply-writer.ts";
import { fullLimits, unauthenticatedLimits } from "../../src/protocol/request.ts";
import { RequestReader } from "../../src/protocol/request-reader.ts";
import type { FakeServer } from "./fake-server.ts";
import { encodeRequest, WireReplies, type WireReply } from "./wire-replies.ts";

/** Where the client seems to come from. */
export interface FakeClientOptions {
  readonly remoteAddress?: string;
  readonly localIp?: string;
  readonly localPort?: number;
  readonly isUnixSocket?: boolean;
  readonly isLoopback?: boolean;
}

/** A request argument; strings are latin1. */
export type Arg = string | number | Uint8Array;

const FIRST_PORT = 50_000;

/** One connection, its server's side and its client's. */
export class FakeClient implements Carrier {
  readonly session: Session;
  readonly remoteAddress: string;
  readonly localIp: string;
  readonly localPort: number;
  readonly isUnixSocket: boolean;
  readonly isLoopback: boolean;
  readonly fd: number;
  /** The server has closed the connection. */
  isClosed = false;
  /** The client takes no replies. */
  isStuck = false;
  /** Monotonic ms until which no request runs; undefined: not held. */
  heldUntilMs: number | undefined;

  readonly #server: FakeServer;
  readonly #reader: RequestReader;
  readonly #replies = new WireReplies();
  #unsent: Buffer[] = [];
  #mayResume = false;
  /** Requests stopped because replies pile up. */
  #isBehind = false;

  constructor(server: FakeServer, options: FakeClientOptions) {
    const { clients, config } = server.state;
    const id = clients.nextId();
    this.#server = server;
    this.isUnixSocket = options.isUnixSocket ?? false;
    this.remoteAddress = options.remoteAddress ?? `127.0.0.1:${FIRST_PORT + id}`;
    this.localIp = this.isUnixSocket ? "" : (options.localIp ?? "127.0.0.1");
    this.localPort = this.isUnixSocket ? 0 : (options.localPort ?? server.host.facts.tcpPort);
    this.isLoopback = options.isLoopback ?? this.remoteAddress.startsWith("127.");
    this.fd = id + 10;
    const isLocked = config.settings.requirepass !== "";
    this.session = new Session({
      id,
      carrier: this,
      reply: new ReplyWriter(server.pool),
      limits: isLocked ? unauthenticatedLimits() : fullLimits(),
      nowMs: server.host.nowMs,
      isAuthenticated: false,
    });
    this.#reader = new RequestReader(this.session.limits);
    clients.add(this.session);
    server.state.stats.connectionsReceived++;
  }

  /** Sends one command and returns its reply; undefined when there is none (yet). */
  send(...args: Arg[]): WireReply | undefined {
    this.feed(encodeRequest(args));
    return this.read();
  }

  /** Sends bytes as they are and returns all replies that are there afterwards. */
  raw(bytes: string | Uint8Array): WireReply[] {
    this.feed(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    return this.readAll();
  }

  /** The next reply that arrived; undefined when there is none. */
  read(): WireReply | undefined {
    return this.#replies.next();
  }

  /** All replies that arrived. */
  readAll(): WireReply[] {
    const replies: WireReply[] = [];
    for (let reply = this.read(); reply !== undefined; reply = this.read()) replies.push(reply);
    return replies;
  }

  /** The client closes the connection. */
  close(): void {
    this.destroy();
    this.#server.turn();
  }

  /** Sends bytes as they are; replies are left for `read`. */
  feed(bytes: Uint8Array): void {
    if (this.isClosed) throw new Error("the connection is closed");
    const chunk = Buffer.from(bytes);
    this.#server.state.stats.netInputBytes += chunk.length;
    this.#server.beginBatch();
    const error = this.#reader.feed(chunk, 0, chunk.length, this);
    this.#server.endBatch();
    this.#refuse(error);
    this.#server.turn();
  }

  /** RequestHandler: one request is complete. */
  onRequest(request: Parameters<typeof dispatch>[2]): boolean {
    const { session } = this;
    const mayGoOn = dispatch(this.#server.state, session, request);
    this.#isBehind = !(mayGoOn || session.isBlocked || session.isClosing || request.isDeferred);
    return mayGoOn;
  }

  /** Runs requests that waited; false when there was nothing to do. */
  proceed(): boolean {
    const { isBlocked, isClosing } = this.session;
    if ((this.heldUntilMs ?? Number.POSITIVE_INFINITY) <= this.#server.host.nowMs) {
      this.heldUntilMs = undefined;
      this.#mayResume = true;
    }
    if (!this.#mayResume || isBlocked || isClosing || this.heldUntilMs !== undefined) return false;
    this.#mayResume = false;
    this.#server.beginBatch();
    const error = this.#reader.resume(this);
    this.#server.endBatch();
    this.#refuse(error);
    return true;
  }

  /** Hands over what was written in this turn; false when there was nothing. */
  deliver(): boolean {
    const { reply, unwritten } = this.session;
    if (reply.length > 0) this.#unsent.push(reply.take());
    unwritten.handedOver();
    if (this.isStuck) return false;
    const hasTaken = this.#unsent.length > 0;
    for (const bytes of this.#unsent) {
      this.#server.state.stats.netOutputBytes += bytes.length;
      this.#replies.append(bytes);
      reply.release(bytes);
    }
    this.#unsent = [];
    unwritten.written();
    if (hasTaken && this.#isBehind) this.#mayResume = true;
    if (this.session.isClosing) this.destroy();
    return hasTaken;
  }

  get bufferedBytes(): number {
    return this.#reader.bufferedBytes;
  }

  get bufferCapacity(): number {
    return this.#reader.bufferCapacity;
  }

  get unsentBytes(): number {
    const heldBytes = this.session.pending?.heldBytes ?? 0;
    return this.#unsent.reduce((sum, bytes) => sum + bytes.length, heldBytes);
  }

  replyReady(): void {}

  resume(): void {
    this.#mayResume = true;
  }

  holdUntil(atMs: number): void {
    this.heldUntilMs = atMs;
  }

  closeAfterReply(): void {
    this.session.pending?.abandon("leaving");
    this.session.isClosing = true;
  }

  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.session.isClosing = true;
    this.heldUntilMs = undefined;
    const { broker, clients } = this.#server.state;
    if (this.session.waiter !== undefined) broker.serving.cancel(this.session.waiter);
    this.session.waiter = undefined;
    this.session.pending?.close();
    this.session.unwritten.takeBack(broker);
    clients.remove(this.session);
  }

  /** A protocol error is answered, then the connection ends. */
  #refuse(error: string | undefined): void {
    if (error === undefined) return;
    this.#server.state.stats.protocolErrors++;
    this.session.pending?.abandon("gone");
    this.session.reply.error(error);
    this.closeAfterReply();
  }
}
