/**
 * All client connections of a server: who has something to send, who may go on.
 *
 * The turn asks for both once; nothing here decides when. Also closes clients that have been idle for
 * longer than `timeout`, and limits what is held for all of them together.
 */
import { placeOf } from "../commands/login-guard.ts";
import type { ServerState } from "../commands/server-state.ts";
import { BufferPool } from "../protocol/buffer-pool.ts";
import { TLS_HELLO } from "../protocol/request-reader.ts";
import { Bag } from "../util/bag.ts";
import type { ClientConnection } from "./client-connection.ts";
import { Complaints } from "./complaints.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import { HeldBack } from "./held-back.ts";
import { inputBytesMax, SENT_MOST } from "./input-limit.ts";
import { nothingPromised, type PromiseKeeper } from "./log/promise-keeper.ts";
import { MOST_UNREAD, outputBytesMax } from "./output-limit.ts";
import type { Turn } from "./turn.ts";

/** Idle clients are looked for this often, and only while `timeout` is set. */
const IDLE_CHECK_MS = 1000;

/** The connections of one server. */
export class Clients implements ConnectionOwner {
  readonly server: ServerState;
  readonly pool = new BufferPool();
  readonly #turn: Turn;
  readonly #connections = new Set<ClientConnection>();
  readonly #replies = new HeldBack<ClientConnection>();
  readonly #resumable = new Bag<ClientConnection>();
  readonly #tlsComplaints = new Complaints();
  /** Those with more unsent bytes than a limit that is over in some time. */
  readonly #slow = new Set<ClientConnection>();
  /** Memory held for what clients have sent and what has not run. */
  #inputBytes = 0;
  /** Bytes of replies that clients have not taken. */
  #outputBytes = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(server: ServerState, turn: Turn) {
    this.server = server;
    this.#turn = turn;
  }

  get count(): number {
    return this.#connections.size;
  }

  add(connection: ClientConnection): void {
    this.#connections.add(connection);
  }

  touch(): void {
    this.#turn.touch();
  }

  noteDirty(connection: ClientConnection): void {
    this.#replies.noteDirty(connection);
  }

  noteResumable(connection: ClientConnection): void {
    if (!this.#resumable.has(connection)) this.#resumable.add(connection);
    this.#turn.touch();
  }

  noteSlow(connection: ClientConnection): void {
    this.#slow.add(connection);
  }

  noteInput(deltaBytes: number): void {
    this.#inputBytes += deltaBytes;
    if (deltaBytes > 0) this.#limitInput();
  }

  noteOutput(deltaBytes: number): void {
    this.#outputBytes += deltaBytes;
    if (deltaBytes > 0) this.#limitOutput();
  }

  noteProtocolError({ remoteAddress, session }: ClientConnection, error: string): void {
    const { stats, host } = this.server;
    stats.protocolErrors++;
    if (error !== TLS_HELLO) return;
    // Whoever set up that client waits for an explanation; its neighbours need not fill the log.
    if (!this.#tlsComplaints.mayLog(placeOf(session.carrier), host.nowMs)) return;
    host.log("warning", "a client spoke TLS on a port without it, see tls-port", {
      client: remoteAddress,
    });
  }

  noteClosed(connection: ClientConnection): void {
    this.#connections.delete(connection);
    this.#slow.delete(connection);
    this.#resumable.remove(connection);
  }

  /** Sends what was written in this turn, as far as it is safe to say. */
  flush(promises: PromiseKeeper = nothingPromised): void {
    this.#replies.flush(promises);
  }

  /** Lets clients go on whose moment has come; returns the earliest moment of the others. */
  resume(): number {
    return Math.min(this.#resumeReady(), this.#checkSlow());
  }

  #resumeReady(): number {
    if (this.#resumable.size === 0) return Number.POSITIVE_INFINITY;
    const nowMs = this.server.host.nowMs;
    const ready: ClientConnection[] = [];
    for (const connection of this.#resumable.values()) {
      if (connection.resumeAtMs <= nowMs) ready.push(connection);
    }
    for (const connection of ready) this.#resumable.remove(connection);
    for (const connection of ready) connection.runBuffered();
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const { resumeAtMs } of this.#resumable.values()) {
      nextAtMs = Math.min(nextAtMs, resumeAtMs);
    }
    return nextAtMs;
  }

  /** Starts or stops looking for idle clients, after `timeout` was set. */
  watchIdle(timeoutSeconds: number): void {
    clearInterval(this.#idleTimer);
    this.#idleTimer = undefined;
    if (timeoutSeconds === 0) return;
    this.#idleTimer = setInterval(() => this.#closeIdle(timeoutSeconds), IDLE_CHECK_MS);
  }

  /** Looks at everybody's unsent bytes anew, after client-output-buffer-limit was set. */
  watchOutput(): void {
    for (const connection of this.#connections) this.#slow.add(connection);
    this.#turn.touch();
  }

  /** Closes everybody; replies that were written are sent at the end of the turn. */
  closeAll(): void {
    clearInterval(this.#idleTimer);
    for (const connection of this.#connections) connection.closeAfterReply();
  }

  /** Ends connections that did not close by themselves. */
  destroyAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Closes clients that are too far behind; returns when to look at the others again. */
  #checkSlow(): number {
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const connection of this.#slow) {
      const atMs = connection.checkOutput();
      if (atMs === Number.POSITIVE_INFINITY) this.#slow.delete(connection);
      else nextAtMs = Math.min(nextAtMs, atMs);
    }
    return nextAtMs;
  }

  /** Closes those who sent most until the others are within the limit for all. */
  #limitInput(): void {
    while (this.#inputBytes > inputBytesMax(this.server.config.settings)) {
      let greediest: ClientConnection | undefined;
      for (const connection of this.#connections) {
        if (connection.bufferCapacity > (greediest?.bufferCapacity ?? 0)) greediest = connection;
      }
      if (greediest === undefined) return;
      greediest.closeOverfull(SENT_MOST);
    }
  }

  /** Closes those who leave most unread until the others are within the limit for all; never the last. */
  #limitOutput(): void {
    const bytesMax = outputBytesMax(this.server.config.settings);
    if (this.#outputBytes <= bytesMax) return;
    const behind = [...this.#connections]
      .filter(({ session, unsentBytes }) => unsentBytes > 0 && !session.isClosing)
      .sort((a, b) => a.unsentBytes - b.unsentBytes);
    let bytes = behind.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0);
    while (bytes > bytesMax && behind.length > 1) {
      const greediest = behind.pop();
      bytes -= greediest?.unsentBytes ?? 0;
      greediest?.closeUnread(MOST_UNREAD);
    }
  }

  #closeIdle(timeoutSeconds: number): void {
    this.#turn.touch();
    const limitMs = this.server.host.nowMs - timeoutSeconds * 1000;
    for (const connection of this.#connections) {
      if (!connection.isWaiting && connection.session.usedAtMs < limitMs) connection.destroy();
    }
  }
}
