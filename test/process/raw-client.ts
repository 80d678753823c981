/**
 * A client that has its socket in its hands: it reads or does not, closes one half of the connection,
 * resets it, and sends whatever bytes it likes.
 *
 * RespClient of test/support is for conversations; this one is for what happens around them.
 */
import { connect, type NetConnectOpts, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { ByteQueue } from "../support/byte-queue.ts";
import { within } from "../support/eventually.ts";
import { type Plain, plain, readReply } from "../support/reply.ts";
import { encodeRequest } from "../support/wire-replies.ts";

/** Arguments of one request. */
export type Command = readonly (string | number | Uint8Array)[];

const DEADLINE_MS = 15_000;

/** The bytes of several requests. */
export function encode(...commands: Command[]): Buffer {
  return Buffer.concat(commands.map((command) => encodeRequest(command)));
}

/** One connection, destroyed when its test ends. */
export class RawClient {
  readonly socket: Socket;
  /** Bytes received so far, read as replies or not. */
  receivedBytes = 0;
  /** The server has closed its half, or the connection is gone altogether. */
  hasEnded = false;
  /** Why the connection ended, if not in order: the code of a system error. */
  error: string | undefined;
  readonly #received = new ByteQueue();
  #wakers: (() => void)[] = [];

  /** Connects, with TLS if told how. The client does not close its half when the server closes its own. */
  static connect(
    t: TestContext,
    address: NetConnectOpts,
    tls?: ConnectionOptions,
  ): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const options = { ...address, allowHalfOpen: true, noDelay: true };
      const socket = tls === undefined ? connect(options) : connectTls({ ...options, ...tls });
      t.after(() => socket.destroy());
      socket.once("error", reject);
      socket.once(tls === undefined ? "connect" : "secureConnect", () => {
        socket.off("error", reject);
        resolve(new RawClient(socket));
      });
    });
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      this.#received.append(chunk);
      this.#wake();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message;
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.hasEnded = true;
        this.#wake();
      });
    }
  }

  /** Our own address as the server shows it. */
  get address(): string {
    return `${this.socket.localAddress}:${this.socket.localPort}`;
  }

  /** Sends requests in one piece. */
  send(...commands: Command[]): void {
    this.raw(encode(...commands));
  }

  /** Sends bytes. */
  raw(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** The next reply without its types, an error with a leading "-". */
  async read(deadlineMs: number = DEADLINE_MS): Promise<Plain> {
    const reply = readReply({
      line: () => this.#taken(() => this.#received.takeLine()),
      bytes: (count) => this.#taken(() => this.#received.take(count)),
    });
    return plain(await within(reply, deadlineMs, "a reply arrives"));
  }

  /** The next replies. */
  async readMany(count: number, deadlineMs: number = DEADLINE_MS): Promise<Plain[]> {
    const replies: Plain[] = [];
    while (replies.length < count) replies.push(await this.read(deadlineMs));
    return replies;
  }

  /** Sends a request and returns its reply. */
  call(...command: Command): Promise<Plain> {
    this.send(command);
    return this.read();
  }

  /** Received and not read as replies. */
  get unread(): string {
    return this.#received.peek().toString("latin1");
  }

  /** Waits until the server has ended the connection; returns what it sent before and nobody read. */
  async end(deadlineMs: number = DEADLINE_MS): Promise<string> {
    const ended = async (): Promise<void> => {
      while (!this.hasEnded) await this.#news();
    };
    await within(ended(), deadlineMs, "the server ends the connection");
    return this.unread;
  }

  /** Takes nothing more from the kernel, so that replies pile up. */
  stopReading(): void {
    this.socket.pause();
  }

  startReading(): void {
    this.socket.resume();
  }

  /** Closes our half: no more requests. */
  halfClose(): void {
    this.socket.end();
  }

  /** Ends the connection as a crash does, with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async #taken(take: () => Buffer | undefined): Promise<Buffer> {
    for (;;) {
      const bytes = take();
      if (bytes !== undefined) return bytes;
      if (this.hasEnded) throw new Error("the connection ended while a reply was awaited");
      await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}
