/**
 * One connection to a server: requests out, replies in the same order, and a clear end.
 *
 * Calls may overlap, then they are pipelined. It does not connect again: after an end nobody can
 * say whether the server ran what was not answered, so that is for the caller to decide.
 */
import type { Socket } from "node:net";
import { systemErrorText } from "../io/system-error.ts";
import { printAddress, type ServerAddress } from "./address.ts";
import { ConnectionError, ServerError, SilenceError } from "./connection-error.ts";
import { dial } from "./dial.ts";
import { checked, ErrorReply, type Reply } from "./reply.ts";
import { ReplyReader } from "./reply-reader.ts";
import { type Argument, encodeRequest } from "./request.ts";
import type { Target } from "./target.ts";

/** How the server's error ends when there is nothing to log in to. */
const NO_PASSWORD_SET = "no password is set";

interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** An open connection. */
export class Connection {
  readonly address: ServerAddress;
  readonly #socket: Socket;
  readonly #reader: ReplyReader;
  /** 0: for ever. */
  readonly #replyTimeoutMs: number;
  #pending: Pending[] = [];
  #firstPending = 0;
  #onStray: (reply: Reply) => void = () => undefined;
  #end: ConnectionError | undefined;
  #ended: (reason: ConnectionError) => void = () => undefined;
  /** Resolves with the reason when the connection is over. */
  readonly ended: Promise<ConnectionError>;
  #isCorked = false;
  readonly #onClosed = (): void => this.#finish("the server closed the connection");

  /** Connects and logs in. Rejects with ConnectionError, or ServerError when the login is refused. */
  static async open(target: Target): Promise<Connection> {
    const connection = new Connection(await dial(target), target);
    const { user, password } = target;
    if (password === undefined) return connection;
    const words = user === undefined ? ["AUTH", password] : ["AUTH", user, password];
    const reply = await connection.call(...words);
    if (!(reply instanceof ErrorReply)) return connection;
    // A password that is not needed is no failure: it may be in the environment for another server.
    if (reply.message.endsWith(NO_PASSWORD_SET)) {
      target.onNeedlessPassword?.();
      return connection;
    }
    connection.close();
    throw new ServerError(reply.message);
  }

  private constructor(socket: Socket, target: Target) {
    this.address = target.address;
    this.#socket = socket;
    this.#replyTimeoutMs = target.replyTimeoutMs ?? 0;
    this.ended = new Promise((resolve) => {
      this.#ended = resolve;
    });
    this.#reader = new ReplyReader({
      onReply: (reply) => this.#onReply(reply),
      onNonsense: (reason) => this.#finish(reason),
    });
    socket.on("data", (chunk: Buffer) => this.#reader.feed(chunk));
    socket.on("error", (error) => this.#finish(systemErrorText(error)));
    socket.on("close", this.#onClosed);
    // From now on a write would fail, as if that were our mistake.
    socket.on("end", this.#onClosed);
    if (target.replyTimeoutMs !== undefined) this.#expectRepliesWithin(target.replyTimeoutMs);
  }

  /** Why it is over; undefined while it is open. */
  get end(): ConnectionError | undefined {
    return this.#end;
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** Our own end as `host:port`, as the server knows it; empty for a unix socket. */
  get localAddress(): string {
    const { localAddress = "", localPort } = this.#socket;
    return localPort === undefined ? "" : `${localAddress}:${localPort}`;
  }

  /** Sends a command and resolves with its reply, errors included. Rejects with ConnectionError. */
  call(...args: readonly Argument[]): Promise<Reply> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      // Anew: a socket's timer that ran out while nothing was asked is not started by a write.
      if (this.#pending.length === 1) this.#socket.setTimeout(this.#replyTimeoutMs);
      this.write(encodeRequest(args));
    });
  }

  /** The same, but an error as reply is thrown as ServerError. */
  async ask(...args: readonly Argument[]): Promise<Reply> {
    return checked(await this.call(...args));
  }

  /** Sends bytes as they are. What answers them goes to `onStray`. False: wait for `drained`. */
  write(bytes: Buffer): boolean {
    // What is sent in one turn goes out together.
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    return this.#socket.write(bytes);
  }

  /** Resolves when what was written has gone out, or nothing can be written any more. */
  drained(): Promise<void> {
    if (this.#end !== undefined || this.#socket.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once("drain", resolve);
      void this.ended.then(() => resolve());
    });
  }

  /** Who gets replies that nobody has called for: the lines of MONITOR. */
  onStray(handler: (reply: Reply) => void): void {
    this.#onStray = handler;
  }

  /** Stops and resumes reading. */
  setReading(isReading: boolean): void {
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
  }

  /** Gives the socket away, with nobody listening to it; this connection is over then. */
  handOver(): Socket {
    const socket = this.#socket;
    for (const event of ["data", "error", "close", "timeout"]) socket.removeAllListeners(event);
    // Node has a listener of its own for this one, which hangs up in answer.
    socket.off("end", this.#onClosed);
    socket.setTimeout(0);
    this.#end = new ConnectionError(`${printAddress(this.address)}: the connection was given away`);
    return socket;
  }

  /** Closes at once; what is unanswered rejects. */
  close(reason = "the connection was closed"): void {
    this.#finish(reason);
  }

  #onReply(reply: Reply): void {
    const pending = this.#pending[this.#firstPending];
    if (pending === undefined) {
      this.#onStray(reply);
      return;
    }
    this.#firstPending++;
    if (this.#firstPending === this.#pending.length) {
      this.#pending = [];
      this.#firstPending = 0;
    }
    pending.resolve(reply);
  }

  #expectRepliesWithin(ms: number): void {
    this.#socket.on("timeout", () => {
      if (this.#pending.length === 0) return;
      const where = printAddress(this.address);
      this.#finishWith(new SilenceError(`${where}: no reply within ${ms / 1000} s`, true));
    });
  }

  #finish(reason: string): void {
    this.#finishWith(new ConnectionError(`${printAddress(this.address)}: ${reason}`, true));
  }

  #finishWith(end: ConnectionError): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#socket.destroy();
    const pending = this.#pending.slice(this.#firstPending);
    this.#pending = [];
    this.#firstPending = 0;
    for (const each of pending) each.reject(this.#end);
    this.#ended(this.#end);
  }
}
