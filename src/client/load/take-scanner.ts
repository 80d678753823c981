/**
 * Reading the replies of a consumer: arrays of jobs, and the numbers that answer acknowledgements.
 *
 * Queue name and body size are known, so every job has the same size and its id the same place; a
 * reply is recognised by its header and the rest is arithmetic. The bytes stay where they are: the
 * consumer is told an offset and copies the ids straight into its next request.
 */
import type { Dialect } from "./dialect.ts";

const LF = 10;
const STAR = 42;
const DASH = 45;
const COLON = 58;

/** What a consumer wants to know about the stream. */
export interface TakeEvents {
  /** `count` jobs stand from `offset` on; 0 jobs when nothing was there. Valid during the call. */
  onJobs(bytes: Buffer, offset: number, count: number): void;
  /** So many jobs were acknowledged. */
  onAcked(count: number): void;
}

/** Splits one consumer's replies, whatever the chunking. */
export class TakeScanner {
  readonly #prefixBytes: number;
  readonly #jobBytes: number;
  readonly #events: TakeEvents;
  #pending = Buffer.alloc(256 * 1024);
  #pendingBytes = 0;

  constructor(dialect: Dialect, queue: string, bodyBytes: number, events: TakeEvents) {
    this.#prefixBytes = dialect.takePrefix(queue).length;
    this.#jobBytes = dialect.jobBytes(queue, bodyBytes);
    this.#events = events;
  }

  /** Takes the next bytes of the stream; throws on an error reply or an unexpected shape. */
  feed(bytes: Buffer, length: number): void {
    this.#append(bytes, length);
    let at = 0;
    while (at < this.#pendingBytes) {
      const next = this.#reply(at);
      if (next < 0) break;
      at = next;
    }
    this.#pending.copyWithin(0, at, this.#pendingBytes);
    this.#pendingBytes -= at;
  }

  #append(bytes: Buffer, length: number): void {
    if (this.#pendingBytes + length > this.#pending.length) {
      this.#pending = Buffer.concat([this.#pending], (this.#pendingBytes + length) * 2);
    }
    bytes.copy(this.#pending, this.#pendingBytes, 0, length);
    this.#pendingBytes += length;
  }

  /** Handles the reply at an offset; returns the offset behind it, or -1 when it is incomplete. */
  #reply(at: number): number {
    const type = this.#pending[at];
    const lineEnd = this.#lineEnd(at);
    if (lineEnd < 0) return -1;
    if (type === COLON) {
      this.#events.onAcked(this.#number(at));
      return lineEnd;
    }
    if (type !== STAR) this.#refuse(at);
    if (this.#pending[at + 1] === DASH) {
      this.#events.onJobs(this.#pending, lineEnd, 0);
      return lineEnd;
    }
    return this.#jobs(at + this.#prefixBytes);
  }

  #jobs(headerAt: number): number {
    const lineEnd = headerAt < this.#pendingBytes ? this.#lineEnd(headerAt) : -1;
    if (lineEnd < 0) return -1;
    const count = this.#number(headerAt);
    const end = lineEnd + count * this.#jobBytes;
    if (end > this.#pendingBytes) return -1;
    if (this.#pending[headerAt] !== STAR || this.#pending[end - 1] !== LF) this.#refuse(headerAt);
    this.#events.onJobs(this.#pending, lineEnd, count);
    return end;
  }

  #lineEnd(from: number): number {
    for (let at = from; at < this.#pendingBytes; at++) {
      if (this.#pending[at] === LF) return at + 1;
    }
    return -1;
  }

  #number(headerAt: number): number {
    let value = 0;
    for (let at = headerAt + 1; (this.#pending[at] ?? 0) >= 48; at++) {
      value = value * 10 + (this.#pending[at] ?? 0) - 48;
    }
    return value;
  }

  #refuse(at: number): never {
    const text = this.#pending.toString("latin1", at, Math.min(this.#pendingBytes, at + 80));
    throw new Error(`unexpected reply ${JSON.stringify(text)}`);
  }
}
