/**
 * A TCP connection to another node, whoever opened it: bytes in, bytes out, one end.
 *
 * Both kinds read into shared buffers (see accepted-socket.ts for why), so bytes that arrive are only
 * valid during the call. Who uses the connection changes once, from the handshake to the link. The
 * user hears of the end exactly once, and of nothing afterwards.
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import { chunkPool } from "../../cluster/wire/chunk-pool.ts";
import { readAccepted } from "../accepted-socket.ts";
import { type Endpoints, tcpEndpoints } from "../endpoints.ts";
import { closeGently } from "../linger.ts";
import { systemErrorCode, systemErrorText } from "../system-error.ts";
import { handshakeProblem } from "../tls/tls-problem.ts";
import type { BusAddress } from "./bus-events.ts";

/** A connection that carries nothing is probed after this time; heartbeats notice sooner. */
const KEEP_ALIVE_MS = 15_000;
/** How long a connection that is left may take to send what was written. */
const LEAVE_MS = 1000;
const TLS_PROBLEM = /^ERR_SSL_|^ERR_TLS_|CERT|INVALID_PURPOSE|SIGNATURE/;
const SHARED_BYTES = 64 * 1024;
/** Every connection's bytes are taken before another one may use the buffer. */
const shared = Buffer.allocUnsafeSlow(SHARED_BYTES);

/** Who uses a connection. */
export interface SocketUser {
  /** A dialled connection is open; called before anything else. */
  opened(): void;
  /** Bytes of the peer are in `buffer[start, end)` until this returns. */
  received(buffer: Buffer, start: number, end: number): void;
  /** The kernel has taken everything that had to wait. */
  drained(): void;
  /** It is over; in words why. Not called after `destroy` and `leave`. */
  closed(reason: string): void;
}

/** One connection. */
export class BusSocket {
  /** May be changed while bytes are handed over: the rest of them is up to whoever does it. */
  user: SocketUser;
  readonly #socket: Socket;
  #endpoints: Endpoints | undefined;
  #isOver = false;
  /** The kernel did not take everything at once. */
  #isWaiting = false;
  #error: Error | undefined;

  /** Takes an accepted socket that was created paused over. */
  static accept(accepted: Socket, endpoints: Endpoints, user: SocketUser): BusSocket {
    let socket: BusSocket | undefined;
    const reading = readAccepted(accepted, (buffer, bytes) => socket?.received(buffer, bytes));
    socket = new BusSocket(reading, user);
    socket.#endpoints = endpoints;
    reading.setNoDelay(true);
    reading.setKeepAlive(true, KEEP_ALIVE_MS);
    return socket;
  }

  /**
   * Opens a connection, with TLS if there is a context; how that went comes through `opened` or
   * `closed`, never at once.
   */
  static dial(address: BusAddress, user: SocketUser, secureContext?: SecureContext): BusSocket {
    return secureContext === undefined
      ? BusSocket.#dialPlain(address, user)
      : BusSocket.#dialTls(address, user, secureContext);
  }

  static #dialPlain(address: BusAddress, user: SocketUser): BusSocket {
    let socket: BusSocket | undefined;
    const dialled = connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      allowHalfOpen: true,
      onread: {
        buffer: shared,
        callback: (bytes, buffer) => {
          socket?.received(buffer as Buffer, bytes);
          return true;
        },
      },
    });
    socket = new BusSocket(dialled, user);
    return socket;
  }

  /** Nodes are dialled at addresses that their certificates need not name: the authority decides. */
  static #dialTls(address: BusAddress, user: SocketUser, secureContext: SecureContext): BusSocket {
    const { host, port } = address;
    const raw = connect({ host, port, noDelay: true, keepAlive: true, allowHalfOpen: true });
    raw.on("error", () => {});
    const checkServerIdentity = (): undefined => undefined;
    const dialled = connectTls({ socket: raw, secureContext, checkServerIdentity });
    const socket = new BusSocket(dialled, user);
    dialled.on("data", (chunk: Buffer) => socket.received(chunk, chunk.length));
    return socket;
  }

  private constructor(socket: Socket, user: SocketUser) {
    this.user = user;
    this.#socket = socket;
    const isTls = (socket as Partial<TLSSocket>).encrypted === true;
    socket.on(isTls ? "secureConnect" : "connect", () => this.#opened());
    socket.on("end", () => this.#closed("the peer closed the connection"));
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("close", () => {
      const error = this.#error;
      const words = this.isTlsProblem ? handshakeProblem : systemErrorText;
      this.#closed(error === undefined ? "closed" : words(error));
    });
  }

  /** Both ends; undefined while a dialled connection is not open. */
  get endpoints(): Endpoints | undefined {
    return this.#endpoints;
  }

  /** It has ended because of TLS: OpenSSL's errors and those about certificates have codes of their own. */
  get isTlsProblem(): boolean {
    return TLS_PROBLEM.test(systemErrorCode(this.#error) ?? "");
  }

  /** Bytes written that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Bytes arrived. */
  received(buffer: Buffer, bytes: number): void {
    if (!this.#isOver) this.user.received(buffer, 0, bytes);
  }

  /** Sends these bytes with one call; nobody may change them before the kernel has them. */
  write(...pieces: readonly Buffer[]): void {
    if (this.#isOver) return;
    this.#socket.cork();
    for (const piece of pieces) {
      this.#socket.write(piece, (error) => {
        if (!error) chunkPool.give(piece);
        this.#written();
      });
    }
    this.#socket.uncork();
    this.#isWaiting = this.unsentBytes > 0;
  }

  /** Sends what was written, then closes; the user hears nothing more. */
  leave(): void {
    this.#isOver = true;
    const socket = this.#socket;
    if (this.unsentBytes > 0) {
      const timer = setTimeout(() => socket.destroy(), LEAVE_MS).unref();
      socket.once("close", () => clearTimeout(timer));
    }
    closeGently(socket);
  }

  /** Closes at once; the user hears nothing more. */
  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #opened(): void {
    if (this.#isOver) return;
    this.#endpoints = tcpEndpoints(this.#socket);
    // Without them it has ended already, and 'close' follows.
    if (this.#endpoints !== undefined) this.user.opened();
  }

  /** Called for every write, and of no interest unless one had to wait. */
  #written(): void {
    if (!this.#isWaiting || this.unsentBytes > 0 || this.#isOver) return;
    this.#isWaiting = false;
    this.user.drained();
  }

  #closed(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.user.closed(reason);
  }
}
