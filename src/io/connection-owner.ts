/**
 * What a connection needs of the server it belongs to.
 *
 * A connection knows its own client only; when things are sent, and what all clients together may
 * take up, is decided by whoever knows them all (clients.ts).
 */
import type { ServerState } from "../commands/server-state.ts";
import type { BufferPool } from "../protocol/buffer-pool.ts";
import type { ClientConnection } from "./client-connection.ts";

/** What a connection needs of the server it belongs to. */
export interface ConnectionOwner {
  readonly server: ServerState;
  readonly pool: BufferPool;
  /** A turn has begun, or goes on. */
  touch(): void;
  /** Flush this connection at the end of the turn. */
  noteDirty(connection: ClientConnection): void;
  /** Let this connection go on with its buffered requests at its `resumeAtMs`. */
  noteResumable(connection: ClientConnection): void;
  /** Ask for `checkOutput` again at the end of the turn: much is waiting to be sent. */
  noteSlow(connection: ClientConnection): void;
  /** So much more is held of what clients have sent; may close the client with the most of it. */
  noteInput(deltaBytes: number): void;
  /** So much more waits for clients to read it; may close those with the most of it. */
  noteOutput(deltaBytes: number): void;
  /** It has sent what is no request, and is about to be closed for it. */
  noteProtocolError(connection: ClientConnection, error: string): void;
  noteClosed(connection: ClientConnection): void;
}
