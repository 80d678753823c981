/**
 * The way out of one connection: what was written in a turn goes to the kernel in one piece.
 *
 * It also sees what becomes of it. Buffers the kernel has copied are used again, jobs in replies
 * that never left are known to the session as such, and a client that leaves too much unread for
 * too long is recognised. When to send is the turn's business.
 */
import type { Socket } from "node:net";
import type { ServerState } from "../commands/server-state.ts";
import type { Session } from "../commands/session.ts";
import { closeGently } from "./linger.ts";
import { OutputLimit } from "./output-limit.ts";

/** What happens to a connection's output later. */
export interface OutputEvents {
  /** Everything written so far has reached the kernel. */
  sent(): void;
  /** So have the last words: nothing more will be sent. */
  finished(): void;
}

/** Sends one session's replies. */
export class ClientOutput {
  readonly #server: ServerState;
  readonly #session: Session;
  readonly #socket: Socket;
  readonly #events: OutputEvents;
  readonly #limit = new OutputLimit();
  /** Of the replies that are held back, so many bytes wait for a commit under way. */
  #sealedBytes = 0;
  /** The kernel did not take everything at once. */
  #isPending = false;
  #isEnding = false;

  constructor(server: ServerState, session: Session, socket: Socket, events: OutputEvents) {
    this.#server = server;
    this.#session = session;
    this.#socket = socket;
    this.#events = events;
  }

  /** Bytes the kernel has not taken yet, replies included that are held back. */
  get unsentBytes(): number {
    return this.#socket.writableLength + this.#session.heldReplyBytes;
  }

  /**
   * Hands over what was written; behind it, ends a connection that is closing. While not all is safe,
   * only if it promises nothing. Returns whether it is held back.
   */
  flush(isAllSafe: boolean): boolean {
    const { reply, harmlessBytes } = this.#session;
    if (this.#isOver()) return false;
    if (!isAllSafe && reply.length > harmlessBytes) {
      this.#session.heldReplyBytes = reply.length;
      return true;
    }
    this.#sealedBytes = 0;
    this.#session.heldReplyBytes = 0;
    this.#session.harmlessBytes = 0;
    if (reply.length > 0) this.#write(reply.length);
    if (this.#session.isClosing) this.#end();
    return false;
  }

  /** What is held back now is to be said with `release`. */
  seal(): void {
    this.#sealedBytes = this.#session.reply.length;
    this.#session.unwritten.seal();
  }

  /** Hands over what was sealed. Returns whether there is more. */
  release(): boolean {
    if (this.#isOver()) return false;
    const { reply } = this.#session;
    const bytes = Math.min(this.#sealedBytes, reply.length);
    this.#sealedBytes = 0;
    // What is left counts as a promise: it waits with the rest.
    this.#session.harmlessBytes = 0;
    if (bytes > 0) this.#write(bytes);
    this.#session.heldReplyBytes = reply.length;
    if (reply.length > 0) return true;
    if (this.#session.isClosing) this.#end();
    return false;
  }

  /** Whether more waits for the client than client-output-buffer-limit allows. */
  isOverLimit(): boolean {
    const limit = this.#server.config.settings["client-output-buffer-limit"];
    const { unsentBytes } = this.#session.carrier;
    return this.#limit.isExceeded(unsentBytes, limit, this.#server.host.nowMs);
  }

  /** When to ask again even if nothing more is written (monotonic ms); Infinity: no need. */
  get nextCheckMs(): number {
    return this.#limit.nextCheckMs(this.#server.config.settings["client-output-buffer-limit"]);
  }

  /** The client is to be closed for it. */
  noteOverLimit(why: string): void {
    const { host, stats } = this.#server;
    stats.outputLimitDisconnections++;
    host.log("warning", why, {
      client: this.#session.carrier.remoteAddress,
      unsentBytes: this.unsentBytes,
    });
  }

  #isOver(): boolean {
    if (!this.#isEnding && !this.#socket.writable) this.#socket.destroy();
    return this.#isEnding || !this.#socket.writable;
  }

  /** Sends the first `bytes` of what was written: all of it, or what was sealed. */
  #write(bytes: number): void {
    const { reply, unwritten } = this.#session;
    const socket = this.#socket;
    const isAll = bytes === reply.length;
    const replies = isAll ? reply.take() : reply.takeFirst(bytes);
    socket.write(replies, this.#written);
    // Refused by the kernel at once: the client had gone before and has got none of this.
    if (socket.errored !== null) return;
    this.#session.usedAtMs = this.#server.host.nowMs;
    this.#server.stats.netOutputBytes += replies.length;
    if (isAll) unwritten.handedOver();
    else unwritten.sealedHandedOver();
    this.#isPending = socket.writableLength > 0;
    if (this.#isPending) return;
    unwritten.written();
    reply.release(replies);
    this.#events.sent();
  }

  /** Called for every write, and of no interest unless one had to wait. */
  readonly #written = (): void => {
    if (!this.#isPending || this.#socket.writableLength > 0) return;
    // This one may have arrived and the next one failed before we are told: nothing is certain then.
    if (this.#socket.errored !== null) return;
    this.#isPending = false;
    this.#session.unwritten.written();
    this.#session.usedAtMs = this.#server.host.nowMs;
    this.isOverLimit();
    this.#events.sent();
  };

  #end(): void {
    this.#isEnding = true;
    this.#socket.once("finish", () => this.#events.finished());
    closeGently(this.#socket);
  }
}
