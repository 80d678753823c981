/**
 * The link with one peer: its socket, and the channel that turns messages into bytes and back.
 *
 * Messages that are sent wait in the channel until the turn ends; then the socket is given a helping
 * of them, and another one when the kernel has taken all of it. So what is urgent never stands
 * behind more than a helping. A link that ends says so once, whoever ended it.
 *
 * While what happened is not safe on the disk (held-back.ts), only what is urgent leaves: it tells who is
 * alive, and nothing of jobs. What waits for a commit under way is taken from the channel as frames.
 */
import type { Channel } from "../../cluster/wire/channel.ts";
import type { MessageIn, MessageTable } from "../../cluster/wire/codec.ts";
import { HELPING_BYTES } from "../../cluster/wire/frame-writer.ts";
import { CONGESTED_ABOVE_BYTES } from "../../cluster/wire/outbox.ts";
import type { Speaker } from "../held-back.ts";
import type { Link, LinkEnd, LinkFacts } from "./bus-events.ts";
import type { BusSocket, SocketUser } from "./bus-socket.ts";
import type { BusStatistics } from "./bus-statistics.ts";

/** Of the channel: nothing but what is urgent, and all there is. */
const URGENT_ONLY = 0;
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** What a link needs of its bus. */
export interface LinkOwner<Table extends MessageTable> {
  readonly nowMs: number;
  readonly statistics: BusStatistics;
  /** What was sent since the last turn may be told before anything else is done. */
  readonly mayTellAtOnce: boolean;
  touch(): void;
  /** Flush this link at the end of the turn. */
  noteDirty(link: BusLink<Table>): void;
  /** It is over, and its socket is closed or closing. */
  ended(link: BusLink<Table>, end: LinkEnd, text: string): void;
  congestionChanged(link: BusLink<Table>): void;
}

/** A connection over which messages travel. */
export class BusLink<Table extends MessageTable> implements Link, SocketUser, Speaker {
  readonly facts: LinkFacts;
  readonly channel: Channel<Table>;
  lastHeardMs: number;
  isHeldBack = false;
  readonly #owner: LinkOwner<Table>;
  readonly #socket: BusSocket;
  #isDirty = false;
  #isOver = false;
  #isFinishing = false;
  #wasCongested = false;
  #hasSpoken = false;
  /** Frames that wait for a commit under way, and those behind which it has ended. */
  #sealed: Buffer[] = [];
  #safe: Buffer[] = [];
  /** Bytes of both. */
  #takenBytes = 0;

  constructor(
    owner: LinkOwner<Table>,
    socket: BusSocket,
    channel: Channel<Table>,
    facts: LinkFacts,
  ) {
    this.#owner = owner;
    this.#socket = socket;
    this.channel = channel;
    this.facts = facts;
    this.lastHeardMs = owner.nowMs;
    socket.user = this;
    channel.linkUp();
    // Its first frame goes out even if there is nothing to say.
    this.noteDirty();
  }

  get outstandingBytes(): number {
    const { outstandingBytes } = this.channel.outbox;
    return outstandingBytes + this.#takenBytes + this.#socket.unsentBytes;
  }

  get isCongested(): boolean {
    return this.channel.outbox.outstandingBytes + this.#takenBytes > CONGESTED_ABOVE_BYTES;
  }

  /** Queues a message; false when the link is over, or ends because too much is waiting. */
  send(message: MessageIn<Table>): boolean {
    if (this.#isOver || this.#isFinishing || this.channel.outbox.isOverflowing) return false;
    this.noteDirty();
    return this.channel.send(message);
  }

  /** Asks for `flush` at the end of the turn. */
  noteDirty(): void {
    if (this.#isDirty || this.#isOver) return;
    this.#isDirty = true;
    this.#owner.touch();
    this.#owner.noteDirty(this);
  }

  opened(): void {}

  received(buffer: Buffer, start: number, end: number): void {
    if (this.#isOver || start === end) return;
    this.#owner.touch();
    this.lastHeardMs = this.#owner.nowMs;
    this.#owner.statistics.linkBytesReceived += end - start;
    const error = this.channel.push(buffer.subarray(start, end));
    if (error !== undefined) this.close("damaged", error.message);
    // What came may have to be confirmed.
    this.noteDirty();
  }

  drained(): void {
    // A bus that stops has no more turns.
    if (this.#isFinishing) this.#pump(this.#owner.mayTellAtOnce);
    else this.noteDirty();
  }

  closed(text: string): void {
    if (this.#isOver) return;
    this.#owner.touch();
    this.close("lost", text);
  }

  /** Gives the socket what it can take and what may be told. */
  flush(isAllSafe: boolean): boolean {
    this.#isDirty = false;
    if (this.#isOver) return false;
    const { outbox } = this.channel;
    if (outbox.isOverflowing) {
      this.close("overflow", `${outbox.outstandingBytes} bytes wait for the peer`);
      return false;
    }
    this.#pump(isAllSafe);
    if (this.isCongested !== this.#wasCongested) {
      this.#wasCongested = this.isCongested;
      this.#owner.congestionChanged(this);
    }
    return !isAllSafe && !this.#isOver;
  }

  seal(): void {
    // The first frame must be the first: it is urgent, and waits for the socket only.
    if (this.#isOver || !this.#hasSpoken) return;
    for (const frame of this.channel.take(EVERYTHING)) {
      this.#sealed.push(frame);
      this.#takenBytes += frame.length;
    }
  }

  release(): boolean {
    if (this.#isOver) return false;
    for (const frame of this.#sealed) this.#safe.push(frame);
    this.#sealed = [];
    this.#pump(false);
    return !this.#isOver;
  }

  /** Ends the link at once; what was not sent is lost, but for what the channel keeps. */
  close(end: LinkEnd, text: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.channel.linkDown();
    this.#socket.destroy();
    this.#owner.ended(this, end, text);
  }

  /**
   * Ends the link now. What was sent still leaves, as far as the connection takes it; of the rest
   * the channel keeps what it always keeps.
   */
  part(text: string): void {
    if (this.#isOver) return;
    this.#pump(this.#owner.mayTellAtOnce);
    if (!this.#isOver) this.#leave(text);
  }

  /** Ends the link when everything has been sent. Takes nothing more. */
  finish(): void {
    if (this.#isOver || this.#isFinishing) return;
    this.#isFinishing = true;
    this.#pump(this.#owner.mayTellAtOnce);
  }

  /** Goes on until the kernel has no room or nothing is left; mostly that is one write. */
  #pump(isAllSafe: boolean): void {
    while (this.#socket.unsentBytes === 0) {
      const frames = this.#next(isAllSafe);
      if (frames.length === 0) {
        if (this.#isFinishing) this.#leave("this node is stopping");
        return;
      }
      for (const frame of frames) this.#owner.statistics.linkBytesSent += frame.length;
      this.#hasSpoken = true;
      this.#socket.write(...frames);
    }
  }

  /** A helping of what may be told, in order behind what is urgent. */
  #next(isAllSafe: boolean): Buffer[] {
    if (isAllSafe && this.#sealed.length > 0) {
      this.#safe.push(...this.#sealed);
      this.#sealed = [];
    }
    if (this.#safe.length === 0) return this.channel.take(isAllSafe ? undefined : URGENT_ONLY);
    const frames = this.channel.take(URGENT_ONLY);
    let count = 0;
    for (let bytes = 0; count < this.#safe.length && bytes < HELPING_BYTES; count++) {
      bytes += (this.#safe[count] as Buffer).length;
    }
    const safe = this.#safe.splice(0, count);
    for (const frame of safe) this.#takenBytes -= frame.length;
    frames.push(...safe);
    return frames;
  }

  #leave(text: string): void {
    this.#isOver = true;
    this.channel.linkDown();
    this.#socket.leave();
    this.#owner.ended(this, "hung-up", text);
  }
}
