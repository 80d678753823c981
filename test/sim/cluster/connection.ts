/**
 * Connections between simulated processes, as TCP gives them: two sockets, a pipe each way.
 *
 * What is written arrives in order or not at all. A blocked way holds everything back until it is free
 * again, as retransmission does. A reset loses what is under way, and each side hears of it in its own
 * time, or never if the other machine is gone. What travels, handshakes or frames, is others' business.
 */
import type { Network } from "./network.ts";

const CLOSE = Symbol("close");

/** Who a socket belongs to; called in a turn of its process. */
export interface SocketUser {
  received(item: unknown): void;
  /** The other side or the network has ended it. */
  closed(): void;
  /** What was written has left: there is room for more. */
  drained(): void;
}

/** The process at one end. */
export interface SocketHome {
  readonly machine: { readonly number: number };
  readonly isAlive: boolean;
  /** Runs it in the process' next turn. */
  post(run: () => void): void;
}

/** One end of a connection. */
export class Socket {
  readonly home: SocketHome;
  user: SocketUser | undefined;
  /** Set right after both ends were made. */
  peer: Socket | undefined;
  isOpen = true;
  /** What was written last has not left yet. */
  isFull = false;
  readonly #network: Network;
  readonly #pipe: { item: unknown; atMs: number }[] = [];
  #lastAtMs = 0;

  constructor(network: Network, home: SocketHome) {
    this.#network = network;
    this.home = home;
  }

  get isBlocked(): boolean {
    return this.#network.isBlocked(this.home.machine.number, this.peer?.home.machine.number ?? -1);
  }

  write(item: unknown): void {
    if (!this.isOpen) return;
    this.#push(item);
    if (!this.#network.areLinksSlow && !this.isBlocked) return;
    this.isFull = true;
  }

  /** Ends it after what was written; this side hears nothing more. */
  leave(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#push(CLOSE);
  }

  /** Ends it at once: what has not arrived is lost. */
  destroy(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#pipe.length = 0;
    this.#push(CLOSE);
  }

  /** The machine has lost its power: nobody is told. */
  vanish(): void {
    this.isOpen = false;
    this.#pipe.length = 0;
  }

  /** The network ends it: what is under way this way is lost, and this side hears of it. */
  reset(): void {
    this.#pipe.length = 0;
    if (this.peer?.isOpen) this.#push(CLOSE);
  }

  /** The oldest thing in the pipe arrives, unless the way is blocked. */
  deliver(): void {
    const { peer } = this;
    const first = this.#pipe[0];
    if (peer === undefined || first === undefined) return;
    if (this.isBlocked) {
      this.#network.hold(this);
      return;
    }
    this.#pipe.shift();
    const next = this.#pipe[0];
    if (next !== undefined) this.#network.world.at(next.atMs, () => this.deliver());
    else if (this.isFull) this.#drain();
    if (!peer.isOpen || !peer.home.isAlive) {
      // Nobody is there any more: the machine says so, if it runs.
      if (first.item !== CLOSE && this.isOpen && this.#network.isUp(peer.home.machine.number)) {
        peer.#pipe.length = 0;
        peer.#push(CLOSE);
      }
      return;
    }
    peer.home.post(() => peer.#arrived(first.item));
  }

  #arrived(item: unknown): void {
    if (!this.isOpen) return;
    if (item !== CLOSE) {
      this.user?.received(item);
      return;
    }
    this.isOpen = false;
    this.user?.closed();
  }

  #drain(): void {
    this.isFull = false;
    if (!this.isOpen || !this.home.isAlive) return;
    this.home.post(() => this.isOpen && this.user?.drained());
  }

  #push(item: unknown): void {
    const { world } = this.#network;
    const delayMs = this.#network.delayMs(
      this.home.machine.number,
      this.peer?.home.machine.number ?? -1,
    );
    const atMs = Math.max(this.#lastAtMs, world.nowMs + delayMs);
    this.#lastAtMs = atMs;
    this.#pipe.push({ item, atMs });
    if (this.#pipe.length === 1) world.at(atMs, () => this.deliver());
  }
}
