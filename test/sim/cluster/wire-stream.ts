/**
 * The conversation with a peer through the real channel: outbox, frames, codecs, inbox.
 *
 * Every tenth life talks this way. What is written is cut into pieces at random before it is read, as a
 * network does.
 */
import { crc32 } from "node:zlib";
import { busMessages, type Message } from "../../../src/cluster/messages.ts";
import { Channel } from "../../../src/cluster/wire/channel.ts";
import { Codec } from "../../../src/cluster/wire/codec.ts";
import type { Xorshift } from "../../../src/util/xorshift.ts";
import type { PeerStream, StreamReceiver } from "./streams.ts";

const codec = new Codec(busMessages);

/** Bytes instead of objects. */
export class WireStream implements PeerStream {
  readonly #channel: Channel<typeof busMessages>;
  readonly #random: Xorshift;
  readonly #keptMax: number;

  constructor(receiver: StreamReceiver, streamId: number, keptMax: number, random: Xorshift) {
    this.#channel = new Channel(codec, { receiver, crc32, streamId });
    this.#random = random;
    this.#keptMax = keptMax;
  }

  get isOverflowing(): boolean {
    const { outbox } = this.#channel;
    return outbox.isOverflowing || outbox.unconfirmedRecords > this.#keptMax;
  }

  linkUp(): void {
    this.#channel.linkUp();
  }

  linkDown(): void {
    this.#channel.linkDown();
  }

  send(message: Message): boolean {
    return this.#channel.send(message);
  }

  take(): Buffer | undefined {
    const frames = this.#channel.take();
    return frames.length === 0 ? undefined : Buffer.concat(frames);
  }

  push(packet: unknown): string | undefined {
    const bytes = packet as Buffer;
    const cut = this.#random.below(bytes.length + 1);
    const error = this.#channel.push(bytes.subarray(0, cut));
    return (error ?? this.#channel.push(bytes.subarray(cut)))?.message;
  }

  restart(streamId: number): void {
    this.#channel.restart(streamId);
  }
}
