/**
 * A raw client for tests: sends what it is told byte by byte and shows replies undisguised.
 *
 * It deliberately has no handshake, no retry and no pool, and can send malformed requests, read a
 * reply later than it sent the request, and tell silence from a closed connection.
 */
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { ByteQueue } from "./byte-queue.ts";
import { type Reply, readReply } from "./reply.ts";

/** Where to connect: a TCP port (on 127.0.0.1 unless told), perhaps with TLS, or a unix socket. */
export type RespAddress =
  | { host?: string; port: number; tls?: ConnectionOptions }
  | { path: string };

/** The connection ended while a reply was awaited. */
export class ConnectionClosed extends Error {}

const REPLY_TIMEOUT_MS = 6_000;
const CLOSE_TIMEOUT_MS = 3_000;

/** One connection. Requests may be pipelined; replies come back in order. */
export class RespClient {
  readonly #socket: Socket;
  readonly #received = new ByteQueue();
  #isEnded = false;
  #wakers: (() => void)[] = [];
  #lastRead: Promise<unknown> = Promise.resolve();

  /** Connects, or fails with the socket's error. */
  static connect(address: RespAddress): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = open(address);
      socket.setNoDelay(true);
      socket.once("error", reject);
      socket.once("tls" in address ? "secureConnect" : "connect", () => {
        socket.off("error", reject);
        resolve(new RespClient(socket));
      });
    });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received.append(chunk);
      this.#wake();
    });
    // A reset is an end like any other: who waits for a reply learns that none will come.
    socket.on("error", () => this.#end());
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
  }

  /** Our own address as `ip:port`, as the server shows it in CLIENT LIST. */
  get localAddress(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`;
  }

  /** Bytes received that no read has taken, as latin1 text. */
  get unread(): string {
    return this.#received.peek().toString("latin1");
  }

  /** Sends a command as an array of bulk strings. Strings are sent as latin1. */
  send(args: (string | Buffer)[]): void {
    const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
    for (const arg of args) {
      const bytes = typeof arg === "string" ? Buffer.from(arg, "latin1") : arg;
      parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
    }
    this.raw(Buffer.concat(parts));
  }

  /** Sends these bytes and nothing else. Sending on a closed connection is not an error. */
  raw(bytes: string | Buffer): void {
    if (!this.#socket.writable) return;
    this.#socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** The next reply; fails after `timeoutMs` without one, or with ConnectionClosed. */
  read(timeoutMs: number = REPLY_TIMEOUT_MS): Promise<Reply> {
    const reply = this.#lastRead.then(() => this.#readWithin(timeoutMs));
    this.#lastRead = reply.catch(() => {});
    return reply;
  }

  /** Sends a command and reads its reply. Calls may overlap; each gets its own reply. */
  call(...args: (string | Buffer)[]): Promise<Reply> {
    this.send(args);
    return this.read();
  }

  /** True when nothing arrives for that long and the connection stays open. */
  async silent(ms: number): Promise<boolean> {
    if (this.#received.length > 0 || this.#isEnded) return false;
    return !(await this.#somethingWithin(ms));
  }

  /** True when the server closes the connection without sending anything (more). */
  async closed(timeoutMs: number = CLOSE_TIMEOUT_MS): Promise<boolean> {
    if (this.#received.length === 0 && !this.#isEnded) await this.#somethingWithin(timeoutMs);
    return this.#isEnded && this.#received.length === 0;
  }

  /** Closes our half: nothing more will be sent. */
  end(): void {
    this.#socket.end();
  }

  /** Closes at once. */
  close(): void {
    this.#socket.destroy();
  }

  async #readWithin(timeoutMs: number): Promise<Reply> {
    const endsAt = performance.now() + timeoutMs;
    const wait = async <T>(take: () => T | undefined): Promise<T> => {
      for (;;) {
        const taken = take();
        if (taken !== undefined) return taken;
        if (this.#isEnded) throw new ConnectionClosed("connection closed while awaiting a reply");
        if (!(await this.#somethingWithin(endsAt - performance.now()))) {
          throw new Error(`no reply within ${timeoutMs} ms`);
        }
      }
    };
    return readReply({
      line: () => wait(() => this.#received.takeLine()),
      bytes: (count) => wait(() => this.#received.take(count)),
    });
  }

  /** Resolves true at the next bytes or at the end of the connection, false after the time. */
  #somethingWithin(ms: number): Promise<boolean> {
    if (ms <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#wakers.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}

function open(address: RespAddress): Socket {
  if ("path" in address) return connect(address);
  const { host = "127.0.0.1", port, tls } = address;
  return tls === undefined ? connect({ host, port }) : connectTls({ host, port, ...tls });
}
