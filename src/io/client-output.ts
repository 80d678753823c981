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
  /** The kernel did not take everything at once. */
  #isPending = false;
  #isEnding = false;

  constructor(server: ServerState, session: Session, socket: Socket, events: OutputEvents) {
    this.#server = server;
    this.#session = session;
    this.#socket = socket;
    this.#events = events;
  }

  /** Bytes the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Hands over what was written; behind it, ends a connection that is closing. */
  flush(): void {
    if (this.#isEnding) return;
    if (!this.#socket.writable) {
      this.#socket.destroy();
      return;
    }
    if (this.#session.reply.length > 0) this.#write();
    if (this.#session.isClosing) this.#end();
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

  #write(): void {
    const { reply, unwritten } = this.#session;
    const socket = this.#socket;
    const replies = reply.take();
    socket.write(replies, this.#written);
    // Refused by the kernel at once: the client had gone before and has got none of this.
    if (socket.errored !== null) return;
    this.#session.usedAtMs = this.#server.host.nowMs;
    this.#server.stats.netOutputBytes += replies.length;
    unwritten.handedOver();
    this.#isPending = socket.writableLength > 0;
    if (this.#isPending) return;
    unwritten.written();
    reply.release(replies);
    this.#events.sent();
  }

  /** Called for every write, and of no interest unless one had to wait. */
  readonly #written = (): void => {
    if (!this.#isPending || this.unsentBytes > 0) return;
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
