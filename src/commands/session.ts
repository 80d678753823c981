/**
 * One client's state: who it is, what it may do, what it waits for.
 *
 * A session knows nothing of sockets. What carries its bytes is a `Carrier`, declared here and
 * implemented where sockets live, so that tests and the simulation can be clients too.
 */
import type { Waiter } from "../core/waiting-room.ts";
import type { ReplyWriter } from "../protocol/reply-writer.ts";
import type { ReaderLimits } from "../protocol/request.ts";
import type { CommandSpec } from "./command.ts";
import type { PendingReplies } from "./pending-replies.ts";
import { UnwrittenJobs } from "./unwritten-jobs.ts";

/** What a session may ask of the connection that carries it. */
export interface Carrier {
  /** `ip:port`, `[ip]:port`, or the path of a unix socket with `:0`. */
  readonly remoteAddress: string;
  /** Address and port the client connected to; empty for unix sockets. */
  readonly localIp: string;
  readonly localPort: number;
  readonly isUnixSocket: boolean;
  readonly isLoopback: boolean;
  /** File descriptor, -1 when unknown. */
  readonly fd: number;
  /** Bytes received and not yet run, and memory held for them. */
  readonly bufferedBytes: number;
  readonly bufferCapacity: number;
  /** Bytes of replies the client has not taken yet, those included that wait for earlier ones or the disk. */
  readonly unsentBytes: number;
  /** There is something in the session's reply writer to be sent at the end of the turn. */
  replyReady(): void;
  /** The session is no longer blocked: requests that arrived meanwhile can run. */
  resume(): void;
  /** No request is run before that moment, monotonic ms; then the connection resumes by itself. */
  holdUntil(atMs: number): void;
  /** Closes the connection, after what has been written was sent. */
  closeAfterReply(): void;
  /** Closes the connection at once. */
  destroy(): void;
}

/** What happens to replies (CLIENT REPLY). */
export type ReplyMode = "on" | "off" | "skip next" | "skip this";

/** A connected client. */
export class Session {
  readonly id: number;
  readonly carrier: Carrier;
  readonly reply: ReplyWriter;
  /** Limits of the request reader; narrow until the client authenticated. */
  readonly limits: ReaderLimits;
  readonly connectedAtMs: number;
  usedAtMs: number;
  name = "";
  libraryName = "";
  libraryVersion = "";
  isAuthenticated: boolean;
  /** A login on this connection was refused: others go first (login-guard.ts). */
  hasFailedLogin = false;
  isMonitor = false;
  isClosing = false;
  /** The client has closed its half, and may be gone altogether: no job is handed to it. */
  isHalfClosed = false;
  replyMode: ReplyMode = "on";
  /** Of what was written and not taken, the bytes that promise nothing: they need not wait for the disk. */
  harmlessBytes = 0;
  /** Of what was written and not taken, the bytes that are held back until they are safe to say. */
  heldReplyBytes = 0;
  lastCommand: CommandSpec | undefined = undefined;
  /** Jobs it was handed, and of how many it said what became of them, both since it connected. */
  jobsTaken = 0;
  jobsSettled = 0;
  /** When it was last handed one, monotonic ms; undefined: never. */
  tookAtMs: number | undefined = undefined;
  /** Set while the client is blocked: requests wait until it is answered. */
  waiter: Waiter | undefined = undefined;
  /** Replies that are due in their order; made for the first request that is answered later. */
  pending: PendingReplies | undefined = undefined;
  /** Jobs in replies that have not reached the kernel yet. */
  readonly unwritten = new UnwrittenJobs();

  constructor(parts: {
    id: number;
    carrier: Carrier;
    reply: ReplyWriter;
    limits: ReaderLimits;
    nowMs: number;
    isAuthenticated: boolean;
  }) {
    this.id = parts.id;
    this.carrier = parts.carrier;
    this.reply = parts.reply;
    this.limits = parts.limits;
    this.connectedAtMs = parts.nowMs;
    this.usedAtMs = parts.nowMs;
    this.isAuthenticated = parts.isAuthenticated;
  }

  /** It waits for a job. */
  get isBlocked(): boolean {
    return this.waiter !== undefined;
  }

  /** It waits for copies of jobs it has added. */
  get isAwaitingReplies(): boolean {
    return this.pending !== undefined && this.pending.count > 0;
  }

  /** The client asked not to see the reply to the request at hand. */
  get isMuted(): boolean {
    return this.replyMode === "off" || this.replyMode === "skip this";
  }
}
