/**
 * A socket whose other end is in this process: what is written to it are replies, for whoever asked.
 *
 * With it a request that came by HTTP is a client like any other (command-session.ts): it has its turn,
 * its limits and its line in CLIENT LIST, and its reply comes when a real client would get it, after what
 * it depends on was written and sent.
 */
import { Duplex } from "node:stream";

/** Takes the bytes of replies; they are only valid during the call. */
export type ReplyBytes = (chunk: Buffer) => void;

/** The server's end. */
export class MemorySocket extends Duplex {
  readonly #take: ReplyBytes;

  constructor(take: ReplyBytes) {
    super({ allowHalfOpen: true });
    this.#take = take;
  }

  /** As net.Socket has it. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#take(chunk);
    done();
  }

  /** The server has said its last word, and nobody will send anything more. */
  override _final(done: (error?: Error) => void): void {
    this.push(null);
    done();
  }
}
