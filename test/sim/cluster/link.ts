/**
 * The link between two simulated processes: a socket, and the stream of messages over it.
 *
 * As in src/io/bus/bus-link.ts, messages wait for the end of the turn, are written in helpings, and a
 * link that ends says so once.
 */
import type { PeerLink } from "../../../src/cluster/members/links.ts";
import type { Message } from "../../../src/cluster/messages.ts";
import type { Socket, SocketUser } from "./connection.ts";
import type { PeerStream } from "./streams.ts";

/** What a link needs of its bus. */
export interface LinkOwner {
  noteDirty(link: SimLink): void;
  overflowed(link: SimLink): void;
  ended(link: SimLink): void;
}

/** A connection over which messages travel. */
export class SimLink implements SocketUser {
  readonly facts: PeerLink;
  readonly #owner: LinkOwner;
  readonly #socket: Socket;
  readonly #stream: PeerStream;
  #isDirty = false;
  #isOver = false;

  constructor(owner: LinkOwner, socket: Socket, stream: PeerStream, facts: PeerLink) {
    this.#owner = owner;
    this.#socket = socket;
    this.#stream = stream;
    this.facts = facts;
  }

  /** Messages flow from now on. */
  start(): void {
    if (this.#isOver) return;
    this.#socket.user = this;
    this.#stream.linkUp();
    this.#noteDirty();
  }

  send(message: Message): boolean {
    if (this.#isOver || this.#stream.isOverflowing) return false;
    this.#noteDirty();
    return this.#stream.send(message);
  }

  received(item: unknown): void {
    if (this.#isOver) return;
    // The other side has ended the handshake, which was over here.
    if (item === "refused") {
      this.close();
      return;
    }
    const error = this.#stream.push(item);
    if (error !== undefined) throw new Error(`the stream is damaged: ${error}`);
    this.#noteDirty();
  }

  closed(): void {
    this.close();
  }

  drained(): void {
    this.#noteDirty();
  }

  /** The end of a turn. */
  flush(): void {
    this.#isDirty = false;
    if (this.#isOver) return;
    if (this.#stream.isOverflowing) this.#owner.overflowed(this);
    else this.#pump();
  }

  /** Ends it at once. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream.linkDown();
    this.#socket.destroy();
    this.#owner.ended(this);
  }

  /** Ends it after what was said, as far as the connection takes that. */
  part(): void {
    if (this.#isOver) return;
    this.#pump();
    this.#isOver = true;
    this.#stream.linkDown();
    this.#socket.leave();
    this.#owner.ended(this);
  }

  #noteDirty(): void {
    if (this.#isDirty || this.#isOver) return;
    this.#isDirty = true;
    this.#owner.noteDirty(this);
  }

  #pump(): void {
    while (!this.#socket.isFull) {
      const packet = this.#stream.take();
      if (packet === undefined) return;
      this.#socket.write(packet);
    }
  }
}
