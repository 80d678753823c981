/**
 * How two simulated nodes make a connection a link: the bus' handshake without its secrets.
 *
 *   dialler: greeting -> accepter: greeting -> dialler: proof -> accepter: proof -> dialler: go
 *
 * Who may prove, and which of two connections of a pair survives, is decided by the bus' own pairing.
 */
import type { Pairing } from "../../../src/io/bus/pairing.ts";
import type { Socket, SocketUser } from "./connection.ts";

/** Who a process says it is. */
export interface Greeting {
  readonly nodeId: string;
  readonly incarnation: number;
  /** The process itself, for recognising a dial to oneself. */
  readonly process: object;
}

/** The process whose handshake it is. */
export interface HandshakeOwner {
  readonly greeting: Greeting;
  readonly pairing: Pairing<Handshake>;
  isOutdated(nodeId: string, incarnation: number): boolean;
  succeeded(handshake: Handshake, remote: Greeting): void;
  failed(handshake: Handshake, remoteId: string | undefined, isProven: boolean): void;
}

type Word = { readonly greeting: Greeting } | "proof" | "go" | "refused";

/** One side of one handshake. */
export class Handshake implements SocketUser {
  readonly socket: Socket;
  readonly isDialler: boolean;
  readonly #owner: HandshakeOwner;
  /** As it was when the connection was made. */
  readonly #greeting: Greeting;
  readonly #pairing: Pairing<Handshake>;
  #remote: Greeting | undefined;
  #isOver = false;

  constructor(owner: HandshakeOwner, socket: Socket, isDialler: boolean) {
    this.#owner = owner;
    this.#greeting = owner.greeting;
    this.#pairing = owner.pairing;
    this.socket = socket;
    this.isDialler = isDialler;
    socket.user = this;
    if (isDialler) this.#say({ greeting: this.#greeting });
  }

  received(item: unknown): void {
    if (this.#isOver) return;
    const word = item as Word;
    if (typeof word === "object") this.#greeted(word.greeting);
    else if (word === "proof") this.#proven();
    else if (word === "go") this.#succeed();
    else this.#fail(false);
  }

  closed(): void {
    if (!this.#isOver) this.#fail(false);
  }

  drained(): void {}

  /** Ends it with a word to the other side. */
  giveUp(): void {
    if (!this.#isOver) this.#refuse(false);
  }

  #greeted(remote: Greeting): void {
    this.#remote = remote;
    if (!this.isDialler) this.#say({ greeting: this.#greeting });
    if (remote.nodeId === this.#greeting.nodeId) {
      this.#refuse(remote.process === this.#greeting.process);
    } else if (this.isDialler) {
      if (this.#pairing.claimDialled(remote.nodeId, this)) this.#say("proof");
      else this.#refuse(false);
    }
  }

  #proven(): void {
    const { nodeId, incarnation } = this.#remote as Greeting;
    if (this.#owner.isOutdated(nodeId, incarnation)) {
      this.#refuse(true);
    } else if (this.isDialler) {
      this.#say("go");
      this.#succeed();
    } else {
      const claimed = this.#pairing.claimAccepted(nodeId, this);
      if (!claimed.isAccepted) {
        this.#refuse(true);
        return;
      }
      claimed.loser?.giveUp();
      this.#say("proof");
    }
  }

  #succeed(): void {
    this.#end();
    this.#owner.succeeded(this, this.#remote as Greeting);
  }

  #refuse(isProven: boolean): void {
    this.#say("refused");
    this.#fail(isProven);
  }

  #fail(isProven: boolean): void {
    this.#end();
    this.socket.leave();
    this.#owner.failed(this, this.#remote?.nodeId, isProven);
  }

  #end(): void {
    this.#isOver = true;
    if (this.#remote !== undefined) this.#pairing.unclaim(this.#remote.nodeId, this);
  }

  #say(word: Word): void {
    this.socket.write(word);
  }
}
