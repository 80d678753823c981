/**
 * What is said to each peer at the end of a turn: one packer a peer, one message a packer.
 *
 * Whoever has something to say about a job names the peer and adds it; what becomes too large for one
 * message goes at once. Nothing is made anew in a turn, and a turn without news costs one comparison.
 */
import { LIST_BYTES_MAX } from "../../job-messages.ts";
import type { ItemPacker } from "./packed-items.ts";

/** A message is sent above this; one more item fits in any case. */
const BYTES_MAX = LIST_BYTES_MAX / 4;

/** Packers by node index. */
export class PerPeer<Packer extends ItemPacker> {
  readonly #make: () => Packer;
  readonly #send: (node: number, items: Buffer) => void;
  readonly #packers: (Packer | undefined)[] = [];
  #isEmpty = true;

  constructor(make: () => Packer, send: (node: number, items: Buffer) => void) {
    this.#make = make;
    this.#send = send;
  }

  /** Nothing was added since the last `say`. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** What an item for the node is to be added to. */
  to(node: number): Packer {
    this.#isEmpty = false;
    let packer = this.#packers[node];
    if (packer === undefined) {
      packer = this.#make();
      this.#packers[node] = packer;
    } else if (packer.bytes > BYTES_MAX) this.#send(node, packer.take());
    return packer;
  }

  /** Sends everything that was added. */
  say(): void {
    if (this.#isEmpty) return;
    this.#isEmpty = true;
    for (let node = 0; node < this.#packers.length; node++) {
      const packer = this.#packers[node];
      if (packer !== undefined && packer.count > 0) this.#send(node, packer.take());
    }
  }

  /** Nothing is said to this node. */
  forget(node: number): void {
    this.#packers[node] = undefined;
  }

  /** Nothing is said to anybody. */
  clear(): void {
    this.#packers.length = 0;
    this.#isEmpty = true;
  }
}
