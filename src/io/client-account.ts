/**
 * What one client's buffers take up: what it sent and has not run, what it was sent and has not read.
 *
 * It counts against the memory limit, and against what all clients together may take up, so whoever
 * keeps those sums is told of every change; and the client's whole share goes when its connection does.
 */
import type { ConnectionOwner } from "./connection-owner.ts";

/** One client's share. */
export class ClientAccount {
  readonly #owner: ConnectionOwner;
  #inputBytes = 0;
  #outputBytes = 0;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
  }

  /** It takes up so much now. May close clients, this one too. */
  set(inputBytes: number, outputBytes: number): void {
    const moreInputBytes = inputBytes - this.#inputBytes;
    const moreOutputBytes = outputBytes - this.#outputBytes;
    this.#inputBytes = inputBytes;
    this.#outputBytes = outputBytes;
    this.#owner.server.broker.bufferBytes += moreInputBytes + moreOutputBytes;
    if (moreInputBytes !== 0) this.#owner.noteInput(moreInputBytes);
    if (moreOutputBytes !== 0) this.#owner.noteOutput(moreOutputBytes);
  }
}
