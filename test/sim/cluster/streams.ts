/**
 * What one simulated process has to say to one peer, over one connection after the other.
 *
 * The bus proper turns messages into bytes. Most lives do without: messages travel as frozen copies,
 * by the same rules. Control messages are numbered, kept until they are confirmed, sent again over the
 * next connection, and handed up once and in order as long as the stream is the same; bulk is lost with
 * the connection; urgent goes first. wire-stream.ts has the same face and the real codecs behind it.
 */
import type { Message } from "../../../src/cluster/messages.ts";
import { busMessages } from "../../../src/cluster/messages.ts";
import type { Lane } from "../../../src/cluster/wire/codec.ts";
import { frozenCopy } from "./frozen-copy.ts";

/** Who is told what a peer says. */
export interface StreamReceiver {
  /** First on every connection; `isNew`: the peer does not remember what it sent before. */
  opened(isNew: boolean): void;
  received(message: Message): void;
}

/** Both directions of the conversation with one peer. */
export interface PeerStream {
  /** Too much waits: the connection is to be closed, and the stream to be restarted. */
  readonly isOverflowing: boolean;
  linkUp(): void;
  linkDown(): void;
  /** False: lost already, being no control message while there is no connection. */
  send(message: Message): boolean;
  /** The next thing to be written; undefined: nothing. */
  take(): unknown;
  /** Something has come; what was wrong with it. */
  push(packet: unknown): string | undefined;
  /** Forgets all that was to be sent; the peer will see another stream. */
  restart(streamId: number): void;
}

interface Item {
  /** 0: neither kept nor numbered. */
  readonly number: number;
  readonly message: Message;
}

interface Packet {
  readonly open: { readonly streamId: number; readonly first: number } | undefined;
  readonly items: readonly Item[];
  /** Control messages of the receiver that have arrived. */
  readonly confirmed: number;
}

/** Messages that are written at once. */
export const HELPING = 64;
/** After so many unconfirmed ones a confirmation goes by itself. */
const CONFIRM_AFTER = 128;

/** On which lane a message travels. */
export function laneOf(message: Message): Lane {
  return busMessages[message.type].lane;
}

/** Frozen messages instead of bytes. */
export class ObjectStream implements PeerStream {
  readonly #receiver: StreamReceiver;
  readonly #keptMax: number;
  readonly #helping: () => number;
  #streamId: number;
  #kept: Item[] = [];
  #lastNumber = 0;
  #urgent: Item[] = [];
  #waiting: Item[] = [];
  #isUp = false;
  #isOpenSent = false;
  #remoteStream: number | undefined;
  #seen = 0;
  #isHeard = false;
  #unconfirmed = 0;

  /** @param helping so many messages of those in order go into a packet now */
  constructor(
    receiver: StreamReceiver,
    streamId: number,
    keptMax: number,
    helping = (): number => HELPING,
  ) {
    this.#receiver = receiver;
    this.#streamId = streamId;
    this.#keptMax = keptMax;
    this.#helping = helping;
  }

  get isOverflowing(): boolean {
    return this.#kept.length > this.#keptMax;
  }

  linkUp(): void {
    this.linkDown();
    this.#isUp = true;
    this.#isOpenSent = false;
    this.#isHeard = false;
    this.#waiting = [...this.#kept];
  }

  linkDown(): void {
    this.#isUp = false;
    this.#urgent = [];
    this.#waiting = [];
  }

  send(message: Message): boolean {
    const lane = laneOf(message);
    if (lane !== "control" && !this.#isUp) return false;
    const number = lane === "control" ? ++this.#lastNumber : 0;
    const item = { number, message: frozenCopy(message) };
    if (lane === "control") this.#kept.push(item);
    if (!this.#isUp) return true;
    if (lane === "urgent") this.#urgent.push(item);
    else this.#waiting.push(item);
    return true;
  }

  take(): Packet | undefined {
    if (!this.#isUp) return undefined;
    const isOpening = !this.#isOpenSent;
    const isEmpty = this.#urgent.length === 0 && this.#waiting.length === 0;
    if (isEmpty && !isOpening && this.#unconfirmed < CONFIRM_AFTER) return undefined;
    const first = (this.#kept[0]?.number ?? this.#lastNumber + 1) as number;
    const open = isOpening ? { streamId: this.#streamId, first } : undefined;
    const items = [...this.#urgent, ...this.#waiting.splice(0, this.#helping())];
    this.#urgent = [];
    this.#isOpenSent = true;
    this.#unconfirmed = 0;
    return { open, items, confirmed: this.#isHeard ? this.#seen : 0 };
  }

  push(packet: unknown): string | undefined {
    const { open, items, confirmed } = packet as Packet;
    if (open !== undefined && !this.#opened(open)) return "control messages are missing";
    while (this.#kept.length > 0 && (this.#kept[0] as Item).number <= confirmed) this.#kept.shift();
    for (const { number, message } of items) {
      if (!this.#isUp) return undefined;
      if (number > 0) {
        this.#unconfirmed++;
        if (number <= this.#seen) continue;
        if (number !== this.#seen + 1) return `control message ${number} after ${this.#seen}`;
        this.#seen = number;
      }
      this.#receiver.received(message);
    }
    return undefined;
  }

  restart(streamId: number): void {
    this.linkDown();
    this.#kept = [];
    this.#lastNumber = 0;
    this.#streamId = streamId;
  }

  #opened({ streamId, first }: { streamId: number; first: number }): boolean {
    const isNew = streamId !== this.#remoteStream;
    if (isNew) {
      this.#remoteStream = streamId;
      this.#seen = first - 1;
    } else if (first > this.#seen + 1) return false;
    this.#isHeard = true;
    this.#receiver.opened(isNew);
    return true;
  }
}
