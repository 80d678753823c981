/**
 * Both directions of the conversation with one peer, over one connection after the other.
 *
 *   send(message) -> outbox -> take() -> the socket        the socket -> push(bytes) -> receive(message)
 *
 * This is all of the wire format that the owner of sockets has to know. Messages of the control lane
 * arrive once each and in order; of the others some are lost with a connection. It knows neither
 * sockets nor time, and one link at a time.
 */
import type { Codec, MessageIn, MessageTable } from "./codec.ts";
import type { Crc32 } from "./frame-format.ts";
import { FrameReader } from "./frame-reader.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import type { WireError } from "./wire-error.ts";

/** Who is told what the peer sends; both may call any method of the channel. */
export interface ChannelReceiver<Message> {
  /** The peer has begun to speak on this link. `isNewStream`: it does not remember what it sent before. */
  opened(isNewStream: boolean): void;
  received(message: Message): void;
}

/** What a channel needs besides its codec. */
export interface ChannelOptions<Message> {
  readonly receiver: ChannelReceiver<Message>;
  readonly crc32: Crc32;
  /** Never used before towards this peer, 0 to 2^53 - 1; see Outbox. */
  readonly streamId: number;
  /** Larger records are refused; default RECORD_BYTES_MAX. */
  readonly recordBytesMax?: number;
}

/** What one node and one of its peers have to say to each other. */
export class Channel<Table extends MessageTable> {
  readonly #codec: Codec<Table>;
  readonly #options: ChannelOptions<MessageIn<Table>>;
  readonly #outbox: Outbox<Table>;
  readonly #inbox = new Inbox();
  /** Undefined: no link. */
  #reader: FrameReader<Table> | undefined;

  constructor(codec: Codec<Table>, options: ChannelOptions<MessageIn<Table>>) {
    this.#codec = codec;
    this.#options = options;
    this.#outbox = new Outbox(codec, options.crc32, options.streamId);
  }

  /** For its measures and limits. */
  get outbox(): Pick<
    Outbox<Table>,
    "outstandingBytes" | "unconfirmedRecords" | "isCongested" | "isOverflowing"
  > {
    return this.#outbox;
  }

  /** Bytes held for the peer in both directions. */
  get bytes(): number {
    return this.#outbox.outstandingBytes + (this.#reader?.heldBytes ?? 0);
  }

  /** Queues a message. False: it is lost already, being no control record while there is no link. */
  send(message: MessageIn<Table>): boolean {
    return this.#outbox.send(message);
  }

  /** A connection has been made and its other end is known to be the peer. Ends a former link. */
  linkUp(): void {
    this.linkDown();
    this.#inbox.linkUp();
    this.#outbox.linkUp();
    const { crc32, receiver, recordBytesMax } = this.#options;
    const sink = {
      opened: (streamId: number, firstSequence: number): void =>
        receiver.opened(this.#inbox.opened(streamId, firstSequence)),
      confirmed: (sequence: number): void => this.#outbox.confirmed(sequence),
      isNew: (sequence: number, recordBytes: number): boolean =>
        this.#inbox.accept(sequence, recordBytes),
      received: (message: MessageIn<Table>): void => receiver.received(message),
    };
    this.#reader = new FrameReader(this.#codec, crc32, sink, recordBytesMax);
  }

  /** The connection is gone. Bytes of it that have not been pushed must not be any more. */
  linkDown(): void {
    this.#reader?.stop();
    this.#reader = undefined;
    this.#outbox.linkDown();
  }

  /** Ends the link and forgets all that was to be sent; `streamId` as in Outbox.restart. */
  restart(streamId: number): void {
    this.linkDown();
    this.#outbox.restart(streamId);
  }

  /** Bytes from the connection. Returns what was wrong; the connection must be closed then. */
  push(bytes: Buffer): WireError | undefined {
    return this.#reader?.push(bytes);
  }

  /** What to write now: at the end of every turn, and when the connection has got rid of the last. */
  take(bytesMax?: number): Buffer[] {
    const inbox = this.#inbox;
    const frames = this.#outbox.take(inbox.confirmed, inbox.isConfirmationDue, bytesMax);
    if (frames.length > 0) inbox.confirmationSent();
    return frames;
  }
}
