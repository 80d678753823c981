/**
 * The client of a node on stage: sends requests, and keeps the ids it is answered.
 *
 * It is a carrier like a connection, with nobody at the other end: replies are read where they were
 * written, and count as sent.
 */
import type { ServerState } from "../../commands/server-state.ts";
import { type Carrier, Session } from "../../commands/session.ts";
import { JOB_ID_CHARS } from "../../core/job-id.ts";
import type { BufferPool } from "../../protocol/buffer-pool.ts";
import { ReplyWriter } from "../../protocol/reply-writer.ts";
import { fullLimits } from "../../protocol/request.ts";
import { ClientInput } from "../client-input.ts";

/** How an id begins: "D-". */
const LETTER_D = 0x44;
const MINUS = 0x2d;

/** One client, and the connection it seems to have. */
export class StageClient implements Carrier {
  readonly remoteAddress = "";
  readonly localIp = "";
  readonly localPort = 0;
  readonly isUnixSocket = false;
  readonly isLoopback = true;
  readonly fd = -1;
  readonly bufferedBytes = 0;
  readonly bufferCapacity = 0;
  readonly unsentBytes = 0;
  readonly #session: Session;
  readonly #input: ClientInput;

  constructor(server: ServerState, pool: BufferPool) {
    const { host, clients } = server;
    this.#session = new Session({
      id: clients.nextId(),
      carrier: this,
      reply: new ReplyWriter(pool),
      limits: fullLimits(),
      nowMs: host.nowMs,
      isAuthenticated: true,
    });
    this.#input = new ClientInput(server, this.#session);
  }

  /** Requests arrive, all of them at once. */
  send(requests: Buffer): void {
    this.#input.feed(requests, requests.length);
  }

  /** Goes on with requests that had to wait for earlier replies. */
  proceed(): void {
    this.#input.run();
  }

  /** Ids of jobs in all replies since the last call. */
  takeIds(): string[] {
    const { reply, unwritten } = this.#session;
    if (reply.length === 0) return [];
    const replies = reply.take();
    const ids: string[] = [];
    for (let at = 0; at + JOB_ID_CHARS <= replies.length; at++) {
      if (replies[at] !== LETTER_D || replies[at + 1] !== MINUS) continue;
      ids.push(replies.toString("latin1", at, at + JOB_ID_CHARS));
      // An id may end in what looks like the beginning of one.
      at += JOB_ID_CHARS - 1;
    }
    unwritten.handedOver();
    unwritten.written();
    reply.release(replies);
    return ids;
  }

  replyReady(): void {}
  resume(): void {}
  holdUntil(): void {}
  closeAfterReply(): void {}
  destroy(): void {}
}
