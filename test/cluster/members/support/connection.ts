/**
 * One connection of the simulated network: two ends, each a pipe to the other.
 *
 * Like TCP: what is sent arrives in order or not at all, closing comes after what was sent before, and
 * a blocked direction holds everything back until it is free again. Messages travel as bytes, so that
 * whatever membership says is also shown to fit the message table.
 */

import type { PeerLink } from "../../../../src/cluster/members/links.ts";
import {
  busMessages,
  isMembershipMessage,
  type Message,
} from "../../../../src/cluster/messages.ts";
import { Codec } from "../../../../src/cluster/wire/codec.ts";
import { WireReader } from "../../../../src/cluster/wire/wire-reader.ts";
import { WireWriter } from "../../../../src/cluster/wire/wire-writer.ts";
import type { TestProcess } from "./process.ts";

const codec = new Codec(busMessages);
const CLOSE = "close";

/** One end, held by one process. */
export class End {
  readonly process: TestProcess;
  readonly link: PeerLink;
  /** Set right after both ends were made. */
  peer: End | undefined;
  /** Events are told to the process. */
  isOpen = true;
  readonly #pipe: (Buffer | typeof CLOSE)[] = [];

  constructor(process: TestProcess, link: PeerLink) {
    this.process = process;
    this.link = link;
  }

  send(message: Message): void {
    if (!this.isOpen) return;
    const writer = new WireWriter();
    codec.encode(writer, message);
    this.#push(Buffer.from(writer.buffer.subarray(0, writer.length)));
  }

  /** Ends the connection after what was sent; this side is told as well, as from a real bus. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#push(CLOSE);
    const { network } = this.process.node;
    network.after(0, () => this.process.linkDown(this.link));
  }

  /** The process is gone. What was on its way is lost; the other side only hears of it if `isHeard`. */
  break(isHeard: boolean): void {
    this.isOpen = false;
    this.#pipe.length = 0;
    if (isHeard) this.#push(CLOSE);
  }

  /** The oldest thing in the pipe arrives, unless the way is blocked. */
  deliver(): void {
    const { peer } = this;
    if (peer === undefined || this.#pipe.length === 0) return;
    const { network } = this.process.node;
    if (network.isBlocked(this.process.node, peer.process.node)) {
      network.held.add(this);
      return;
    }
    const [item] = this.#pipe.splice(0, 1);
    if (this.#pipe.length > 0) network.afterDelay(() => this.deliver());
    if (!peer.isOpen || item === undefined) return;
    if (item === CLOSE) {
      peer.isOpen = false;
      peer.process.linkDown(peer.link);
      return;
    }
    const message = codec.decode(new WireReader(item));
    if (message !== undefined && isMembershipMessage(message)) {
      peer.process.received(peer.link, message);
    }
  }

  #push(item: Buffer | typeof CLOSE): void {
    this.#pipe.push(item);
    if (this.#pipe.length === 1) this.process.node.network.afterDelay(() => this.deliver());
  }
}
