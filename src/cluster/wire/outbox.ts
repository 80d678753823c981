/**
 * What is on its way to one peer, with or without a connection to it.
 *
 * A control record is encoded and numbered at once and kept until the peer confirms it; every new
 * link begins with all that are kept. Urgent and bulk records are lost with the link, and are not
 * even encoded while there is none. The peer tells repetitions by their numbers (inbox.ts), which
 * it takes for one stream as long as the stream's id stays the same.
 *
 * What is outstanding is counted once: control records until they are confirmed, others until they are
 * given away to be written. The largest one does not count against the hard limit.
 *
 * Nothing here waits or closes anything. Whoever sends must look at `isCongested` before choosing
 * this peer for bulk; whoever owns the link must close it when `isOverflowing`, and `restart`.
 */
import { assert } from "../../util/assert.ts";
import type { Codec, MessageIn, MessageTable } from "./codec.ts";
import type { Crc32 } from "./frame-format.ts";
import { FrameWriter, HELPING_BYTES } from "./frame-writer.ts";
import { KeptRecords } from "./kept-records.ts";
import { LargestRecord } from "./largest-record.ts";
import { WireError } from "./wire-error.ts";
import { WireWriter } from "./wire-writer.ts";

const MB = 1024 * 1024;
/** With more than this outstanding a peer gets no new copies and no pushed jobs. */
export const CONGESTED_ABOVE_BYTES = 16 * MB;
/** With more than this outstanding the link is closed and begins anew. */
export const OVERFLOWING_ABOVE_BYTES = 64 * MB;

/** The records for one peer. */
export class Outbox<Table extends MessageTable> {
  readonly #codec: Codec<Table>;
  readonly #crc32: Crc32;
  #streamId: number;
  /** Of the last control record that the peer has confirmed. */
  #confirmed = 0;
  readonly #kept = new KeptRecords();
  readonly #scratch = new WireWriter();
  /** Undefined: no link. */
  #frames: FrameWriter | undefined;
  /** Of those kept, by their sequence numbers. */
  readonly #largestKept = new LargestRecord();

  /**
   * @param streamId 0 to 2^53 - 1, never used before towards this peer: of this process' start, or
   *   drawn by chance
   */
  constructor(codec: Codec<Table>, crc32: Crc32, streamId: number) {
    assert(Number.isSafeInteger(streamId) && streamId >= 0, "the stream id is a natural number");
    this.#codec = codec;
    this.#crc32 = crc32;
    this.#streamId = streamId;
  }

  /** Bytes held for the peer: unconfirmed, and waiting to be written. */
  get outstandingBytes(): number {
    return this.#kept.bytes + (this.#frames?.looseBytes ?? 0);
  }

  get isCongested(): boolean {
    return this.outstandingBytes > CONGESTED_ABOVE_BYTES;
  }

  /** The largest record does not count: a job above the limit must be able to travel alone. */
  get isOverflowing(): boolean {
    const { outstandingBytes } = this;
    if (outstandingBytes <= OVERFLOWING_ABOVE_BYTES) return false;
    const largestLooseBytes = this.#frames?.largestLooseBytes ?? 0;
    const largestBytes = Math.max(this.#largestKept.bytes, largestLooseBytes);
    return outstandingBytes - largestBytes > OVERFLOWING_ABOVE_BYTES;
  }

  /** Control records that the peer has not confirmed. */
  get unconfirmedRecords(): number {
    return this.#kept.count;
  }

  /** A link is there: control records that are kept come first. */
  linkUp(): void {
    const frames = new FrameWriter(this.#crc32, this.#streamId, this.#confirmed + 1);
    this.#kept.visit((buffer, start, end) => frames.addControl(buffer, start, end));
    this.#frames = frames;
  }

  /** The link is gone, and with it all that is not kept. */
  linkDown(): void {
    this.#frames = undefined;
  }

  /**
   * Forgets all, so that the peer must be told anew whatever matters; ends the link.
   * @param streamId another one than before: the peer then knows that records are missing
   */
  restart(streamId: number): void {
    assert(streamId !== this.#streamId, "a stream begins anew under another id");
    this.linkDown();
    this.#kept.clear();
    this.#largestKept.clear();
    this.#confirmed = 0;
    this.#streamId = streamId;
  }

  /** Queues a message. False: it is lost already, being no control record while there is no link. */
  send(message: MessageIn<Table>): boolean {
    const lane = this.#codec.laneOf(message);
    const frames = this.#frames;
    if (frames === undefined && lane !== "control") return false;
    const scratch = this.#scratch;
    scratch.reset();
    this.#codec.encode(scratch, message);
    const { buffer, length } = scratch;
    if (lane === "control") {
      this.#kept.add(buffer, 0, length);
      this.#largestKept.add(this.#confirmed + this.#kept.count, length);
      frames?.addControl(buffer, 0, length);
    } else if (lane === "urgent") {
      frames?.addUrgent(buffer, 0, length);
    } else {
      frames?.addBulk(buffer, 0, length);
    }
    return true;
  }

  /**
   * Frames to be written in this order: all that is urgent and about `bytesMax` in all.
   *
   * @param confirmed what the peer's inbox on our side confirms
   * @param isConfirmationDue a frame must go even if it holds nothing but that
   */
  take(confirmed: number, isConfirmationDue: boolean, bytesMax = HELPING_BYTES): Buffer[] {
    const frames = this.#frames;
    if (frames === undefined) return [];
    return frames.take(bytesMax, confirmed, isConfirmationDue);
  }

  /** The peer has everything up to this number. Throws a WireError if it was never given. */
  confirmed(sequence: number): void {
    const count = sequence - this.#confirmed;
    if (count <= 0) return;
    if (count > this.#kept.count) {
      throw new WireError(
        `${sequence} confirmed, sent up to ${this.#confirmed + this.#kept.count}`,
      );
    }
    this.#kept.release(count);
    this.#largestKept.release(sequence);
    this.#confirmed = sequence;
  }
}
