/**
 * What the bus remembers of each peer beyond the end of a link: the channel, with the control
 * messages that the peer has not confirmed.
 *
 * Peers are remembered until the node says that they are gone. There may only be so many; the one
 * that has been known longest and has no link is forgotten for a new one.
 */
import { crc32 } from "node:zlib";
import { Channel } from "../../cluster/wire/channel.ts";
import type { Codec, MessageIn, MessageTable } from "../../cluster/wire/codec.ts";
import type { BusLink } from "./bus-link.ts";

/** Far more than a cluster has nodes. */
export const PEERS_MAX = 1024;
/** Stream ids are as large as six random bytes. */
const STREAM_ID_BYTES = 6;

/** What peers need of their bus. */
export interface PeersOwner<Table extends MessageTable> {
  readonly codec: Codec<Table>;
  randomBytes(length: number): Buffer;
  opened(link: BusLink<Table>, isNewStream: boolean): void;
  received(link: BusLink<Table>, message: MessageIn<Table>): void;
}

/** A node that there is or was a link with. */
export interface BusPeer<Table extends MessageTable> {
  readonly channel: Channel<Table>;
  link: BusLink<Table> | undefined;
  /** The latest one that has proven itself. */
  incarnation: number;
}

/** Peers by id. */
export class BusPeers<Table extends MessageTable> {
  readonly #owner: PeersOwner<Table>;
  readonly #peers = new Map<string, BusPeer<Table>>();

  constructor(owner: PeersOwner<Table>) {
    this.#owner = owner;
  }

  get count(): number {
    return this.#peers.size;
  }

  /** The peer, if it is known. */
  find(id: string): BusPeer<Table> | undefined {
    return this.#peers.get(id);
  }

  /** The peer, known from now on. */
  know(id: string): BusPeer<Table> {
    const known = this.#peers.get(id);
    if (known !== undefined) return known;
    const owner = this.#owner;
    const peer: BusPeer<Table> = {
      link: undefined,
      incarnation: 0,
      channel: new Channel(owner.codec, {
        crc32,
        streamId: this.#newStreamId(),
        receiver: {
          opened: (isNewStream) => {
            if (peer.link !== undefined) owner.opened(peer.link, isNewStream);
          },
          received: (message) => {
            if (peer.link !== undefined) owner.received(peer.link, message);
          },
        },
      }),
    };
    this.#peers.set(id, peer);
    if (this.#peers.size > PEERS_MAX) this.#forgetOne(id);
    return peer;
  }

  /** What was to be sent to it is dropped. Its link must have ended. */
  forget(id: string): void {
    this.#peers.delete(id);
  }

  /** Forgets everybody. */
  clear(): void {
    this.#peers.clear();
  }

  /** Drops what waits for a peer that takes nothing; the peer learns that something is missing. */
  restart(peer: BusPeer<Table>): void {
    peer.channel.restart(this.#newStreamId());
  }

  /** An id that no stream had before, but for a chance of one in 2^48. */
  #newStreamId(): number {
    return this.#owner.randomBytes(STREAM_ID_BYTES).readUIntBE(0, STREAM_ID_BYTES);
  }

  #forgetOne(exceptId: string): void {
    for (const [id, peer] of this.#peers) {
      if (id === exceptId || peer.link !== undefined) continue;
      this.#peers.delete(id);
      return;
    }
  }
}
