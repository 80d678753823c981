/**
 * Bytes from a server become replies.
 *
 * redis-parser does the work. It is made for replies of a server one trusts: what it throws at nonsense
 * ends the stream here, in words. Strings are bytes and integers are digits, so that nothing is lost.
 */
import RedisParser from "redis-parser";
import { ErrorReply, type Reply, Status } from "./reply.ts";
import { StringKinds } from "./string-kinds.ts";

/** Who reads the stream. */
export interface ReplyEvents {
  onReply(reply: Reply): void;
  /** The bytes are no replies; nothing follows. */
  onNonsense(reason: string): void;
}

/** One stream of replies. */
export class ReplyReader {
  readonly #events: ReplyEvents;
  readonly #kinds = new StringKinds();
  readonly #parser: RedisParser;
  #isOver = false;

  constructor(events: ReplyEvents) {
    this.#events = events;
    this.#parser = new RedisParser({
      returnBuffers: true,
      stringNumbers: true,
      returnReply: (reply: unknown) => this.#events.onReply(this.#shaped(reply)),
      returnError: (error) => this.#events.onReply(new ErrorReply(error.message)),
      returnFatalError: () => this.#giveUp(),
    });
  }

  /** Takes the next bytes; calls back for every reply they complete. */
  feed(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#kinds.feed(chunk);
    try {
      this.#parser.execute(chunk);
    } catch (error) {
      // Lists that nobody can hold, or that are nested without end.
      if (!(error instanceof RangeError)) throw error;
      this.#giveUp();
    }
  }

  #giveUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onNonsense("what it sends is not the Redis protocol");
  }

  #shaped(reply: unknown): Reply {
    if (Buffer.isBuffer(reply)) return this.#kinds.takeIsStatus() ? new Status(reply) : reply;
    if (Array.isArray(reply)) return reply.map((each) => this.#shaped(each));
    if (reply instanceof Error) return new ErrorReply(reply.message);
    return typeof reply === "string" ? reply : null;
  }
}
