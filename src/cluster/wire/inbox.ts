/**
 * Which control records of one peer have been here: handed up once each, in order, whatever
 * happens to the connection.
 *
 * The peer numbers them within a stream, and says with the first frame of every link which stream
 * that is and where it goes on. It begins a new stream when it can't know the old numbers any more:
 * after a restart, or having forgotten us. Lives as long as we know the peer.
 */
import { WireError } from "./wire-error.ts";

/**
 * Records and bytes after which they are confirmed even if there is nothing else to send. Fewer are
 * confirmed by whatever goes next, a heartbeat at the latest.
 */
const CONFIRM_RECORDS = 128;
const CONFIRM_BYTES = 64 * 1024;

/** Remembers how far a peer's stream has been read. */
export class Inbox {
  #streamId: number | undefined;
  #seen = 0;
  /** The peer has said on this link which stream it sends. */
  #isOpened = false;
  #newRecords = 0;
  #newBytes = 0;

  /** What may be confirmed on this link; 0: nothing yet. */
  get confirmed(): number {
    return this.#isOpened ? this.#seen : 0;
  }

  /** So much is unconfirmed that it should not wait until there is something else to send. */
  get isConfirmationDue(): boolean {
    return this.#newRecords >= CONFIRM_RECORDS || this.#newBytes >= CONFIRM_BYTES;
  }

  /** A new link begins; until `opened` nothing that is known of the stream counts on it. */
  linkUp(): void {
    this.#isOpened = false;
  }

  /**
   * The peer's first frame. Returns whether the stream is a new one: the peer has lost what it
   * knew, or this is the first link. Throws a WireError when records are missing in between.
   */
  opened(streamId: number, firstSequence: number): boolean {
    const isNew = streamId !== this.#streamId;
    if (isNew) {
      this.#streamId = streamId;
      this.#seen = Math.max(0, firstSequence - 1);
    } else if (firstSequence > this.#seen + 1) {
      throw new WireError(`stream goes on at ${firstSequence}, seen up to ${this.#seen}`);
    }
    this.#isOpened = true;
    return isNew;
  }

  /**
   * Whether the control record with this number is new; it counts as seen from now on. Throws a
   * WireError when one before it is missing.
   */
  accept(sequence: number, recordBytes: number): boolean {
    this.#newRecords++;
    this.#newBytes += recordBytes;
    if (sequence <= this.#seen) return false;
    if (sequence !== this.#seen + 1) {
      throw new WireError(`control record ${sequence} after ${this.#seen}`);
    }
    this.#seen = sequence;
    return true;
  }

  /** `confirmed` has been put into a frame. */
  confirmationSent(): void {
    this.#newRecords = 0;
    this.#newBytes = 0;
  }
}
